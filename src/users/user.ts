// People: the record, what may be changed of it, and the port that keeps it. Passwords are checked in login/.
import type { UserId } from '../ids.ts'
import { randomToken } from '../secrets.ts'

export type ClaimValue = string | number | boolean | null | ClaimValue[] | { [name: string]: ClaimValue }

export interface User {
  /** The `sub` of tokens: opaque, never reused, never an e-mail (OIDC Core §2). Begins with `usr_`. */
  id: UserId
  /** Normalised by `normalEmail`; accounts without one are normal. */
  email?: string
  emailVerified: boolean
  /** As the person typed it; unique by `normalUsername`. */
  username?: string
  name?: string
  locale?: string
  /** PHC string, or one of the imported forms (login/password-hash.ts). Absent: no password login. */
  passwordHash?: string
  roles: readonly string[]
  /** What the roles grant at this moment: read with the user, never stored with them. */
  scopes: readonly string[]
  /** Extra facts that an API may ask to see in its access tokens (`premium`, …). */
  claims: Readonly<Record<string, ClaimValue>>
  onboarded: boolean
  disabledAt?: Date
  /** Tokens and sessions begun at or before this second are dead (sign out everywhere). */
  tokensValidAfter?: Date
  createdAt: Date
  updatedAt: Date
}

/** Only the members named are changed; `null` removes an optional one. */
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

export type NewUser = Omit<User, 'scopes'>

export interface Users {
  /** One winner of any number of concurrent calls with the same address or username. */
  create(user: NewUser): Promise<'created' | 'email_taken' | 'username_taken'>
  find(id: UserId): Promise<User | undefined>
  /** By e-mail if `login` holds an @, else by username. */
  findByLogin(login: string): Promise<User | undefined>
  change(
    id: UserId,
    change: UserChange,
    now: Date,
  ): Promise<'changed' | 'unknown' | 'email_taken' | 'username_taken'>
  /** Swaps the stored hash only if it is still `from`, so a re-hash never undoes a password change. */
  replacePasswordHash(id: UserId, from: string, to: string): Promise<boolean>
  /** By id ascending, after the given id. */
  list(page: { after?: string; limit: number }): Promise<User[]>
  /** With all that hangs on them: roles, consents, identities. For each identity there is a goodbye to say from then on. */
  delete(id: UserId, now: Date): Promise<boolean>
}

export const normalEmail = (email: string): string => email.normalize('NFC').trim().toLowerCase()

/** Names that look alike after NFKC and case folding are one name. */
export const normalUsername = (username: string): string => username.normalize('NFKC').trim().toLowerCase()

/** A username may not hold an @, so that a login name is never ambiguous; 2 to 64 letters, digits, . _ - */
export const isUsername = (value: string): boolean => /^[\p{L}\p{N}][\p{L}\p{N}._-]{1,63}$/u.test(value)

/** One @, no spaces or control characters, at most 254 characters: delivery is the only real proof. */
export const isEmail = (value: string): boolean =>
  value.length <= 254 &&
  /^[^\s@\p{Cc}<>"(),:;[\]\\]+@[^\s@\p{Cc}<>"(),:;[\]\\]+\.[^\s@\p{Cc}<>"(),:;[\]\\.]+$/u.test(value)

export const isActive = (user: User): boolean => user.disabledAt === undefined

/** Whether "sign out everywhere" ended what started at `startedAt`. Compares whole seconds, as in tokens. */
export const isCutOff = (user: User, startedAt: Date): boolean =>
  user.tokensValidAfter !== undefined &&
  Math.floor(startedAt.getTime() / 1000) <= Math.floor(user.tokensValidAfter.getTime() / 1000)

export type UserUnusable = 'user deleted' | 'user disabled' | 'user signed out everywhere'

/**
 * Whether a user may use what was started at `startedAt`: a session, a family or a code.
 * Omit `startedAt` for an access token, because the blacklist already knows of "sign out everywhere".
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
