// Users: the record, its port, and the rules for addresses, usernames and disabled users.
// passwords/ checks passwords.
import { epochSeconds } from '../clock.ts'
import type { ClientId, UserId } from '../ids.ts'
import { randomToken } from '../secrets.ts'

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
  /** Tokens and sessions that started at or before this second are not valid (sign out everywhere). */
  tokensValidAfter?: Date
  createdAt: Date
  updatedAt: Date
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
  change(
    id: UserId,
    change: UserChange,
    now: Date,
  ): Promise<'changed' | 'unknown' | 'email_taken' | 'username_taken'>
  /** Replaces the hash only if it is still `from`, so that a new hash never undoes a password change. */
  replacePasswordHash(id: UserId, from: string, to: string): Promise<boolean>
  /** In ascending order of the id. `after` is the last id of the previous page. */
  list(page: { after?: string; limit: number }): Promise<User[]>
  /**
   * Also deletes the user's roles, consents and identities, and creates a disconnect request for each
   * identity. False if the user does not exist.
   */
  delete(id: UserId, now: Date): Promise<boolean>
}

/** The form in which addresses are stored and compared. */
export const normalEmail = (email: string): string => email.normalize('NFC').trim().toLowerCase()

/** The form in which usernames are compared. NFKC and lower case make similar-looking names equal. */
export const normalUsername = (username: string): string => username.normalize('NFKC').trim().toLowerCase()

/** 2 to 64 letters, digits, dots, underscores and hyphens. No @, so that a login is never ambiguous. */
export const isUsername = (value: string): boolean => /^[\p{L}\p{N}][\p{L}\p{N}._-]{1,63}$/u.test(value)

/** Checks the form only: one @, no spaces or control characters, at most 254 characters. */
export const isEmail = (value: string): boolean =>
  value.length <= 254 &&
  /^[^\s@\p{Cc}<>"(),:;[\]\\]+@[^\s@\p{Cc}<>"(),:;[\]\\]+\.[^\s@\p{Cc}<>"(),:;[\]\\.]+$/u.test(value)

/** False if an admin disabled the user. */
export const isActive = (user: User): boolean => user.disabledAt === undefined

/** Whether "sign out everywhere" ended what started at `startedAt`. Compares whole seconds, as in tokens. */
export const isCutOff = (user: User, startedAt: Date): boolean =>
  user.tokensValidAfter !== undefined && epochSeconds(startedAt) <= epochSeconds(user.tokensValidAfter)

export type UserUnusable = 'user deleted' | 'user disabled' | 'user signed out everywhere'

/**
 * Whether the user may use a session, family or code that started at `startedAt`.
 * Omit `startedAt` for an access token, because the blacklist already covers "sign out everywhere".
 */
export const checkUser = (
  user: User | undefined,
  startedAt?: Date,
): { outcome: 'usable'; user: User } | { outcome: 'unusable'; reason: UserUnusable } => {
  if (user === undefined) return { outcome: 'unusable', reason: 'user deleted' }
  if (!isActive(user)) return { outcome: 'unusable', reason: 'user disabled' }
  if (startedAt !== undefined && isCutOff(user, startedAt))
    return { outcome: 'unusable', reason: 'user signed out everywhere' }
  return { outcome: 'usable', user }
}

export const newUserId = (): UserId => `usr_${randomToken(16)}`
