// Asks a provider once a day about each connection that was not used meanwhile: a webhook that got lost is made up for
// (E14). Only for providers that can be asked without the person.

import { type Clock, secondsAfter } from '../clock.ts'
import { randomToken } from '../secrets.ts'
import type { Identities } from './identity.ts'
import type { ProviderSignals } from './provider-signal.ts'

/** login/upstream; a port here, since talking to providers is not the core's business. */
export interface ConnectionAsking {
  /** @throws if the provider cannot be reached or fails */
  isConnected(subject: string): Promise<boolean>
}

const batchSize = 20
const everySeconds = 86_400
/** How long a provider is left alone that failed to answer; its batch waits for the next day. */
const pauseSeconds = 3600

export interface ConnectionChecks {
  /** One batch. Only one runs in a process. */
  tick(): Promise<void>
  /** Ends after the connection at hand. */
  stop(): Promise<void>
}

export const connectionChecks = (deps: {
  clock: Clock
  identities: Identities
  providerSignals: ProviderSignals
  /** By the provider's name; only those that can be asked. */
  providers: Readonly<Record<string, ConnectionAsking>>
  failed(cause: unknown): void
}): ConnectionChecks => {
  const { clock, identities, providerSignals } = deps
  const pausedUntil = new Map<string, Date>()
  let stopping = false
  let running: Promise<void> | undefined

  const check = async (provider: string, door: ConnectionAsking, subject: string) => {
    if (await door.isConnected(subject)) return
    const now = clock.now()
    await providerSignals.enqueue({
      ...{ id: randomToken(), provider, subject, action: 'end_connection' },
      ...{ occurredAt: now, receivedAt: now },
    })
  }

  const checkAll = async () => {
    for (const [provider, door] of Object.entries(deps.providers)) {
      const now = clock.now()
      if (now < (pausedUntil.get(provider) ?? now)) continue
      const due = await identities.claimForCheck(provider, secondsAfter(now, -everySeconds), now, batchSize)
      for (const { subject } of due) {
        if (stopping) return
        try {
          await check(provider, door, subject)
        } catch (error) {
          deps.failed(error)
          pausedUntil.set(provider, secondsAfter(now, pauseSeconds))
          break
        }
      }
    }
  }

  return {
    tick: () => {
      running ??= checkAll().finally(() => {
        running = undefined
      })
      return running
    },
    stop: async () => {
      stopping = true
      await running?.catch(() => {})
    },
  }
}
