// The rules of refreshing, without generations, tags or stores.
// A family is the list of all tokens it has issued.
import type { AuditEventType } from '../../src/audit.ts'
import { earlier, secondsAfter } from '../../src/clock.ts'
import type { Sender } from './refresh-steps.ts'

export type Policy = { rotates: true; graceSeconds: number } | { rotates: false }

export interface ModelFamily {
  policy: Policy
  /** All tokens the family has issued, oldest first (C8). Undefined if the answer with the token was lost. */
  tokens: (string | undefined)[]
  lastRotation: Date
  /** Undefined before the first rotation. */
  lastSender?: Sender
  /** For each replay inside the grace, the index of its token. */
  replays: number[]
  /** True after the replays of five tokens in a row. */
  isReported: boolean
  idleUntil: Date
  /** Set once, when the family starts (C5). */
  readonly endsAt: Date
  /** True after reuse or revocation. */
  isDead: boolean
}

/** `next` is a new token. `current` is the newest token again. */
export interface ExpectedAnswer {
  answer: 'next' | 'current' | 'refused'
  events: AuditEventType[]
}

const refused = (...events: AuditEventType[]): ExpectedAnswer => ({ answer: 'refused', events })

export const idleSeconds = 1000

/**
 * The answer to a token that is `age` tokens old. 0 is the newest token, and -1 is a token not issued yet.
 * Changes the family as the refresh does.
 * @param isOver whether the session of the family was ended, or it expired
 */
export const expectedAnswer = (
  family: ModelFamily,
  age: number,
  sender: Sender,
  now: Date,
  isOver: boolean,
): ExpectedAnswer => {
  // The session is read while the store uses up the token.
  const answer = answerOfStore(family, age, sender, now)
  return isOver ? refused() : answer
}

/** In the senders of the histories the first three numbers of an address are the network. */
const networkOf = ({ ip }: Sender): string => ip.replace(/\.\d+$/, '')
const userAgentOf = (sender: Sender): string => ('userAgent' in sender ? sender.userAgent : '')

const isElsewhere = ({ lastSender }: ModelFamily, sender: Sender): boolean =>
  lastSender !== undefined &&
  networkOf(lastSender) !== networkOf(sender) &&
  userAgentOf(lastSender) !== userAgentOf(sender)

/** The previous token is replayed. Reports a family once. */
const answerOfReplay = (family: ModelFamily): ExpectedAnswer => {
  const index = family.tokens.length - 2
  family.replays.push(index)
  const isRun = [0, 1, 2, 3, 4].every((back) => family.replays.includes(index - back))
  if (!isRun || family.isReported) return { answer: 'current', events: ['token.replayed'] }
  family.isReported = true
  return { answer: 'current', events: ['token.replayed', 'token.replayed_repeatedly'] }
}

const answerOfStore = (family: ModelFamily, age: number, sender: Sender, now: Date): ExpectedAnswer => {
  const { policy } = family
  if (age < 0) return refused('token.ahead_of_store')
  const inGrace = age === 1 && policy.rotates && now < secondsAfter(family.lastRotation, policy.graceSeconds)
  if (age > 0 && (!inGrace || isElsewhere(family, sender))) {
    family.isDead = true
    return refused('token.reused')
  }
  if (family.isDead || now >= family.endsAt || now >= family.idleUntil) return refused()
  if (inGrace) return answerOfReplay(family)
  family.idleUntil = earlier(secondsAfter(now, idleSeconds), family.endsAt)
  if (!policy.rotates) return { answer: 'current', events: ['token.refreshed'] }
  family.lastRotation = now
  family.lastSender = sender
  family.tokens.push(undefined)
  return { answer: 'next', events: ['token.refreshed'] }
}
