// Reads the input of an operation. Each operation declares its members once, for the check and for the type.
// An unknown member is rejected, so that a typing error is not taken for an absent member.
import { isJsonObject } from '../json-object.ts'
import { invalid } from './admin-error.ts'

/** Reads one member of an input. `value` is undefined if it is absent. @throws {AdminError} `invalid` */
export type ReadMember<Value> = (value: unknown, name: string) => Value

export type InputMembers = Readonly<Record<string, ReadMember<unknown>>>

/** The checked values that an operation works with. */
export type InputValues<Members extends InputMembers> = {
  [Name in keyof Members]: ReturnType<Members[Name]>
}

type RequiredName<Values> = {
  [Name in keyof Values]: undefined extends Values[Name] ? never : Name
}[keyof Values]

type InputShape<Values> = Partial<Values> & Pick<Values, RequiredName<Values>>

/** The input as a caller writes it. A member that is not required may be left out or be undefined. */
export type InputOf<Members extends InputMembers> = {
  [Name in keyof InputShape<InputValues<Members>>]: InputShape<InputValues<Members>>[Name]
}

/** @throws {AdminError} `invalid`, if the input has an unknown member or a member of the wrong type */
export const readInput = <Members extends InputMembers>(
  value: unknown,
  members: Members,
): InputValues<Members> => {
  const input = value ?? {}
  if (!isJsonObject(input)) throw invalid('The input must be a JSON object.')
  const extra = Object.keys(input).find((name) => !Object.hasOwn(members, name))
  if (extra !== undefined)
    throw invalid(`"${extra.slice(0, 60)}" is not a member of this input. Remove it or correct its name.`)
  const values = Object.entries(members).map(([name, read]) => {
    const member = Object.hasOwn(input, name) ? input[name] : undefined
    return [name, read(member ?? undefined, name)]
  })
  return Object.fromEntries(values) as InputValues<Members>
}

/** For an operation that takes no input. */
export const noInput = {} as const satisfies InputMembers

/** A text that is not empty. */
export const text: ReadMember<string | undefined> = (value, name) => {
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value === '')
    throw invalid(`"${name}" must be a text and not empty.`, name)
  return value
}

const maxItems = 1000

/** The distinct texts of a list. */
export const list: ReadMember<string[] | undefined> = (value, name) => {
  if (value === undefined) return undefined
  if (!Array.isArray(value) || value.length > maxItems || !value.every((item) => typeof item === 'string'))
    throw invalid(`"${name}" must be a list of at most ${maxItems} texts.`, name)
  return [...new Set(value)]
}

export const flag: ReadMember<boolean | undefined> = (value, name) => {
  if (value !== undefined && typeof value !== 'boolean')
    throw invalid(`"${name}" must be true or false.`, name)
  return value
}

export const whole =
  (min: number, max: number): ReadMember<number | undefined> =>
  (value, name) => {
    if (value === undefined) return undefined
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
      throw invalid(`"${name}" must be a whole number from ${min} to ${max}.`, name)
    return value
  }

/** Any JSON value; the operation checks it. */
export const json: ReadMember<unknown> = (value) => value

export const required =
  <Value>(read: ReadMember<Value | undefined>): ReadMember<Value> =>
  (value, name) => {
    const member = read(value, name)
    if (member === undefined) throw invalid(`"${name}" is required.`, name)
    return member
  }
