// Verifies the secret of a client, and throttles failures by client and network. oauth/ and first-party/ read
// the credentials and answer.
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { networkOf } from '../throttle/network.ts'
import { maxBudgetRecords, type Rate, retryAfterSeconds, type Throttle } from '../throttle/throttle.ts'
import { type Client, type Clients, isPublic, secretMatches } from './client.ts'

export type ClientVerification =
  | { outcome: 'verified'; client: Client }
  /** `retryAfterSeconds` is present after too many failures. */
  | { outcome: 'refused'; reason: string; retryAfterSeconds?: number }

/** Without a secret it verifies a public client only. */
export type VerifyClient = (
  credentials: { id: string; secret?: string },
  context: { ip: string; requestId: string },
) => Promise<ClientVerification>

/**
 * Only limits the load that a broken deployment causes, because a 256-bit secret cannot be guessed. A correct
 * secret never waits.
 */
const failureRate: Rate = { burst: 20, refillSeconds: 60 }

export const createVerifyClient =
  (deps: { clients: Clients; throttle: Throttle; clock: Clock; audit: Audit }): VerifyClient =>
  async ({ id, secret }, context) => {
    const now = deps.clock.now()
    const client = await deps.clients.find(id)
    if (client && isPublic(client) && secret === undefined) return { outcome: 'verified', client }
    if (client && secret !== undefined && secretMatches(client, secret, now))
      return { outcome: 'verified', client }

    const reason = client ? 'wrong or missing secret' : 'unknown client'
    const key = `client:${client?.id ?? 'unknown'}:${networkOf(context.ip)}`
    const taken = await deps.throttle.take(
      { budgets: [{ key, ...failureRate }], maxRecords: maxBudgetRecords },
      now,
    )
    deps.audit({
      type: taken.outcome === 'taken' ? 'client.authentication_failed' : 'client.throttled',
      actor: 'client',
      ...(client && { clientId: client.id }),
      ...context,
      reason,
    })
    return {
      outcome: 'refused',
      reason,
      ...(taken.outcome === 'refused' && { retryAfterSeconds: retryAfterSeconds(taken, now) }),
    }
  }
