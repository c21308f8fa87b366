// Tells providers that an account here is gone, until they have heard it. A provider that is down is asked again, ever
// more slowly, for a week.

import type { Audit } from '../audit.ts'
import { type BackgroundWork, createBackgroundWork } from '../background-work.ts'
import { type Clock, secondsAfter } from '../clock.ts'
import type { DisconnectRequest, DisconnectRequests } from './disconnect-requests.ts'
import type { Identities } from './identity.ts'

/** login/upstream; a port here, since talking to providers is not the core's business. */
export interface Disconnect {
  /**
   * Safe to repeat; a connection that is not there is 'ended'. 'impossible': we hold nothing to end it with.
   * @throws if the provider cannot be reached or fails
   */
  endConnection(connection: { subject: string; encryptedToken?: string }): Promise<'ended' | 'impossible'>
}

const batchSize = 10
/** Longer than a call to a provider takes. */
const leaseSeconds = 120
const firstDelaySeconds = 30
const longestDelaySeconds = 6 * 3600
const giveUpAfterSeconds = 7 * 86_400

/** Until nothing is due. */
export const createDisconnectRequestWork = (deps: {
  clock: Clock
  identities: Pick<Identities, 'find'>
  disconnectRequests: DisconnectRequests
  /** By the provider's name; only those that are configured. */
  providers: Readonly<Record<string, Disconnect>>
  audit: Audit
  failed(cause: unknown): void
}): BackgroundWork => {
  const { clock, identities, disconnectRequests, providers, failed } = deps

  const audit = (type: 'disconnect_request.sent' | 'disconnect_request.abandoned', reason: string) =>
    deps.audit({ type, actor: 'system', reason })

  const say = async ({ provider, subject, encryptedToken }: DisconnectRequest) => {
    // They came back meanwhile: the connection is wanted again.
    if ((await identities.find(provider, subject)) !== undefined) return 'unwanted'
    const door = Object.hasOwn(providers, provider) ? providers[provider] : undefined
    if (door === undefined) return 'impossible'
    return door.endConnection({ subject, ...(encryptedToken !== undefined && { encryptedToken }) })
  }

  const tryOnce = async (request: DisconnectRequest) => {
    const { provider, subject, attempts, requestedAt } = request
    try {
      const said = await say(request)
      await disconnectRequests.done(provider, subject)
      if (said === 'ended') audit('disconnect_request.sent', provider)
      if (said === 'impossible')
        audit('disconnect_request.abandoned', `${provider}: nothing to end the connection with`)
    } catch (error) {
      failed(error)
      const now = clock.now()
      if (now >= secondsAfter(requestedAt, giveUpAfterSeconds)) {
        await disconnectRequests.done(provider, subject)
        return audit('disconnect_request.abandoned', `${provider}: failed for a week`)
      }
      const delay = Math.min(longestDelaySeconds, firstDelaySeconds * 2 ** Math.min(attempts - 1, 20))
      await disconnectRequests.postpone(provider, subject, secondsAfter(now, delay))
    }
  }

  const workOff = async (isStopping: () => boolean) => {
    while (!isStopping()) {
      const now = clock.now()
      const requests = await disconnectRequests.lease(batchSize, now, secondsAfter(now, leaseSeconds))
      if (requests.length === 0) return
      for (const request of requests) {
        if (isStopping()) return
        try {
          await tryOnce(request)
        } catch (error) {
          // The store fails: its lease ends, and it comes again.
          failed(error)
        }
      }
    }
  }

  return createBackgroundWork(workOff)
}
