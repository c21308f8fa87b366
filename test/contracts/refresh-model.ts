// What refreshing promises, said without generations, tags or stores: a family is the list of tokens it ever gave out.
import { earlier, secondsAfter } from '../../src/clock.ts'

export type Policy = { rotates: true; graceSeconds: number } | { rotates: false }

export interface ModelFamily {
  policy: Policy
  /** Every one it ever gave out, oldest first (C8). Undefined: the answer that held it was lost. */
  tokens: (string | undefined)[]
  lastRotation: Date
  idleUntil: Date
  /** Set once, when the family starts (C5). */
  readonly endsAt: Date
  /** By reuse or revocation. */
  isDead: boolean
}

/** `next`: a token nobody has seen. `current`: the newest one, again. */
export type Promised =
  | { answer: 'next' | 'current'; event: 'token.refreshed' | 'token.replayed' }
  | { answer: 'refused'; event?: 'token.reused' | 'token.ahead_of_store' }

export const idleSeconds = 1000

/**
 * What must come of presenting a token that is `age` tokens old: 0 is the newest, -1 one that the family has yet to give
 * out. `stands`: the sign-in it came from does.
 */
export const present = (family: ModelFamily, age: number, now: Date, stands: boolean): Promised => {
  const { policy } = family
  if (!stands) return { answer: 'refused' }
  if (age < 0) return { answer: 'refused', event: 'token.ahead_of_store' }
  const inGrace = age === 1 && policy.rotates && now < secondsAfter(family.lastRotation, policy.graceSeconds)
  if (age > 0 && !inGrace) {
    family.isDead = true
    return { answer: 'refused', event: 'token.reused' }
  }
  if (family.isDead || now >= family.endsAt || now >= family.idleUntil) return { answer: 'refused' }
  if (inGrace) return { answer: 'current', event: 'token.replayed' }
  family.idleUntil = earlier(secondsAfter(now, idleSeconds), family.endsAt)
  if (!policy.rotates) return { answer: 'current', event: 'token.refreshed' }
  family.lastRotation = now
  family.tokens.push(undefined)
  return { answer: 'next', event: 'token.refreshed' }
}
