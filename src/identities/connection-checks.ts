// Asks a provider about each connection that was not used for a day, in case a webhook was lost (E14 in
// docs/security.md). Only for providers that answer without a user's token.

import { type BackgroundWork, createBackgroundWork } from '../background-work.ts'
import { type Clock, secondsAfter } from '../clock.ts'
import { randomToken } from '../secrets.ts'
import type { Identities, Identity } from './identity.ts'
import type { ProviderSignals } from './signals.ts'

/** A port that login/upstream implements. */
export interface AskConnection {
  /**
   * Whether the provider still has a connection of this person to Dojang.
   * @throws if the provider cannot be reached or fails
   */
  isConnected(subject: string): Promise<boolean>
}

const batchSize = 20
const everySeconds = 86_400
/** The pause after a failure of a provider. The identities of the failed batch wait until the next day. */
const pauseSeconds = 3600

/** Each run checks one batch per provider. */
export const createConnectionChecks = (deps: {
  clock: Clock
  identities: Identities
  providerSignals: ProviderSignals
  /** By the provider's id. */
  providers: Readonly<Record<string, AskConnection>>
  failed(cause: unknown): void
}): BackgroundWork => {
  const { clock, identities, providerSignals } = deps
  const pausedUntil = new Map<string, Date>()

  /** The identities whose connection has ended. */
  const findEnded = async (
    provider: AskConnection,
    due: readonly Identity[],
    isStopping: () => boolean,
  ): Promise<Identity[]> => {
    const ended: Identity[] = []
    for (const identity of due) {
      if (isStopping()) break
      if (!(await provider.isConnected(identity.subject))) ended.push(identity)
    }
    // With a wrong key a provider may report that all connections ended. That must end no login method.
    if (ended.length > 3 && ended.length > due.length / 2)
      throw new Error(
        `The provider says that ${ended.length} of ${due.length} connections ended. Check the app's key.`,
      )
    return ended
  }

  const checkAll = async (isStopping: () => boolean) => {
    for (const [provider, askConnection] of Object.entries(deps.providers)) {
      if (isStopping()) return
      const now = clock.now()
      if (now < (pausedUntil.get(provider) ?? now)) continue
      const due = await identities.leaseForCheck(provider, secondsAfter(now, -everySeconds), now, batchSize)
      try {
        for (const { subject } of await findEnded(askConnection, due, isStopping))
          await providerSignals.enqueue({
            id: randomToken(),
            provider,
            subject,
            action: 'end_connection',
            occurredAt: now,
            receivedAt: now,
          })
      } catch (error) {
        deps.failed(error)
        pausedUntil.set(provider, secondsAfter(now, pauseSeconds))
      }
    }
  }

  return createBackgroundWork(checkAll)
}
