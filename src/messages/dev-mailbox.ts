// The mails of a local issuer without a mail server. They are in the memory of this process, newest first.
import type { Deliver, Message } from '../mail/message.ts'

/** Older mails are dropped. */
const capacity = 50

export interface DevMailbox {
  deliver: Deliver
  /** Newest first. */
  list(): readonly Message[]
  find(id: string): Message | undefined
}

export const createDevMailbox = (): DevMailbox => {
  let kept: readonly Message[] = []
  return {
    deliver: async (message) => {
      kept = [message, ...kept.filter(({ id }) => id !== message.id)].slice(0, capacity)
    },
    list: () => kept,
    find: (id) => kept.find((message) => message.id === id),
  }
}
