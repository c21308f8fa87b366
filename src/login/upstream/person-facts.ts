// What providers say of a person, cut to what an account may hold.
import { isEmail, normalEmail } from '../../users/user.ts'

export const emailOf = (value: unknown): string | undefined =>
  typeof value === 'string' && isEmail(normalEmail(value)) ? value.trim() : undefined

/** One line of at most 100 characters, or nothing. */
export const nameOf = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined
  const name = [...value.replace(/[\p{Cc}\p{Cs}]+/gu, ' ').trim()].slice(0, 100).join('')
  return name === '' ? undefined : name
}
