// Tells this process that records have changed, also by another process. A cache of records subscribes.

/** The records that a process may keep in memory. */
export const topics = ['apis', 'clients', 'keys'] as const
export type Topic = (typeof topics)[number]

/** A server hears of each change within this time, usually within a fifth of a second. */
export const heardWithinSeconds = 5

export interface Changes {
  /**
   * Calls `listener` after a commit that changed a record of the topic. Subscribe before the first read, so
   * that no change is missed. A listener that fails is called again. One may be called without a change.
   */
  subscribe(topic: Topic, listener: () => void | Promise<void>): void
}

export interface Announcer extends Changes {
  /** Calls the listeners of the topic. @throws the error of a listener, after all of them ran */
  announce(topic: Topic): Promise<void>
}

export const createAnnouncer = (): Announcer => {
  const listeners = new Map<Topic, (() => void | Promise<void>)[]>()
  return {
    subscribe: (topic, listener) => void listeners.set(topic, [...(listeners.get(topic) ?? []), listener]),
    announce: async (topic) => {
      const calls = (listeners.get(topic) ?? []).map(async (listener) => listener())
      for (const result of await Promise.allSettled(calls))
        if (result.status === 'rejected') throw result.reason
    },
  }
}
