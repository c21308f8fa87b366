// What each command makes of the set of signing keys: first key, standby, rotation, activation, emergency. Pure rules
// that give a new set or say why not; SigningKeys.update makes one of them a transaction.

import { secondsAfter } from '../clock.ts'
import type { Kid } from '../ids.ts'
import {
  type KeyState,
  keepSeconds,
  maxPublishedKeys,
  publishedAt,
  type SigningKey,
  scheduledAt,
  signingKeyAt,
  standbysAt,
  stateAt,
} from './signing-keys.ts'

type Keys = readonly SigningKey[]

/**
 * How long a key is published before it signs. The floor outlasts verifiers that only poll (10 to 20 minutes) and those
 * whose hourly poll is all that is left once strangers have used up their refresh for an unknown `kid`.
 */
export const prePublication = { defaultSeconds: 86_400, floorSeconds: 3900 } as const

export type KeyChange =
  /** `key` is the one that the command was about, as it now is; `successor` took over from it. */
  | { outcome: 'changed'; keys: Keys; key: SigningKey; successor?: SigningKey }
  /** It was so already; repeating a command is harmless. */
  | { outcome: 'unchanged'; keys: Keys; key: SigningKey }
  /** Verifiers may not know the key before `earliest`. */
  | { outcome: 'too_early'; earliest: Date }
  | { outcome: 'unknown_key' }
  /** A key that was revoked or removed does not come back. */
  | { outcome: 'unusable'; state: KeyState }
  /** The JWKS holds as many keys as it may. */
  | { outcome: 'too_many'; max: number }
  /** It is the one that signs, and nothing is there to take over. */
  | { outcome: 'no_standby' }

type Only<Outcome extends KeyChange['outcome']> = Extract<KeyChange, { outcome: Outcome }>

export type AddedKey = Only<'changed' | 'unchanged' | 'unusable' | 'too_many'>
export type RotatedKey = Only<'changed' | 'unchanged' | 'unusable' | 'too_many' | 'too_early'>
export type ActivatedKey = Only<'changed' | 'unchanged' | 'unknown_key' | 'unusable' | 'too_early'>
export type RevokedKey = Only<'changed' | 'unchanged' | 'unknown_key' | 'no_standby'>

const unchanged = (keys: Keys, key: SigningKey): Only<'unchanged'> => ({ outcome: 'unchanged', keys, key })

/** The set with `key` in the place of its former self, or added. */
const withKey = (keys: Keys, key: SigningKey): Keys => [...keys.filter(({ kid }) => kid !== key.kid), key]

const changed = (keys: Keys, key: SigningKey): Only<'changed'> => ({
  outcome: 'changed',
  keys: withKey(keys, key),
  key,
})

const find = (keys: Keys, kid: Kid): SigningKey | undefined => keys.find((key) => key.kid === kid)

const asStandby = ({ activatesAt: _, ...key }: SigningKey): SigningKey => key

const notRetiring = ({ retiresAt: _, removedAt: __, ...key }: SigningKey): SigningKey => key

/** A rotation that was under way is off: the active key goes on signing, the scheduled one waits as a standby. */
const withoutSchedule = (keys: Keys, now: Date): Keys =>
  keys.map((key) => {
    const state = stateAt(key, now)
    if (state === 'active') return notRetiring(key)
    return state === 'pending' ? asStandby(key) : key
  })

/** `kid` signs from `at` on; whoever signs until then stays published long enough after it (D8). */
const schedule = (keys: Keys, kid: Kid, { now, at }: { now: Date; at: Date }): Keys => {
  const signing = signingKeyAt(keys, now)
  return withoutSchedule(keys, now).map((key) => {
    if (key.kid === kid) return { ...notRetiring(key), activatesAt: at }
    if (key.kid !== signing?.kid) return key
    return { ...key, retiresAt: at, removedAt: secondsAfter(at, keepSeconds) }
  })
}

const changedTo = (keys: Keys, kid: Kid, fallback: SigningKey): Only<'changed'> => ({
  outcome: 'changed',
  keys,
  key: find(keys, kid) ?? fallback,
})

/** May `key` sign from `at` on, with every verifier knowing it by then? */
export const checkPrePublication = (
  key: Pick<SigningKey, 'publishedAt'>,
  at: Date,
): { outcome: 'soon_enough' } | Only<'too_early'> => {
  const earliest = secondsAfter(key.publishedAt, prePublication.floorSeconds)
  return at < earliest ? { outcome: 'too_early', earliest } : { outcome: 'soon_enough' }
}

/**
 * The first key of an installation, which signs at once since nobody can know another. Changes nothing if a key signs
 * already; a key that waits is activated rather than a second one added.
 */
export const addFirst = (keys: Keys, key: SigningKey, now: Date): Only<'changed' | 'unchanged'> => {
  const signing = signingKeyAt(keys, now)
  if (signing !== undefined) return unchanged(keys, signing)
  const first = standbysAt(keys, now)[0] ?? { ...asStandby(key), publishedAt: now }
  return changed(keys, { ...first, activatesAt: now })
}

const add = (keys: Keys, key: SigningKey, now: Date): AddedKey => {
  const known = find(keys, key.kid)
  if (known !== undefined) {
    const state = stateAt(known, now)
    return state === 'removed' || state === 'revoked'
      ? { outcome: 'unusable', state }
      : unchanged(keys, known)
  }
  if (signingKeyAt(keys, now) === undefined && standbysAt(keys, now).length === 0)
    return addFirst(keys, key, now)
  if (publishedAt(keys, now).length >= maxPublishedKeys) return { outcome: 'too_many', max: maxPublishedKeys }
  return changed(keys, { ...asStandby(key), publishedAt: now })
}

/** A standby: published now, signing when it is activated or when an emergency needs it. The first key of all signs at once. */
export const addGenerated = (keys: Keys, key: SigningKey, now: Date): AddedKey => add(keys, key, now)

/** The same for a key that was made elsewhere. */
export const addImported = (keys: Keys, key: SigningKey, now: Date): AddedKey => add(keys, key, now)

export interface Activation {
  now: Date
  /** When it begins to sign; a moment that has passed means `now`. */
  at: Date
  /** Signs before verifiers can be sure to know it. */
  force?: boolean
}

/** `kid` takes over at a set time; a rotation that was under way is replaced. Activating the key that signs calls one off. */
export const activate = (
  keys: Keys,
  kid: Kid,
  { now, at: wanted, force = false }: Activation,
): ActivatedKey => {
  const key = find(keys, kid)
  if (key === undefined) return { outcome: 'unknown_key' }
  const state = stateAt(key, now)
  if (state === 'removed' || state === 'revoked') return { outcome: 'unusable', state }
  if (signingKeyAt(keys, now)?.kid === kid) {
    if (key.retiresAt === undefined) return unchanged(keys, key)
    return changedTo(withoutSchedule(keys, now), kid, key)
  }
  const at = wanted < now ? now : wanted
  if (key.activatesAt?.getTime() === at.getTime() && state === 'pending') return unchanged(keys, key)
  const check = checkPrePublication(key, at)
  if (check.outcome === 'too_early' && !force) return check
  return changedTo(schedule(keys, kid, { now, at }), kid, key)
}

/**
 * Publishes `next` (a new key, or a standby of the set) now and lets it take over after the pre-publication time. While a
 * rotation is under way nothing changes: `key` is then the one that is scheduled, with its time.
 */
export const rotate = (
  keys: Keys,
  next: SigningKey,
  { now, activateAt, force = false }: { now: Date; activateAt?: Date | undefined; force?: boolean },
): RotatedKey => {
  const underWay = scheduledAt(keys, now)
  if (underWay !== undefined) return unchanged(keys, underWay)
  const published = add(keys, next, now)
  if (published.outcome === 'unusable' || published.outcome === 'too_many') return published
  // The first key of all signs at once; there is nothing to rotate.
  if (stateAt(published.key, now) === 'active') return published
  const { publishedAt } = published.key
  const at = activateAt ?? secondsAfter(publishedAt, prePublication.defaultSeconds)
  const change = activate(published.keys, next.kid, { now, at, force })
  return change.outcome === 'unknown_key' ? published : change
}

/**
 * The emergency: the key is out of the JWKS and signs no more, from this moment. If it was the one that signs, the best
 * standby takes over at once, else `standby` (a new key, which verifiers have yet to meet) if one is given.
 */
export const revoke = (keys: Keys, kid: Kid, now: Date, standby?: SigningKey): RevokedKey => {
  const key = find(keys, kid)
  if (key === undefined) return { outcome: 'unknown_key' }
  if (stateAt(key, now) === 'revoked') return unchanged(keys, key)
  const dead = { ...key, revokedAt: now }
  if (signingKeyAt(keys, now)?.kid === kid) {
    const waiting = standbysAt(keys, now)[0]
    const successor = waiting ?? (standby && { ...asStandby(standby), publishedAt: now })
    if (successor === undefined || find(keys, successor.kid)?.revokedAt !== undefined)
      return { outcome: 'no_standby' }
    const active = { ...successor, activatesAt: now }
    return { ...changed(withKey(keys, active), dead), successor: active }
  }
  // Without its successor the active key must not stop at the set time.
  const wasScheduled = scheduledAt(keys, now)?.kid === kid
  return changed(wasScheduled ? withoutSchedule(keys, now) : keys, dead)
}
