// Works off what providers told us, one signal after the other, in as many processes as there are. Each step is safe to
// repeat: a worker that dies leaves a lease that ends, and another begins anew.

import type { Audit } from '../audit.ts'
import { type BackgroundWork, createBackgroundWork } from '../background-work.ts'
import { type Clock, epochSeconds, secondsAfter } from '../clock.ts'
import type { UserId } from '../ids.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { Users } from '../users/user.ts'
import type { Identities, Identity } from './identity.ts'
import type { ProviderSignal, ProviderSignals } from './signals.ts'

const batchSize = 20
const leaseSeconds = 60

/** Until nothing is due. One that fails stays in the queue and does not keep the others. */
export const createSignalWork = (deps: {
  clock: Clock
  users: Users
  identities: Identities
  providerSignals: ProviderSignals
  endSessions: EndSessions
  audit: Audit
  /** Comes first in every tick. */
  before?(): Promise<void>
  failed(cause: unknown): void
}): BackgroundWork => {
  const { clock, users, identities, providerSignals, endSessions } = deps

  const audit = (
    type: 'signal.applied' | 'signal.ignored' | 'user.no_login_method',
    userId: UserId | undefined,
    reason: string,
  ) => deps.audit({ type, actor: 'system', reason, ...(userId !== undefined && { userId }) })

  /** The person came back through the provider after it happened, so the connection of today is another one. */
  const isOutdated = ({ occurredAt }: ProviderSignal, { lastUsedAt }: Identity): boolean =>
    epochSeconds(lastUsedAt) > epochSeconds(occurredAt)

  const forget = async ({ provider, subject }: ProviderSignal, userId: UserId) => {
    const user = await users.find(userId)
    const ways = await identities.listOfUser(userId)
    await identities.forget(provider, subject)
    // Not deleted: an admin can give the account a password, and its data is the person's to ask for.
    if (user !== undefined && user.passwordHash === undefined && ways.length <= 1)
      audit('user.no_login_method', userId, `${provider} was the last way in`)
  }

  const apply = async (signal: ProviderSignal) => {
    const { provider, subject, action } = signal
    const identity = await identities.find(provider, subject)
    if (identity === undefined)
      return audit('signal.ignored', undefined, `${provider}: ${action}, no account`)
    const { userId } = identity
    switch (action) {
      case 'end_connection':
        // The identity goes last: while it is there, a worker that comes after a failure knows whose sessions to end.
        await endSessions.everythingOf(userId)
        if (isOutdated(signal, identity))
          return audit('signal.applied', userId, `${provider}: ${action}, connected again since`)
        await forget(signal, userId)
        break
      case 'end_sessions':
        await endSessions.everythingOf(userId)
        break
      case 'disable':
        // Locked first, so that nothing begins between the ending and the lock.
        await identities.lock(provider, subject, signal.receivedAt)
        await endSessions.everythingOf(userId)
        break
      case 'enable':
        await identities.lock(provider, subject, undefined)
        break
    }
    audit('signal.applied', userId, `${provider}: ${action}`)
  }

  const workOff = async (isStopping: () => boolean) => {
    if (isStopping()) return
    await deps.before?.()
    while (!isStopping()) {
      const now = clock.now()
      const signals = await providerSignals.lease(batchSize, now, secondsAfter(now, leaseSeconds))
      if (signals.length === 0) return
      for (const signal of signals) {
        if (isStopping()) return
        try {
          await apply(signal)
          await providerSignals.done(signal.id, clock.now())
        } catch (error) {
          deps.failed(error)
        }
      }
    }
  }

  return createBackgroundWork(workOff)
}
