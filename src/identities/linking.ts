// To which account somebody who proved who they are at a provider belongs: the rule, without a store (checklist F9, F10).
import type { User } from '../users/user.ts'

export type Linking =
  /** Nobody here has the address: a new account. */
  | 'register'
  /** Both sides prove the address, and that is enough by policy. */
  | 'link'
  /** The account's own proof first: the person signs in to it. */
  | 'confirm'

/**
 * For an identity that nobody has yet.
 * @param holder of the address that the provider names
 */
export const decideLinking = (
  person: { email?: string; emailVerified: boolean },
  holder: Pick<User, 'emailVerified'> | undefined,
  policy: { linkVerifiedEmails: boolean },
): Linking => {
  if (person.email === undefined || holder === undefined) return 'register'
  return person.emailVerified && holder.emailVerified && policy.linkVerifiedEmails ? 'link' : 'confirm'
}

/**
 * May the person take the account over because they own its address and nobody ever proved it there? Whoever made it may
 * have waited for them (pre-hijacking), so everything that opened it goes (Identities.claim).
 */
export const mayTakeOver = (
  person: { emailVerified: boolean },
  holder: Pick<User, 'emailVerified'>,
): boolean => person.emailVerified && !holder.emailVerified
