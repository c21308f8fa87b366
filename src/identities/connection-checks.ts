// Asks a provider once a day about each connection that was not used meanwhile: a webhook that got lost is made up for
// (E14). Only for providers that can be asked without the person.

import { type BackgroundWork, createBackgroundWork } from '../background-work.ts'
import { type Clock, secondsAfter } from '../clock.ts'
import { randomToken } from '../secrets.ts'
import type { Identities, Identity } from './identity.ts'
import type { ProviderSignals } from './signals.ts'

/** login/upstream; a port here, since talking to providers is not the core's business. */
export interface AskConnection {
  /** @throws if the provider cannot be reached or fails */
  isConnected(subject: string): Promise<boolean>
}

const batchSize = 20
const everySeconds = 86_400
/** How long a provider is left alone that failed to answer; its batch waits for the next day. */
const pauseSeconds = 3600

/** One batch. */
export const createConnectionChecks = (deps: {
  clock: Clock
  identities: Identities
  providerSignals: ProviderSignals
  /** By the provider's name; only those that can be asked. */
  providers: Readonly<Record<string, AskConnection>>
  failed(cause: unknown): void
}): BackgroundWork => {
  const { clock, identities, providerSignals } = deps
  const pausedUntil = new Map<string, Date>()
  /** Those that the provider knows no more. */
  const gone = async (
    door: AskConnection,
    due: readonly Identity[],
    isStopping: () => boolean,
  ): Promise<Identity[]> => {
    const found: Identity[] = []
    for (const identity of due) {
      if (isStopping()) break
      if (!(await door.isConnected(identity.subject))) found.push(identity)
    }
    // A provider that suddenly knows nobody was asked with the wrong key: that must not cost everybody their way in.
    if (found.length > 3 && found.length > due.length / 2)
      throw new Error(`It knows ${found.length} of ${due.length} no more, which is too many to believe.`)
    return found
  }

  const checkAll = async (isStopping: () => boolean) => {
    for (const [provider, door] of Object.entries(deps.providers)) {
      if (isStopping()) return
      const now = clock.now()
      if (now < (pausedUntil.get(provider) ?? now)) continue
      const due = await identities.leaseForCheck(provider, secondsAfter(now, -everySeconds), now, batchSize)
      try {
        for (const { subject } of await gone(door, due, isStopping))
          await providerSignals.enqueue({
            ...{ id: randomToken(), provider, subject, action: 'end_connection' },
            ...{ occurredAt: now, receivedAt: now },
          })
      } catch (error) {
        deps.failed(error)
        pausedUntil.set(provider, secondsAfter(now, pauseSeconds))
      }
    }
  }

  return createBackgroundWork(checkAll)
}
