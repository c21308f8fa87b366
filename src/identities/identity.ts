// Ways in through a provider: which account a person at Kakao, Google or Naver is here. Owns the record and its port;
// the rules of linking are linking.ts, talking to providers is login/upstream.

import type { UserId } from '../ids.ts'
import type { ProviderPerson } from '../sessions/provider-person.ts'
import type { NewUser } from '../users/user.ts'

/** `provider` and `subject` together are the key. The other members of ProviderPerson are only attributes. */
export interface Identity extends ProviderPerson {
  userId: UserId
  linkedAt: Date
  lastUsedAt: Date
  /** The provider says that the account there is locked: nobody comes in this way until it says otherwise. */
  lockedAt?: Date
}

export interface Identities {
  find(provider: string, subject: string): Promise<Identity | undefined>
  /** By provider, then by subject. */
  listOfUser(userId: UserId): Promise<Identity[]>
  /**
   * 'taken': it belongs to somebody else; 'unknown': there is no such user. Repeating it for the same user updates its
   * facts but neither `linkedAt` nor `lockedAt`, and keeps a token that no new one replaces. One winner of concurrent calls.
   */
  link(identity: Identity): Promise<'linked' | 'taken' | 'unknown'>
  /** A new user and their way in, both or neither: an account that nobody can enter would hold its address for ever. */
  register(user: NewUser, identity: Identity): Promise<'registered' | 'taken' | 'email_taken'>
  /**
   * The proven owner of an address takes over the account that held it unproven (pre-hijacking): its password and every
   * other way in go, what began before this second is cut off, its address is proven, and the identity is linked: one
   * step. 'refused': the account has not, or no longer, that address unproven.
   */
  takeOver(identity: Identity & { email: string }): Promise<'taken_over' | 'taken' | 'refused'>
  /** Removes it unless it is the last way in (no password, no other identity): one atomic step. */
  unlink(
    userId: UserId,
    provider: string,
    subject: string,
  ): Promise<'unlinked' | 'last_login_method' | 'unknown'>
  /** The provider ended the connection: removed even if it was the last way in. */
  forget(provider: string, subject: string): Promise<Identity | undefined>
  /** The provider locked the account there (a time), or opened it again (undefined). The account here has its own lock. */
  lock(provider: string, subject: string, lockedAt: Date | undefined): Promise<void>
  /**
   * Up to `limit` of the provider's that were neither used nor checked since `before`, the longest unchecked first. They
   * count as checked from now on: of concurrent calls each gets others.
   */
  leaseForCheck(provider: string, before: Date, now: Date, limit: number): Promise<Identity[]>
  used(provider: string, subject: string, now: Date): Promise<void>
}
