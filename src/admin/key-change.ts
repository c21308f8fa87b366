// Applies a rule of keys/rotation.ts to the signing keys in one transaction.
import type { Kid } from '../ids.ts'
import type { KeyChange } from '../keys/rotation.ts'
import type { SigningKey, SigningKeys } from '../keys/signing-keys.ts'
import { notFound, refused } from './admin-error.ts'
import { type KeyView, keyViews } from './key-view.ts'

export type KeyRule = (keys: readonly SigningKey[]) => KeyChange

/** A change that the rule allows. */
type AllowedChange = Extract<KeyChange, { outcome: 'changed' | 'unchanged' }>

/** --force does not help: it only shortens the time before a key signs. */
const howToGetRoom = ({ nextRemovalAt }: { nextRemovalAt?: Date }): string =>
  nextRemovalAt === undefined
    ? 'Revoke a pending key that you do not need: see "dojang keys list".'
    : `The next one is removed at ${nextRemovalAt.toISOString()}. Wait until then, or revoke a key.`

/** @throws {AdminError} the reason, if the rule does not allow the change */
export const allowedChange = (change: KeyChange, kid?: Kid): AllowedChange => {
  switch (change.outcome) {
    case 'changed':
    case 'unchanged':
      return change
    case 'too_early':
      throw refused(
        `This key may sign from ${change.earliest.toISOString()}: until then some services do not know it and ` +
          'would reject its tokens. Use --force to sign earlier.',
      )
    case 'unknown_key':
      throw notFound(
        `There is no signing key ${JSON.stringify(kid)}. Run "dojang keys list" to see all keys.`,
      )
    case 'unusable':
      throw refused(`This key was ${change.state} and cannot be used again.`)
    case 'too_many':
      throw refused(
        `${change.max} keys are already published, and some services read no more. ${howToGetRoom(change)}`,
      )
    case 'no_standby':
      throw refused('There is no standby key to take over. Run "dojang keys generate" first.')
  }
}

export interface KeyAnswer {
  kid: Kid
  changed: boolean
  /** The change is stored, but something needs the admin's attention. */
  warning?: string
  keys: KeyView[]
}

export const keyAnswer = ({ outcome, key, keys }: AllowedChange, now: Date): KeyAnswer => ({
  kid: key.kid,
  changed: outcome === 'changed',
  keys: keyViews(keys, now),
})

export type ApplyKeyRule = (rule: KeyRule, kid?: Kid) => Promise<AllowedChange>

export const createApplyKeyRule =
  ({ signingKeys }: { signingKeys: SigningKeys }): ApplyKeyRule =>
  async (rule, kid) => {
    const latest: { change?: KeyChange } = {}
    // The rule decides inside the transaction, on the keys as they are at that moment.
    await signingKeys.update((keys) => {
      latest.change = rule(keys)
      return latest.change.outcome === 'changed' ? latest.change.keys : keys
    })
    if (latest.change === undefined) throw new Error('The signing keys were not updated.')
    return allowedChange(latest.change, kid)
  }
