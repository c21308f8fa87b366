// Users: the record, its port, and the rules for addresses, usernames and disabled users.
// passwords/ checks passwords.
import type { ClientId, UserId } from '../ids.ts'
import type { QueuedMail } from '../mail/mail-queue.ts'
import { randomToken, sameSecret } from '../secrets.ts'

/** A JSON value. */
export type ClaimValue = string | number | boolean | null | ClaimValue[] | { [name: string]: ClaimValue }

export interface User {
  /** The `sub` claim: opaque, never reused, never an e-mail address (OIDC Core §2). */
  id: UserId
  /** In the form of `normalEmail`. Users of a provider may have no address. */
  email?: string
  emailVerified: boolean
  /** As the user typed it. Unique in the form of `normalUsername`. */
  username?: string
  name?: string
  locale?: string
  /** A PHC string or an imported form (passwords/imported-hash.ts). Absent if the user has no password. */
  passwordHash?: string
  roles: readonly string[]
  /** The scopes that the roles grant now. The store computes them when it reads the user. */
  scopes: readonly string[]
  /** Extra claims, such as `premium`, that an API may request for its access tokens. */
  claims: Readonly<Record<string, ClaimValue>>
  onboarded: boolean
  disabledAt?: Date
  /** The cut-off: sessions with a last authentication at or before it are not valid (sign out everywhere). */
  tokensValidAfter?: Date
  createdAt: Date
  updatedAt: Date
}

/** A user as the store had the record at one moment. */
export interface ReadUser {
  user: User
  /** The time just before the record was read. */
  readAt: Date
}

/** A member that is absent does not change. `null` removes an optional member. */
export interface UserChange {
  email?: string | null
  emailVerified?: boolean
  username?: string | null
  name?: string | null
  locale?: string | null
  passwordHash?: string | null
  roles?: readonly string[]
  claims?: Readonly<Record<string, ClaimValue>>
  onboarded?: boolean
  disabledAt?: Date | null
  /**
   * The earliest new cut-off. The store always moves the cut-off forward, so that every change shows even if
   * the clocks of two instances differ.
   */
  tokensValidAfter?: Date
}

export interface UserWithConsent {
  user?: User
  consent?: { scopes: readonly string[] }
}

export type NewUser = Omit<User, 'scopes'>

export interface Users {
  /** Exactly one of any number of concurrent calls with the same address or username is 'created'. */
  create(user: NewUser): Promise<'created' | 'email_taken' | 'username_taken'>
  find(id: UserId): Promise<User | undefined>
  /** The user, and what the user allowed this client. */
  findWithConsent(id: UserId, clientId: ClientId): Promise<UserWithConsent>
  /** Finds by e-mail address if `login` contains an @, otherwise by username. */
  findByLogin(login: string): Promise<User | undefined>
  /** Queues `mails` in the same step, if the change was made. */
  change(
    id: UserId,
    change: UserChange,
    now: Date,
    mails?: readonly QueuedMail[],
  ): Promise<'changed' | 'unknown' | 'email_taken' | 'username_taken'>
  /** Marks the address as verified, but only while it is the user's own. False if it is not. */
  verifyEmail(id: UserId, email: string, now: Date): Promise<boolean>
  /** Replaces the hash only if it is still `from`, so that a new hash never undoes a password change. */
  replacePasswordHash(id: UserId, from: string, to: string): Promise<boolean>
  /**
   * Stores a new password if the access of the user has not ended since `read` was read. With `cutOff` the
   * same step moves `tokensValidAfter`, as `change` does, and queues `mails`. Returns `read` with what this
   * step wrote.
   */
  changePassword(
    read: User,
    passwordHash: string,
    cutOff?: Date,
    mails?: readonly QueuedMail[],
  ): Promise<User | undefined>
  /** In ascending order of the id. `after` is the last id of the previous page. */
  list(page: { after?: string; limit: number }): Promise<User[]>
  /**
   * Also deletes the user's roles, consents and identities, and creates a disconnect request for each
   * identity. Queues `mails` in the same step. False if the user does not exist.
   */
  delete(id: UserId, now: Date, mails?: readonly QueuedMail[]): Promise<boolean>
}

/** The form in which addresses are stored and compared. */
export const normalEmail = (email: string): string => email.normalize('NFC').trim().toLowerCase()

/** The form of a name that a user types. */
export const normalName = (name: string): string => name.normalize('NFC').trim()

/** The form in which usernames are compared. NFKC and lower case make similar-looking names equal. */
export const normalUsername = (username: string): string => username.normalize('NFKC').trim().toLowerCase()

/**
 * 2 to 64 letters, digits, dots, underscores and hyphens. No @, so that a login is never ambiguous. A few
 * letters are invisible, such as the Hangul filler: with one, two usernames would look the same.
 */
export const isUsername = (value: string): boolean =>
  /^[\p{L}\p{N}][\p{L}\p{N}._-]{1,63}$/u.test(value) && !/\p{Default_Ignorable_Code_Point}/u.test(value)

/** Checks the form only: one @, no spaces or control characters, at most 254 characters. */
export const isEmail = (value: string): boolean =>
  value.length <= 254 &&
  /^[^\s@\p{Cc}<>"(),:;[\]\\]+@[^\s@\p{Cc}<>"(),:;[\]\\]+\.[^\s@\p{Cc}<>"(),:;[\]\\.]+$/u.test(value)

/**
 * Control characters, line separators, halves of characters, and the marks that reverse the direction of
 * text: with one, a name could show itself as another name or file.
 */
const unreadable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f]/u

/**
 * A letter, digit, punctuation mark or symbol that leaves ink. Some letters and symbols leave none: fillers,
 * the empty Braille pattern, blank hieroglyphs and the empty note head.
 */
const visible =
  /[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800\u{13441}\u{13442}\u{1d159}]]/v

/** The canonical form of a language tag (RFC 5646), or undefined if the text is not one. */
export const canonicalLocale = (tag: string): string | undefined => {
  try {
    return tag.length <= 35 ? Intl.getCanonicalLocales(tag)[0] : undefined
  } catch {
    return undefined
  }
}

/** The longest name, in characters and not in UTF-16 units: an emoji is one or more characters. */
export const maxNameLength = 100

/**
 * Whether the text may be the name that a user shows. The joiners of emoji and of Persian are invisible and
 * allowed, but a name needs a visible character.
 */
export const isDisplayName = (name: string): boolean =>
  [...name].length <= maxNameLength && visible.test(name) && !unreadable.test(name)

/** The text with a space in place of what a display name must not contain. */
export const readableText = (text: string): string =>
  [...text.toWellFormed()].map((char) => (unreadable.test(char) ? ' ' : char)).join('')

/** False if an admin disabled the user. */
export const isActive = (user: Pick<User, 'disabledAt'>): boolean => user.disabledAt === undefined

/**
 * Whether the address of the user waits for a confirmation. A user without an address has none to confirm.
 */
export const mustConfirmEmail = (user: Pick<User, 'email' | 'emailVerified'>): boolean =>
  user.email !== undefined && !user.emailVerified

/** Whether "sign out everywhere" ended a session with this last authentication. */
export const isCutOff = (user: User, authTime: Date): boolean =>
  user.tokensValidAfter !== undefined && authTime <= user.tokensValidAfter

/** What decides whether the access of a user has ended. */
export type AccessFacts = Pick<User, 'disabledAt' | 'passwordHash' | 'tokensValidAfter'>

/**
 * Whether the access of a user has ended since the record `read` was read: the user was deleted or disabled,
 * the password is another one, or everything was signed out. It needs no times, so clocks may differ.
 */
export const hasEndedSince = (read: AccessFacts, current: AccessFacts | undefined): boolean =>
  current === undefined ||
  !isActive(current) ||
  !sameSecret(current.passwordHash ?? '', read.passwordHash ?? '') ||
  current.tokensValidAfter?.getTime() !== read.tokensValidAfter?.getTime()

export type UserUnusable = 'user deleted' | 'user disabled' | 'user signed out everywhere'

/**
 * Whether the user may use a session whose last authentication was at `authTime`.
 * Omit `authTime` for an access token, because the blacklist already covers "sign out everywhere".
 */
export const checkUser = (
  user: User | undefined,
  authTime?: Date,
): { outcome: 'usable'; user: User } | { outcome: 'unusable'; reason: UserUnusable } => {
  if (user === undefined) return { outcome: 'unusable', reason: 'user deleted' }
  if (!isActive(user)) return { outcome: 'unusable', reason: 'user disabled' }
  if (authTime !== undefined && isCutOff(user, authTime))
    return { outcome: 'unusable', reason: 'user signed out everywhere' }
  return { outcome: 'usable', user }
}

export const newUserId = (): UserId => `usr_${randomToken(16)}`
