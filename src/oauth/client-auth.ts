// Client authentication at /token, /revoke and /introspect (RFC 6749 §2.3): client_secret_basic,
// client_secret_post or none.
import type { FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import { type Client, type Clients, isPublic, secretMatches } from '../clients/client.ts'
import type { Clock } from '../clock.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import { type LoginAttempts, retryAfterSeconds, type ThrottlePolicy } from '../throttle/login-attempts.ts'
import { networkOf } from '../throttle/network.ts'
import { invalidClient, invalidRequest } from './errors.ts'
import type { Params } from './params.ts'

export type AuthenticateClient = (request: FastifyRequest, params: Params) => Promise<Client>

export const clientAuthMethods = ['client_secret_basic', 'client_secret_post', 'none'] as const

interface Credentials {
  id: string
  secret?: string
  basic: boolean
}

/**
 * Only limits the load that a broken deployment causes, because a 256-bit secret cannot be guessed. A correct
 * secret never waits.
 */
const failurePolicy: ThrottlePolicy = {
  free: 20,
  baseDelaySeconds: 1,
  maxDelaySeconds: 60,
  forgetAfterSeconds: 3600,
}

/** Client id and secret are form-encoded before Basic joins them (RFC 6749 §2.3.1). */
const formDecode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

const readBasic = (header: string): Credentials | undefined => {
  const encoded = /^basic ([A-Za-z0-9+/]+=*)$/i.exec(header)?.[1]
  if (encoded === undefined) return undefined
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  const cut = decoded.indexOf(':')
  if (cut < 0) return undefined
  const id = formDecode(decoded.slice(0, cut))
  const secret = formDecode(decoded.slice(cut + 1))
  return id && secret !== undefined && !id.includes('\0') ? { id, secret, basic: true } : undefined
}

const readCredentials = (request: FastifyRequest, params: Params): Credentials => {
  const header = request.headers.authorization
  const id = params.get('client_id')
  const secret = params.get('client_secret')
  if (header === undefined) {
    if (id === undefined) throw invalidClient('client_id is missing', { challenge: false })
    return { id, ...(secret !== undefined && { secret }), basic: false }
  }
  if (secret !== undefined) throw invalidRequest('Use only one client authentication method.')
  const basic = readBasic(header)
  if (basic === undefined) throw invalidClient('malformed Authorization header', { challenge: true })
  if (id !== undefined && id !== basic.id)
    throw invalidRequest('The client_id differs from the one in the Authorization header.')
  return basic
}

/**
 * Throttles failures by client and network.
 * @throws {OAuthError} invalid_client, invalid_request
 */
export const createAuthenticateClient =
  (deps: {
    clients: Clients
    loginAttempts: LoginAttempts
    clock: Clock
    audit: Audit
  }): AuthenticateClient =>
  async (request, params) => {
    const { id, secret, basic } = readCredentials(request, params)
    const now = deps.clock.now()
    const client = await deps.clients.find(id)
    if (client && isPublic(client) && secret === undefined) return client
    if (client && secret !== undefined && secretMatches(client, secret, now)) return client

    const context = requestContext(request)
    const reason = client ? 'wrong or missing secret' : 'unknown client'
    const auditFacts = {
      actor: 'client' as const,
      ...(client && { clientId: client.id }),
      ...auditContext(context),
      reason,
    }
    const attempt = await deps.loginAttempts.attempt(
      `client:${client?.id ?? 'unknown'}:${networkOf(context.ip)}`,
      failurePolicy,
      now,
    )
    if (attempt.allowed) {
      deps.audit({ type: 'client.authentication_failed', ...auditFacts })
      throw invalidClient(reason, { challenge: basic })
    }
    deps.audit({ type: 'client.throttled', ...auditFacts })
    throw invalidClient(`${reason}, after too many failures`, {
      challenge: basic,
      retryAfterSeconds: retryAfterSeconds(attempt, now),
    })
  }
