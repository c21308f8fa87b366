// Checks what an admin may write about a user. Each function gives the stored form or throws an AdminError.
import { defined } from '../defined.ts'
import type { UserId } from '../ids.ts'
import { isJsonObject } from '../json-object.ts'
import type { CheckNewPassword, PasswordFault } from '../passwords/policy.ts'
import type { Roles } from '../users/role.ts'
import {
  type ClaimValue,
  canonicalLocale,
  isDisplayName,
  isEmail,
  isUsername,
  normalEmail,
  normalName,
} from '../users/user.ts'
import { invalid, notFound } from './admin-error.ts'
import { checkUserClaimName } from './claim-names.ts'

const quoted = (text: string): string => JSON.stringify(text.slice(0, 260))

export const checkedEmail = (given: string): string => {
  const email = normalEmail(given)
  if (!isEmail(email)) throw invalid(`${quoted(given)} is not an e-mail address.`)
  return email
}

export const checkedUsername = (given: string): string => {
  const username = given.normalize('NFC').trim()
  if (!isUsername(username))
    throw invalid(
      `${quoted(given)} is not a username. Use 2 to 64 letters, digits, dots, underscores or hyphens, and no @.`,
    )
  return username
}

export const checkedName = (given: string): string => {
  const name = normalName(given)
  if (!isDisplayName(name))
    throw invalid(
      'A name has 1 to 100 characters, one of them visible, and none that controls the direction of text.',
    )
  return name
}

/** The canonical form of a language tag (RFC 5646). */
export const checkedLocale = (given: string): string => {
  const locale = canonicalLocale(given)
  if (locale === undefined)
    throw invalid(`${quoted(given)} is not a language tag. Use one like ko or en-US (RFC 5646).`)
  return locale
}

export interface UserNames {
  email?: string
  username?: string
  name?: string
}

/** Without an identity, a user needs an e-mail address or a username to sign in. */
export const checkedNames = (
  { email, username, name }: { [Name in keyof UserNames]: string | undefined },
  { hasIdentity = false } = {},
): UserNames => {
  if (email === undefined && username === undefined && !hasIdentity)
    throw invalid('A user needs an e-mail address or a username.')
  return defined({
    email: email === undefined ? undefined : checkedEmail(email),
    username: username === undefined ? undefined : checkedUsername(username),
    // Old systems join two empty names with a space.
    name: name?.trim() ? checkedName(name) : undefined,
  })
}

export const checkedRoles = async (roles: Roles, names: readonly string[]): Promise<readonly string[]> => {
  const known = (await roles.list()).map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw notFound(`There is no role ${JSON.stringify(unknown)}. Create it with "dojang roles create".`)
  return names
}

/** @throws {AdminError} `invalid`, naming every fault of the password */
export type CheckPassword = (password: string, user: UserNames & { id?: UserId }) => Promise<void>

export const createCheckPassword = ({
  checkNewPassword,
  minPasswordLength,
}: {
  checkNewPassword: CheckNewPassword
  minPasswordLength: number
}): CheckPassword => {
  const sentences: Record<PasswordFault, string> = {
    password_too_short: `The password is too short. Use at least ${minPasswordLength} characters, such as four unrelated words.`,
    password_too_long: 'The password is too long. Choose a shorter one.',
    password_common:
      'The password is common or follows a pattern, so it is easy to guess. Choose another one.',
    password_leaked: 'The password is in a known leak. Choose another one.',
    password_context: 'The password repeats the name of the user or of the service. Choose another one.',
  }
  return async (password, user) => {
    const faults = await checkNewPassword(password, user, user.id === undefined ? {} : { userId: user.id })
    if (faults.length > 0) throw invalid(faults.map((fault) => sentences[fault]).join(' '))
  }
}

/** Each access token carries the claims that its API asks for, so a claim must stay small. */
const maxClaimBytes = 4096

export const checkedClaims = (given: unknown): Record<string, ClaimValue> => {
  if (!isJsonObject(given)) throw invalid('Claims must be a JSON object.')
  for (const [name, value] of Object.entries(given)) {
    checkUserClaimName(name)
    if (Buffer.byteLength(JSON.stringify(value) ?? '') > maxClaimBytes)
      throw invalid(`The claim "${name}" is longer than ${maxClaimBytes} bytes. Shorten it.`)
  }
  // Copies the claims through JSON, so that only JSON is stored.
  return JSON.parse(JSON.stringify(given))
}
