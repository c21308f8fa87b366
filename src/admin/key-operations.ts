// Signing keys, as an admin turns them. What a command makes of the set is the core's rule (keys/rotation.ts); here it
// becomes one transaction, a sentence, an audit event, and a ring that is read again.

import type { Audit } from '../audit.ts'
import { type Clock, secondsAfter } from '../clock.ts'
import type { KeyEncryption } from '../encryption/sealing.ts'
import type { Kid } from '../ids.ts'
import type { KnownVerifiers } from '../keys/known-verifiers.ts'
import { activate, addGenerated, addImported, type KeyChange, revoke, rotate } from '../keys/rotation.ts'
import { exportPublicPem, generateSigningKey, importSigningKey } from '../keys/rsa-keys.ts'
import {
  publishedAt,
  type SigningKey,
  type SigningKeys,
  scheduledAt,
  signingKeyAt,
  standbysAt,
} from '../keys/signing-keys.ts'
import { type Blacklist, revocationOf } from '../revocation/blacklist.ts'
import { AdminError, invalid, notFound, refused } from './admin-error.ts'
import { readInput } from './input.ts'
import { createKeySealing } from './key-sealing.ts'
import { byAge, keyView, publicJwk } from './key-view.ts'
import type { Operation } from './operation.ts'
import { objection } from './verifier-operations.ts'

type Changed = Extract<KeyChange, { outcome: 'changed' | 'unchanged' }>

/** `warning`: the change stands, but the running issuer could not read the keys again yet. */
type Done = Changed & { warning?: string }

/** The outcome, if the set is as the command wants it; else why not. @throws {AdminError} */
const accepted = (change: KeyChange, kid?: Kid): Changed => {
  switch (change.outcome) {
    case 'changed':
    case 'unchanged':
      return change
    case 'too_early':
      throw refused(
        'Some verifiers fetch the keys only once an hour and would refuse every token; ' +
          `the key may sign from ${change.earliest.toISOString()}. Use --force if that is worth it.`,
      )
    case 'unknown_key':
      throw notFound(`There is no signing key ${JSON.stringify(kid)}.`)
    case 'unusable':
      throw refused(`That key was ${change.state} and does not come back.`)
    case 'too_many':
      throw refused(
        `${change.max} keys are published already, and some verifiers read no more; wait or revoke one.`,
      )
    case 'no_standby':
      throw new AdminError('refused', 'There is no key to take over; run "dojang keys generate" first.')
  }
}

export interface KeyOperationsDeps {
  clock: Clock
  audit: Audit
  signingKeys: SigningKeys
  knownVerifiers: KnownVerifiers
  blacklist: Blacklist
  encrypt: KeyEncryption['encrypt']
  decrypt: KeyEncryption['decrypt']
  modulusLength?: number
  /** The running issuer reads its keys again. */
  reloadKeys(): Promise<void>
}

/** A rotation planned further ahead is a calendar entry. */
const furthestSeconds = 90 * 86_400

export const createKeyOperations = (deps: KeyOperationsDeps) => {
  const { clock, audit, signingKeys, knownVerifiers, blacklist, encrypt, modulusLength } = deps
  const sealing = createKeySealing(deps.decrypt)

  const newKey = (now: Date) =>
    generateSigningKey({ now, encrypt, ...(modulusLength !== undefined && { modulusLength }) })

  /** The change stands whatever the ring says; an instance that cannot read it now tries again by itself. */
  const reload = async (): Promise<{ warning?: string }> => {
    try {
      await deps.reloadKeys()
      return {}
    } catch (error) {
      return { warning: error instanceof Error ? error.message : 'The keys could not be read again.' }
    }
  }

  /** One transaction; the rule decides inside it, on the set as it is then. */
  const change = async (rule: (keys: readonly SigningKey[]) => KeyChange, kid?: Kid): Promise<Done> => {
    const outcomes: KeyChange[] = []
    await signingKeys.update((keys) => {
      const outcome = rule(keys)
      outcomes.push(outcome)
      return outcome.outcome === 'changed' ? outcome.keys : keys
    })
    const outcome = outcomes.at(-1)
    if (outcome === undefined) throw new Error('The signing keys were not updated.')
    const done = accepted(outcome, kid)
    return done.outcome === 'changed' ? { ...done, ...(await reload()) } : done
  }

  const answer = ({ outcome, key, keys, warning }: Done, now: Date) => ({
    kid: key.kid,
    changed: outcome === 'changed',
    ...(warning !== undefined && { warning }),
    keys: keys.map((one) => keyView(one, now)).sort(byAge),
  })

  const generateKey: Operation = async (given) => {
    readInput(given, [])
    const now = clock.now()
    sealing.checkNew(publishedAt(await signingKeys.list(), now))
    const key = await newKey(now)
    const done = await change((keys) => addGenerated(keys, key, now))
    audit({ type: 'key.generated', actor: 'admin', keyId: done.key.kid })
    return answer(done, now)
  }

  const importKey: Operation = async (given) => {
    const pem = readInput(given, ['pem']).text('pem')
    const now = clock.now()
    sealing.checkNew(publishedAt(await signingKeys.list(), now))
    const reading = await importSigningKey(pem, { now, encrypt })
    if (reading.outcome === 'refused') throw invalid(reading.reason)
    const done = await change((keys) => addImported(keys, reading.key, now))
    if (done.outcome === 'changed') audit({ type: 'key.imported', actor: 'admin', keyId: done.key.kid })
    return answer(done, now)
  }

  const activateKey: Operation = async (given) => {
    const input = readInput(given, ['kid', 'force', 'inSeconds'])
    const kid = input.text('kid')
    const now = clock.now()
    const at = secondsAfter(now, input.whole('inSeconds', { min: 0, max: furthestSeconds }) ?? 0)
    const force = input.flag('force') ?? false
    const rule = (keys: readonly SigningKey[]) => activate(keys, kid, { now, at, force })
    const wouldChange = accepted(rule(await signingKeys.list()), kid).outcome === 'changed'
    const unseen = wouldChange ? await objection(knownVerifiers, kid, { now, at }) : undefined
    if (unseen !== undefined && !force) throw refused(`${unseen} Use --force if that is worth it.`)
    const done = await change(rule, kid)
    if (done.outcome === 'changed')
      audit({ type: 'key.activated', actor: 'admin', keyId: kid, ...(force && { reason: 'forced' }) })
    const warning = [done.warning, unseen].filter((each) => each !== undefined).join(' ')
    return answer({ ...done, ...(warning !== '' && { warning }) }, now)
  }

  const rotateKeys: Operation = async (given) => {
    const input = readInput(given, ['force', 'inSeconds', 'dryRun'])
    const now = clock.now()
    const inSeconds = input.whole('inSeconds', { min: 0, max: furthestSeconds })
    const force = input.flag('force') ?? false
    const before = await signingKeys.list()
    const underWay = scheduledAt(before, now)
    if (underWay !== undefined) return answer({ outcome: 'unchanged', keys: before, key: underWay }, now)
    sealing.checkNew(publishedAt(before, now))
    const key = await newKey(now)
    const rule = (keys: readonly SigningKey[]) =>
      rotate(keys, key, {
        now,
        force,
        ...(inSeconds !== undefined && { activateAt: secondsAfter(now, inSeconds) }),
      })
    if (input.flag('dryRun') === true) {
      const { keys, key: planned } = accepted(rule(before))
      // The key of a trial is thrown away: its name would mislead.
      const unnamed = (one: SigningKey) => (one.kid === key.kid ? { ...one, kid: '(a new key)' } : one)
      const plan: Changed = { outcome: 'unchanged', keys: keys.map(unnamed), key: unnamed(planned) }
      return { ...answer(plan, now), dry_run: true }
    }
    const done = await change(rule)
    if (done.outcome === 'changed')
      audit({ type: 'key.rotated', actor: 'admin', keyId: done.key.kid, ...(force && { reason: 'forced' }) })
    return answer(done, now)
  }

  const revokeKey: Operation = async (given) => {
    const input = readInput(given, ['kid', 'force'])
    const kid = input.text('kid')
    const now = clock.now()
    const keys = await signingKeys.list()
    const signing = signingKeyAt(keys, now)
    const sealsNew = signing?.kid === kid && standbysAt(keys, now).length === 0
    if (sealsNew && input.flag('force') !== true) sealing.checkSuccessorOf(signing)
    // Made beforehand, since a transaction does not wait for a key; used only if no standby is published.
    const spare = sealsNew ? await newKey(now) : undefined
    const done = await change((keys) => revoke(keys, kid, now, spare), kid)
    // Also when it was revoked before: the first try may have ended here.
    await blacklist.add(revocationOf('kid', kid, now))
    if (done.outcome === 'changed') audit({ type: 'key.revoked', actor: 'admin', keyId: kid })
    return { ...answer(done, now), kid, signing: signingKeyAt(done.keys, now)?.kid ?? null }
  }

  const exportKey: Operation = async (given) => {
    const input = readInput(given, ['kid', 'pem'])
    const kid = input.optionalText('kid')
    const keys = await signingKeys.list()
    const key = kid === undefined ? signingKeyAt(keys, clock.now()) : keys.find((one) => one.kid === kid)
    if (key === undefined) throw notFound(`There is no signing key ${JSON.stringify(kid ?? 'that signs')}.`)
    audit({ type: 'key.exported', actor: 'admin', keyId: key.kid, reason: 'public half' })
    return input.flag('pem') === true ? { kid: key.kid, pem: exportPublicPem(key) } : publicJwk(key)
  }

  return {
    'keys.list': async (given) => {
      readInput(given, [])
      const now = clock.now()
      const views = (await signingKeys.list()).map((key) => keyView(key, now))
      return views.sort(byAge)
    },
    'keys.generate': generateKey,
    'keys.activate': activateKey,
    'keys.rotate': rotateKeys,
    'keys.revoke': revokeKey,
    'keys.import': importKey,
    'keys.export': exportKey,
  } satisfies Record<string, Operation>
}
