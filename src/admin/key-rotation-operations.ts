// Decides which key signs: rotation, activation and emergency revocation. keys/rotation.ts holds the rules.

import type { Audit } from '../audit.ts'
import { type Clock, secondsAfter } from '../clock.ts'
import { defined } from '../defined.ts'
import type { KeyEncryption } from '../encryption/sealing.ts'
import type { Kid } from '../ids.ts'
import {
  type KnownVerifier,
  type KnownVerifiers,
  mayBeIncomplete,
  unawareOf,
} from '../keys/known-verifiers.ts'
import { activate, type KeyChange, prePublication, revoke, rotate } from '../keys/rotation.ts'
import {
  publishedAt,
  type SigningKey,
  type SigningKeys,
  scheduledAt,
  signingKeyAt,
  standbysAt,
} from '../keys/signing-keys.ts'
import { revokedKeySeconds } from '../lifetimes.ts'
import { type Blacklist, revocationOf } from '../revocation/blacklist.ts'
import { refused } from './admin-error.ts'
import { flag, required, text, whole } from './input.ts'
import { allowedChange, createApplyKeyRule, type KeyAnswer, type KeyRule, keyAnswer } from './key-change.ts'
import { createKeySealing } from './key-sealing.ts'
import { keyViews } from './key-view.ts'
import { type Operation, operation } from './operation.ts'

/** At most 90 days. An admin who wants a later activation runs the command later. */
const inSeconds = whole(0, 90 * 86_400)

const activateInput = { kid: required(text), force: flag, inSeconds }
const rotateInput = { force: flag, inSeconds, dryRun: flag }
const revokeInput = { kid: required(text), force: flag }

/** `dry_run`: the answer is the schedule that a rotation would make. */
export type RotationAnswer = KeyAnswer & { dry_run?: true }

/** `signing`: the key that signs from now on. */
export type RevocationAnswer = KeyAnswer & { signing: Kid | null }

export interface KeyRotationOperations {
  'keys.activate': Operation<typeof activateInput, KeyAnswer>
  'keys.rotate': Operation<typeof rotateInput, RotationAnswer>
  'keys.revoke': Operation<typeof revokeInput, RevocationAnswer>
}

export interface KeyRotationDeps {
  signingKeys: SigningKeys
  clock: Clock
  audit: Audit
  knownVerifiers: KnownVerifiers
  blacklist: Blacklist
  decrypt: KeyEncryption['decrypt']
}

const notSeenBy = (verifiers: readonly KnownVerifier[]): string => {
  const names = verifiers.map(({ name, seenAt }) => `${name} (last fetched at ${seenAt.toISOString()})`)
  return `These services have not fetched the key yet: ${names.join(', ')}. They will reject its tokens until they do.`
}

const listIsFull =
  'The list of services that give their name is full, so a service that has not fetched the key may be missing. ' +
  'See "dojang keys verifiers".'

/**
 * The reason not to activate this key yet: services that give their name have not fetched it, or the list of
 * names is full, so that such a service may be missing. Undefined if nothing is known against it.
 */
const reasonToWait = async (
  knownVerifiers: KnownVerifiers,
  kid: Kid,
  { now, activatesAt }: { now: Date; activatesAt: Date },
): Promise<string | undefined> => {
  // Every service has fetched the keys again by that time.
  if (activatesAt >= secondsAfter(now, prePublication.floorSeconds)) return undefined
  const known = await knownVerifiers.list()
  const unaware = unawareOf(kid, known, now)
  if (unaware.length > 0) return notSeenBy(unaware)
  return mayBeIncomplete(known, now) ? listIsFull : undefined
}

/** A dry run discards its new key, so the answer must not show the kid of that key. */
const dryRunAnswer = (change: KeyChange, newKid: Kid, now: Date): RotationAnswer => {
  const { key, keys } = allowedChange(change)
  const withoutKid = (each: SigningKey) => (each.kid === newKid ? { ...each, kid: '(new key)' } : each)
  return {
    kid: withoutKid(key).kid,
    changed: false,
    keys: keyViews(keys.map(withoutKid), now),
    dry_run: true,
  }
}

export const createKeyRotationOperations = (
  deps: KeyRotationDeps & { newKey(now: Date): Promise<SigningKey> },
): KeyRotationOperations => {
  const { clock, audit, signingKeys, knownVerifiers, blacklist } = deps
  const sealing = createKeySealing(deps.decrypt)
  const apply = createApplyKeyRule(deps)

  return {
    'keys.activate': operation(activateInput, async ({ kid, force = false, inSeconds = 0 }) => {
      const now = clock.now()
      const activatesAt = secondsAfter(now, inSeconds)
      const rule: KeyRule = (keys) => activate(keys, kid, { now, at: activatesAt, force })
      const { outcome } = allowedChange(rule(await signingKeys.list()), kid)
      const unseen =
        outcome === 'changed' ? await reasonToWait(knownVerifiers, kid, { now, activatesAt }) : undefined
      if (unseen !== undefined && !force) throw refused(`${unseen} Wait, or use --force.`)
      const change = await apply(rule, kid)
      if (change.outcome === 'changed')
        audit({ type: 'key.activated', actor: 'admin', keyId: kid, ...(force && { reason: 'forced' }) })
      return { ...keyAnswer(change, now), ...defined({ warning: unseen }) }
    }),
    'keys.rotate': operation(rotateInput, async ({ force = false, inSeconds, dryRun = false }) => {
      const now = clock.now()
      const keys = await signingKeys.list()
      const scheduled = scheduledAt(keys, now)
      if (scheduled !== undefined) return keyAnswer({ outcome: 'unchanged', keys, key: scheduled }, now)
      sealing.checkNew(publishedAt(keys, now))
      const key = await deps.newKey(now)
      const activateAt = inSeconds === undefined ? undefined : secondsAfter(now, inSeconds)
      const rule: KeyRule = (current) => rotate(current, key, { now, force, activateAt })
      if (dryRun) return dryRunAnswer(rule(keys), key.kid, now)
      const change = await apply(rule)
      if (change.outcome === 'changed') {
        const keyId = change.key.kid
        audit({ type: 'key.rotated', actor: 'admin', keyId, ...(force && { reason: 'forced' }) })
      }
      return keyAnswer(change, now)
    }),
    'keys.revoke': operation(revokeInput, async ({ kid, force = false }) => {
      const now = clock.now()
      const keys = await signingKeys.list()
      const signing = signingKeyAt(keys, now)
      const lacksSuccessor = signing?.kid === kid && standbysAt(keys, now).length === 0
      if (lacksSuccessor && !force) sealing.checkSuccessorOf(signing)
      // Generated before the transaction, because the transaction must not wait. It may stay unused.
      const spare = lacksSuccessor ? await deps.newKey(now) : undefined
      const change = await apply((current) => revoke(current, kid, now, spare), kid)
      // Runs even if the key was revoked before, because an earlier call may have failed at this point.
      await blacklist.add(
        revocationOf('kid', kid, now, { tokenExpiresAt: secondsAfter(now, revokedKeySeconds) }),
      )
      if (change.outcome === 'changed') audit({ type: 'key.revoked', actor: 'admin', keyId: kid })
      return { ...keyAnswer(change, now), signing: signingKeyAt(change.keys, now)?.kid ?? null }
    }),
  }
}
