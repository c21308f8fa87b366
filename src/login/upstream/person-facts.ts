// Reads e-mail address and name from a provider's response, within the limits of an account.
import {
  isDisplayName,
  isEmail,
  maxNameLength,
  normalEmail,
  normalName,
  readableText,
} from '../../users/user.ts'

/** The trimmed address, or undefined if it is not an e-mail address. */
export const emailOf = (value: unknown): string | undefined =>
  typeof value === 'string' && isEmail(normalEmail(value)) ? value.trim() : undefined

/** The name as an account may have it, shortened if needed. Undefined if nothing visible is left. */
export const nameOf = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined
  const characters = [...normalName(readableText(value).replace(/ +/g, ' '))]
  const name = characters.slice(0, maxNameLength).join('').trim()
  return isDisplayName(name) ? name : undefined
}
