// Sends disconnect requests to providers. After a failure it tries again with growing delays, for a week.

import type { Audit } from '../audit.ts'
import { type BackgroundWork, createBackgroundWork, emptyQueue } from '../background-work.ts'
import { type Clock, secondsAfter } from '../clock.ts'
import type { DisconnectRequest, DisconnectRequests } from './disconnect-requests.ts'
import type { Identities } from './identity.ts'

/** A port that login/upstream implements. */
export interface Disconnect {
  /**
   * Ends the connection at the provider. Safe to repeat: a connection that does not exist is 'ended'.
   * 'impossible': Dojang does not have the key or token that the provider needs.
   * @throws if the provider cannot be reached or fails
   */
  endConnection(connection: { subject: string; encryptedToken?: string }): Promise<'ended' | 'impossible'>
}

const batchSize = 10
/** Longer than a request to a provider takes. */
const leaseSeconds = 120
const firstDelaySeconds = 30
const longestDelaySeconds = 6 * 3600
const abandonAfterSeconds = 7 * 86_400

/** Each run sends requests until none is due. */
export const createDisconnectRequestWork = (deps: {
  clock: Clock
  identities: Pick<Identities, 'find'>
  disconnectRequests: DisconnectRequests
  /** By the provider's id. Only providers in the configuration. */
  providers: Readonly<Record<string, Disconnect>>
  audit: Audit
  failed(cause: unknown): void
}): BackgroundWork => {
  const { clock, identities, disconnectRequests, providers, failed } = deps

  const audit = (type: 'disconnect_request.sent' | 'disconnect_request.abandoned', reason: string) =>
    deps.audit({ type, actor: 'system', reason })

  const send = async ({
    provider,
    subject,
    encryptedToken,
  }: DisconnectRequest): Promise<'ended' | 'impossible' | 'not_needed'> => {
    // The user connected again after the request, so the connection must stay.
    if ((await identities.find(provider, subject)) !== undefined) return 'not_needed'
    const disconnect = Object.hasOwn(providers, provider) ? providers[provider] : undefined
    if (disconnect === undefined) return 'impossible'
    return disconnect.endConnection({ subject, ...(encryptedToken !== undefined && { encryptedToken }) })
  }

  const retryLater = async ({ provider, subject, attempts, requestedAt }: DisconnectRequest) => {
    const now = clock.now()
    if (now >= secondsAfter(requestedAt, abandonAfterSeconds)) {
      await disconnectRequests.done(provider, subject)
      return audit('disconnect_request.abandoned', `${provider}: failed for a week`)
    }
    const delay = Math.min(longestDelaySeconds, firstDelaySeconds * 2 ** Math.min(attempts - 1, 20))
    await disconnectRequests.postpone(provider, subject, secondsAfter(now, delay))
  }

  const handle = async (request: DisconnectRequest) => {
    const { provider, subject } = request
    try {
      const result = await send(request)
      await disconnectRequests.done(provider, subject)
      if (result === 'ended') audit('disconnect_request.sent', provider)
      if (result === 'impossible')
        audit('disconnect_request.abandoned', `${provider}: no key or token to end the connection`)
    } catch (error) {
      failed(error)
      await retryLater(request)
    }
  }

  return createBackgroundWork((isStopping) =>
    emptyQueue({
      isStopping,
      failed,
      handle,
      lease: () => {
        const now = clock.now()
        return disconnectRequests.lease(batchSize, now, secondsAfter(now, leaseSeconds))
      },
    }),
  )
}
