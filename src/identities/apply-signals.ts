// Applies the signals of providers, one after the other. Several processes may do this at the same time. Each
// step is safe to repeat: if a process stops, the lease ends and another process applies the signal again.

import type { Audit } from '../audit.ts'
import { type BackgroundWork, createBackgroundWork, emptyQueue } from '../background-work.ts'
import { type Clock, epochSeconds, secondsAfter } from '../clock.ts'
import type { UserId } from '../ids.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { Users } from '../users/user.ts'
import type { Identities, Identity } from './identity.ts'
import type { ProviderSignal, ProviderSignals } from './signals.ts'

const batchSize = 20
const leaseSeconds = 60

/** Each run applies signals until none is due. */
export const createSignalWork = (deps: {
  clock: Clock
  users: Users
  identities: Identities
  providerSignals: ProviderSignals
  endSessions: EndSessions
  audit: Audit
  /** Runs at the start of each run. */
  before?(): Promise<void>
  failed(cause: unknown): void
}): BackgroundWork => {
  const { clock, users, identities, providerSignals, endSessions } = deps

  const audit = (
    type: 'signal.applied' | 'signal.ignored' | 'user.no_login_method',
    userId: UserId | undefined,
    reason: string,
  ) => deps.audit({ type, actor: 'system', reason, ...(userId !== undefined && { userId }) })

  /** Whether the user signed in through the provider after the event. The connection is a new one then. */
  const isOutdated = ({ occurredAt }: ProviderSignal, { lastUsedAt }: Identity): boolean =>
    epochSeconds(lastUsedAt) > epochSeconds(occurredAt)

  const forget = async ({ provider, subject }: ProviderSignal, userId: UserId) => {
    const user = await users.find(userId)
    const linked = await identities.listOfUser(userId)
    await identities.forget(provider, subject)
    // The user is not deleted: an admin can set a password, and the user may still ask for the data.
    if (user !== undefined && user.passwordHash === undefined && linked.length <= 1)
      audit('user.no_login_method', userId, `${provider} was the last login method`)
  }

  const apply = async (signal: ProviderSignal) => {
    const { provider, subject, action } = signal
    const identity = await identities.find(provider, subject)
    if (identity === undefined)
      return audit('signal.ignored', undefined, `${provider}: ${action}, no account`)
    const { userId } = identity
    switch (action) {
      case 'end_connection':
        // Locks first, so that no sign-in in flight gets a session. Ends the sessions before the identity: a
        // retry needs the identity to find the user.
        await identities.lock(provider, subject, identity.lockedAt ?? signal.receivedAt)
        await endSessions.everythingOf(userId)
        if (isOutdated(signal, identity)) {
          await identities.lock(provider, subject, identity.lockedAt)
          return audit('signal.applied', userId, `${provider}: ${action}, connected again since`)
        }
        await forget(signal, userId)
        break
      case 'end_sessions':
        await endSessions.everythingOf(userId)
        break
      case 'disable':
        // Locks first, so that no new session starts after the others have ended.
        await identities.lock(provider, subject, signal.receivedAt)
        await endSessions.everythingOf(userId)
        break
      case 'enable':
        await identities.lock(provider, subject, undefined)
        break
    }
    audit('signal.applied', userId, `${provider}: ${action}`)
  }

  return createBackgroundWork(async (isStopping) => {
    if (isStopping()) return
    await deps.before?.()
    await emptyQueue({
      isStopping,
      failed: deps.failed,
      lease: () => {
        const now = clock.now()
        return providerSignals.lease(batchSize, now, secondsAfter(now, leaseSeconds))
      },
      handle: async (signal) => {
        await apply(signal)
        await providerSignals.done(signal.id, clock.now())
      },
    })
  })
}
