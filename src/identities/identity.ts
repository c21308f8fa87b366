// Identities: the link between a person at a provider (Kakao, Google, Naver) and a user.
// Owns the record and its port. linking.ts has the rules, and login/upstream sends requests to providers.

import type { UserId } from '../ids.ts'
import type { QueuedMail } from '../mail/mail-queue.ts'
import { type ProviderPerson, providerPersonOf } from '../sessions/provider-person.ts'
import type { AccessFacts, NewUser, User } from '../users/user.ts'

/** `provider` and `subject` are the key (F9 in docs/security.md). The other facts may change. */
export interface Identity extends ProviderPerson {
  userId: UserId
  linkedAt: Date
  lastUsedAt: Date
  /** Present while the provider reports that its account is locked. The user cannot sign in with it then. */
  lockedAt?: Date
}

export interface Identities {
  find(provider: string, subject: string): Promise<Identity | undefined>
  /** Sorted by provider, then by subject. */
  listOfUser(userId: UserId): Promise<Identity[]>
  /**
   * Links the identity. If the user already has it, updates its facts but not `linkedAt` and `lockedAt`.
   * An update without a token keeps the old token. Exactly one of any number of concurrent users wins.
   * 'taken': another user has the identity. 'ended': the access of the user ended since `read` was read.
   * @param read the user, as the record was read when the user proved who they are
   * @param mails are queued in the same step, if the user did not have the identity before
   */
  link(
    identity: Identity,
    read: AccessFacts,
    mails?: readonly QueuedMail[],
  ): Promise<'linked' | 'taken' | 'ended'>
  /**
   * Gives a user identities that nobody has, and queues `mails`, in one step. 'taken': somebody has one of
   * them, so the user got none. 'ended': the access of the user ended since `read` was read.
   */
  add(
    read: User,
    identities: readonly Identity[],
    mails: readonly QueuedMail[],
  ): Promise<'added' | 'taken' | 'ended'>
  /**
   * Updates the facts of an identity that its user signs in with, as `link` does. False if the user does not
   * have it any more, or if it is locked. It never creates an identity, so a removed one stays removed.
   */
  use(identity: Identity): Promise<boolean>
  /**
   * Creates a user with all identities in one step, because a user without an identity could never sign in.
   * 'taken': another user has one of the identities.
   */
  register(
    user: NewUser,
    identities: readonly Identity[],
  ): Promise<'registered' | 'taken' | 'email_taken' | 'username_taken'>
  /**
   * Gives an account with an unverified address to the owner of the address, in one step. Only the id, the
   * address, `createdAt` and `disabledAt` stay. It removes the password, all identities, roles and consents,
   * stores the other members of `owner`, moves `tokensValidAfter` to `updatedAt` and links the identity.
   * 'refused': the account does not have this address, or the address is verified.
   */
  takeOver(
    owner: Omit<NewUser, 'createdAt' | 'passwordHash'> & Required<Pick<User, 'email'>>,
    identity: Identity,
  ): Promise<'taken_over' | 'taken' | 'refused'>
  /** Removes the identity unless it is the last login method, and queues `mails`, in one step. */
  unlink(
    userId: UserId,
    provider: string,
    subject: string,
    mails?: readonly QueuedMail[],
  ): Promise<'unlinked' | 'last_login_method' | 'unknown'>
  /** Removes and returns the identity, even if it is the last login method of the user. */
  forget(provider: string, subject: string): Promise<Identity | undefined>
  /** Sets or removes `lockedAt`. It does not disable the user. */
  lock(provider: string, subject: string, lockedAt: Date | undefined): Promise<void>
  /**
   * Returns up to `limit` identities that were neither used nor checked since `before`, the oldest check
   * first. They count as checked from now on, so concurrent calls get different identities.
   */
  leaseForCheck(provider: string, before: Date, now: Date, limit: number): Promise<Identity[]>
}

/** The record of a person who signs in at `now`. The store keeps the `linkedAt` of an existing identity. */
export const identityOf = (person: ProviderPerson, userId: UserId, now: Date): Identity => ({
  ...providerPersonOf(person),
  userId,
  linkedAt: now,
  lastUsedAt: now,
})
