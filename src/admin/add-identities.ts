// Gives a user who exists the identities of a record that is imported again. It never takes an identity from
// another user, and adds one only if the record is surely about this user (decision 0030).
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { UserId } from '../ids.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import type { Stores } from '../stores/stores.ts'
import { isActive, type NewUser, type User } from '../users/user.ts'
import { type ImportedIdentity, legacyIdClaim, newIdentities } from './imported-identities.ts'

export type AddedIdentities =
  /** `none`: the user has all of them already. `addable`: with `check`. */
  | { outcome: 'none' }
  | { outcome: 'addable' }
  | { outcome: 'updated' | 'skipped' | 'refused'; reason: string }

export type AddIdentities = (
  userId: UserId,
  record: { user: NewUser; identities: readonly ImportedIdentity[] },
  check: boolean,
) => Promise<AddedIdentities>

/**
 * Both sides have verified the address (F10), or an admin imported the user from the same record. That counts
 * only as long as nobody verified the address here alone: its owner may have reset the password and so
 * removed the login methods of the person who registered in the old system.
 */
const isSamePerson = (user: User, record: NewUser): boolean => {
  if (user.emailVerified) return record.emailVerified && user.email === record.email
  const legacyId = record.claims[legacyIdClaim]
  return legacyId !== undefined && legacyId === user.claims[legacyIdClaim]
}

export const createAddIdentities = (deps: {
  clock: Clock
  audit: Audit
  stores: Pick<Stores, 'users' | 'identities'>
  composeNotice: ComposeNotice
}): AddIdentities => {
  const { users, identities } = deps.stores

  const add = async (user: User, missing: readonly ImportedIdentity[]): Promise<AddedIdentities> => {
    const names = missing.map(({ provider }) => provider)
    const mails = names.flatMap((provider) => deps.composeNotice(user, { kind: 'provider_linked', provider }))
    const added = await identities.add(user, newIdentities(missing, user.id, deps.clock.now()), mails)
    switch (added) {
      case 'added':
        for (const reason of names)
          deps.audit({ type: 'identity.linked', actor: 'admin', userId: user.id, reason })
        return { outcome: 'updated', reason: `Added: ${names.join(', ')}.` }
      case 'taken':
        return {
          outcome: 'refused',
          reason: `Somebody just got an identity of this line, so ${user.id} got none. Import the file again.`,
        }
      case 'ended':
        return { outcome: 'skipped', reason: `The access of ${user.id} ended during the import.` }
    }
  }

  return async (userId, record, check) => {
    const user = await users.find(userId)
    if (user === undefined) return { outcome: 'skipped', reason: `${userId} was deleted in the meantime.` }
    const missing: ImportedIdentity[] = []
    let ownsOne = false
    for (const given of record.identities) {
      const owner = (await identities.find(given.provider, given.subject))?.userId
      if (owner !== undefined && owner !== user.id)
        return { outcome: 'refused', reason: `${owner} already has this identity of ${given.provider}.` }
      if (owner === undefined) missing.push(given)
      else ownsOne = true
    }
    if (missing.length === 0) return { outcome: 'none' }
    if (!ownsOne && !isSamePerson(user, record.user))
      return {
        outcome: 'skipped',
        reason: `${user.id} got no identity: nothing proves that this is the same person. Both e-mail addresses must be verified. If the address of the user is not verified, the claim ${legacyIdClaim} must be the "id" of the line.`,
      }
    if (!isActive(user)) return { outcome: 'skipped', reason: `${user.id} is disabled and got no identity.` }
    return check ? { outcome: 'addable' } : add(user, missing)
  }
}
