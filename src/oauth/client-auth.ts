// Client authentication at /token, /revoke and /introspect (RFC 6749 §2.3): client_secret_basic,
// client_secret_post or none.
import type { FastifyRequest } from 'fastify'
import type { Client } from '../clients/client.ts'
import type { VerifyClient } from '../clients/verify-client.ts'
import { readBasic } from '../http/basic-auth.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import { invalidClient, invalidRequest } from './errors.ts'
import type { Params } from './params.ts'

export type AuthenticateClient = (request: FastifyRequest, params: Params) => Promise<Client>

export const clientAuthMethods = ['client_secret_basic', 'client_secret_post', 'none'] as const

interface Credentials {
  id: string
  secret?: string
  basic: boolean
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
  return { ...basic, basic: true }
}

/** @throws {OAuthError} invalid_client, invalid_request */
export const createAuthenticateClient =
  (verifyClient: VerifyClient): AuthenticateClient =>
  async (request, params) => {
    const { basic: challenge, ...credentials } = readCredentials(request, params)
    const verified = await verifyClient(credentials, auditContext(requestContext(request)))
    if (verified.outcome === 'verified') return verified.client
    const { reason, retryAfterSeconds } = verified
    if (retryAfterSeconds === undefined) throw invalidClient(reason, { challenge })
    throw invalidClient(`${reason}, after too many failures`, { challenge, retryAfterSeconds })
  }
