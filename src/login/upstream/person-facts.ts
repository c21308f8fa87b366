// Reads e-mail address and name from a provider's response, within the limits of an account.
import { isEmail, normalEmail, readableText } from '../../users/user.ts'

/** The trimmed address, or undefined if it is not an e-mail address. */
export const emailOf = (value: unknown): string | undefined =>
  typeof value === 'string' && isEmail(normalEmail(value)) ? value.trim() : undefined

/** One line of at most 100 characters, or undefined if nothing is left. */
export const nameOf = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined
  const name = [...readableText(value).replace(/ +/g, ' ').trim()].slice(0, 100).join('')
  return name === '' ? undefined : name
}
