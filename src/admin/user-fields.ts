// The members of a user that an admin may write, each in its stored form or refused.
import { type ClaimValue, isEmail, isUsername, normalEmail } from '../users/user.ts'
import { invalid } from './admin-error.ts'
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
      `${quoted(given)} is not a username: 2 to 64 letters, digits, dots, underscores, hyphens; no @.`,
    )
  return username
}

export const checkedName = (given: string): string => {
  if (given.length > 100 || /\p{Cc}/u.test(given))
    throw invalid('A name has at most 100 characters and no control characters.')
  return given
}

/** One claim may not bloat every token. */
const maxClaimBytes = 4096

export const checkedClaims = (given: unknown): Record<string, ClaimValue> => {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalid('Claims must be a JSON object.')
  for (const [name, value] of Object.entries(given)) {
    checkUserClaimName(name)
    if (Buffer.byteLength(JSON.stringify(value) ?? '') > maxClaimBytes)
      throw invalid(`The claim "${name}" is longer than ${maxClaimBytes} bytes.`)
  }
  // Through JSON once more, so that nothing but JSON is stored.
  return JSON.parse(JSON.stringify(given))
}
