// Reads an operation's input member by member, and refuses what it does not know: a typing error must not pass for
// "not given".
import { invalid } from './admin-error.ts'

export interface Input {
  /** A text that must be there and not be empty. */
  text(name: string): string
  optionalText(name: string): string | undefined
  list(name: string): string[] | undefined
  flag(name: string): boolean | undefined
  whole(name: string, range: { min: number; max: number }): number | undefined
  /** The member as it came. */
  raw(name: string): unknown
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws {AdminError} `invalid`, if it is no object or has a member that is not `known`. */
export const readInput = (value: unknown, known: readonly string[]): Input => {
  const given = value === undefined || value === null ? {} : value
  if (!isRecord(given)) throw invalid('The input must be a JSON object.')
  const stranger = Object.keys(given).find((name) => !known.includes(name))
  if (stranger !== undefined) throw invalid(`There is no member "${stranger.slice(0, 60)}" in this input.`)

  const raw = (name: string): unknown =>
    Object.hasOwn(given, name) && given[name] !== null ? given[name] : undefined

  const optionalText = (name: string): string | undefined => {
    const member = raw(name)
    if (member === undefined) return undefined
    if (typeof member !== 'string' || member === '')
      throw invalid(`"${name}" must be a text that is not empty.`)
    return member
  }

  return {
    raw,
    optionalText,
    text: (name) => {
      const text = optionalText(name)
      if (text === undefined) throw invalid(`"${name}" is missing.`)
      return text
    },
    list: (name) => {
      const member = raw(name)
      if (member === undefined) return undefined
      if (!Array.isArray(member) || member.length > 1000 || !member.every((item) => typeof item === 'string'))
        throw invalid(`"${name}" must be a list of texts.`)
      return [...new Set(member)]
    },
    flag: (name) => {
      const member = raw(name)
      if (member !== undefined && typeof member !== 'boolean')
        throw invalid(`"${name}" must be true or false.`)
      return member
    },
    whole: (name, { min, max }) => {
      const member = raw(name)
      if (member === undefined) return undefined
      if (typeof member !== 'number' || !Number.isInteger(member) || member < min || member > max)
        throw invalid(`"${name}" must be a whole number from ${min} to ${max}.`)
      return member
    },
  }
}
