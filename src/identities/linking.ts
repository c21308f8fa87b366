// The rules that decide which account a new identity belongs to (F10 in docs/security.md,
// docs/decisions/0030-email-and-accounts.md).
import type { User } from '../users/user.ts'

export type Linking =
  /** No account has the address: create a new one. */
  | 'register'
  /** Both sides verified the address, and LINK_VERIFIED_EMAILS allows a link without a question. */
  | 'link'
  /** An account has the address. The user confirms that it is theirs, or continues with a new account. */
  | 'confirm'

/**
 * Decides for an identity that is not linked to an account yet.
 * @param holder the user who has the address that the provider gives
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
 * Whether the person may take the account over: the provider verified the address, and the account did not.
 * An attacker may have created the account (pre-hijacking), so Identities.takeOver removes its login methods.
 */
export const mayTakeOver = (
  person: { emailVerified: boolean },
  holder: Pick<User, 'emailVerified'>,
): boolean => person.emailVerified && !holder.emailVerified
