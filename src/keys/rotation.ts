// The rules for the set of signing keys: adding, rotation, activation and revocation. Each rule takes the set
// and `now`, and returns a new set or a refusal. `SigningKeys.update` runs a rule in a transaction.
//
//   add ──> pending ──activatesAt──> active ──retiresAt──> retiring ──removedAt──> removed
//           in the JWKS              in the JWKS, signs    in the JWKS             not in the JWKS
//
//   A pending key without `activatesAt` is a standby: published, but not scheduled to sign.
//   `activate` schedules a standby: it sets `activatesAt`. The active key retires at that same time.
//   `rotate` adds a new key, or takes a standby, and schedules it for after the pre-publication time.
//   `activate` with the active key cancels a rotation. `activate` can also bring a retiring key back.
//   `revoke` makes a key revoked, in any state and permanently. A standby replaces it if it was active.

import { secondsAfter } from '../clock.ts'
import { defined } from '../defined.ts'
import type { Kid } from '../ids.ts'
import {
  type KeyState,
  keepSeconds,
  maxPublishedKeys,
  nextRemovalAt,
  publishedAt,
  type SigningKey,
  scheduledAt,
  signingKeyAt,
  standbysAt,
  stateAt,
} from './signing-keys.ts'

type Keys = readonly SigningKey[]

/**
 * Seconds that a key is published before it signs. Verifiers that poll see it within 10 to 20 minutes. The
 * floor also covers a verifier that polls hourly and has used up its extra fetches for unknown `kid` values.
 */
export const prePublication = { defaultSeconds: 86_400, floorSeconds: 3900 } as const

export type KeyChange =
  /** `key` is the key that the caller named, after the change. `successor` is the key that replaced it. */
  | { outcome: 'changed'; keys: Keys; key: SigningKey; successor?: SigningKey }
  /** The set already had the wanted state, so a command can be repeated. */
  | { outcome: 'unchanged'; keys: Keys; key: SigningKey }
  /** Before `earliest`, some verifiers may not know the key. */
  | { outcome: 'too_early'; earliest: Date }
  | { outcome: 'unknown_key' }
  /** A revoked or removed key cannot be used again. */
  | { outcome: 'unusable'; state: KeyState }
  /** The JWKS already has the maximum number of keys. The next one leaves it at `nextRemovalAt`. */
  | { outcome: 'too_many'; max: number; nextRemovalAt?: Date }
  /** The key is the active one, and no other key can replace it. */
  | { outcome: 'no_standby' }

type Only<Outcome extends KeyChange['outcome']> = Extract<KeyChange, { outcome: Outcome }>

export type AddedKey = Only<'changed' | 'unchanged' | 'unusable' | 'too_many'>
export type RotatedKey = Only<'changed' | 'unchanged' | 'unusable' | 'too_many' | 'too_early'>
export type ActivatedKey = Only<'changed' | 'unchanged' | 'unknown_key' | 'unusable' | 'too_early'>
export type RevokedKey = Only<'changed' | 'unchanged' | 'unknown_key' | 'no_standby'>

const unchanged = (keys: Keys, key: SigningKey): Only<'unchanged'> => ({ outcome: 'unchanged', keys, key })

const changed = (keys: Keys, key: SigningKey): Only<'changed'> => ({ outcome: 'changed', keys, key })

/** Adds `key`, or replaces the key with the same `kid`. */
const withKey = (keys: Keys, key: SigningKey): Keys => [...keys.filter(({ kid }) => kid !== key.kid), key]

const find = (keys: Keys, kid: Kid): SigningKey | undefined => keys.find((key) => key.kid === kid)

const withoutActivation = ({ activatesAt: _, ...key }: SigningKey): SigningKey => key

const withoutRetirement = ({ retiresAt: _, removedAt: __, ...key }: SigningKey): SigningKey => key

/** Cancels a scheduled rotation: the active key does not retire, and the scheduled key becomes a standby. */
const cancelRotation = (keys: Keys, now: Date): Keys =>
  keys.map((key) => {
    const state = stateAt(key, now)
    if (state === 'active') return withoutRetirement(key)
    return state === 'pending' ? withoutActivation(key) : key
  })

/**
 * Key `kid` signs from `at`. The active key retires at `at`, but stays published until its last token expires
 * (D8 in docs/security.md).
 */
const schedule = (keys: Keys, kid: Kid, { now, at }: { now: Date; at: Date }): Keys => {
  const signing = signingKeyAt(keys, now)
  return cancelRotation(keys, now).map((key) => {
    if (key.kid === kid) return { ...withoutRetirement(key), activatesAt: at }
    if (key.kid !== signing?.kid) return key
    return { ...key, retiresAt: at, removedAt: secondsAfter(at, keepSeconds) }
  })
}

/** Checks whether every verifier can know `key` at `at`, the time when it begins to sign. */
export const checkPrePublication = (
  key: Pick<SigningKey, 'publishedAt'>,
  at: Date,
): { outcome: 'soon_enough' } | Only<'too_early'> => {
  const earliest = secondsAfter(key.publishedAt, prePublication.floorSeconds)
  return at < earliest ? { outcome: 'too_early', earliest } : { outcome: 'soon_enough' }
}

/**
 * Activates a key immediately if no key signs: a standby, or the new `key` if there is no standby.
 * Pre-publication is not needed, because no verifier can know another key.
 */
export const addFirst = (keys: Keys, key: SigningKey, now: Date): Only<'changed' | 'unchanged'> => {
  const signing = signingKeyAt(keys, now)
  if (signing !== undefined) return unchanged(keys, signing)
  const standby = standbysAt(keys, now)[0] ?? { ...key, publishedAt: now }
  const first = { ...standby, activatesAt: now }
  return changed(withKey(keys, first), first)
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
  if (publishedAt(keys, now).length >= maxPublishedKeys)
    return {
      outcome: 'too_many',
      max: maxPublishedKeys,
      ...defined({ nextRemovalAt: nextRemovalAt(keys, now) }),
    }
  const standby = { ...withoutActivation(key), publishedAt: now }
  return changed(withKey(keys, standby), standby)
}

/** Adds a new key as a standby, published at `now`. The first key of an installation signs immediately. */
export const addGenerated = (keys: Keys, key: SigningKey, now: Date): AddedKey => add(keys, key, now)

/** Adds a key that was generated outside Dojang, in the same way as `addGenerated`. */
export const addImported = (keys: Keys, key: SigningKey, now: Date): AddedKey => add(keys, key, now)

export interface Activation {
  now: Date
  /** When the key begins to sign. A time in the past means `now`. */
  at: Date
  /** Allows the key to sign before every verifier can know it. */
  force?: boolean
}

/**
 * Schedules key `kid` to sign from `at`, instead of any rotation that is already scheduled. With the key that
 * signs now, it cancels the scheduled rotation.
 */
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
    return changed(cancelRotation(keys, now), withoutRetirement(key))
  }
  const at = wanted < now ? now : wanted
  if (key.activatesAt?.getTime() === at.getTime() && state === 'pending') return unchanged(keys, key)
  const check = checkPrePublication(key, at)
  if (check.outcome === 'too_early' && !force) return check
  const scheduled = schedule(keys, kid, { now, at })
  return changed(scheduled, find(scheduled, kid) ?? key)
}

/**
 * Publishes `next` (a new key, or a standby of the set) and schedules it to sign after the pre-publication
 * time. If a rotation is already scheduled, nothing changes, and the answer contains the scheduled key.
 */
export const rotate = (
  keys: Keys,
  next: SigningKey,
  { now, activateAt, force = false }: { now: Date; activateAt?: Date | undefined; force?: boolean },
): RotatedKey => {
  const scheduled = scheduledAt(keys, now)
  if (scheduled !== undefined) return unchanged(keys, scheduled)
  const added = add(keys, next, now)
  if (added.outcome === 'unusable' || added.outcome === 'too_many') return added
  // The first key of an installation signs immediately, so there is nothing to schedule.
  if (stateAt(added.key, now) === 'active') return added
  const at = activateAt ?? secondsAfter(added.key.publishedAt, prePublication.defaultSeconds)
  const change = activate(added.keys, next.kid, { now, at, force })
  return change.outcome === 'unknown_key' ? added : change
}

/**
 * For an emergency: key `kid` leaves the JWKS and signs nothing from `now` on. If it was the active key, the
 * best standby replaces it. Without a standby the new key `standby` replaces it, although no verifier knows
 * that key yet.
 */
export const revoke = (keys: Keys, kid: Kid, now: Date, standby?: SigningKey): RevokedKey => {
  const key = find(keys, kid)
  if (key === undefined) return { outcome: 'unknown_key' }
  if (stateAt(key, now) === 'revoked') return unchanged(keys, key)
  const revoked = { ...key, revokedAt: now }
  if (signingKeyAt(keys, now)?.kid === kid) {
    const next = standbysAt(keys, now)[0] ?? (standby && { ...standby, publishedAt: now })
    if (next === undefined || find(keys, next.kid)?.revokedAt !== undefined) return { outcome: 'no_standby' }
    const successor = { ...next, activatesAt: now }
    return { ...changed(withKey(withKey(keys, successor), revoked), revoked), successor }
  }
  // If the revoked key was scheduled, the active key must not retire: it would have no successor.
  const wasScheduled = scheduledAt(keys, now)?.kid === kid
  return changed(withKey(wasScheduled ? cancelRotation(keys, now) : keys, revoked), revoked)
}
