// Reading the members of a JSON body: strings only, never coerced.
import { ProblemError } from '../http/problem.ts'

type Body = Readonly<Record<string, unknown>>

const invalid = (detail: string) => new ProblemError({ status: 400, code: 'invalid_request', detail })

/** @throws {ProblemError} 400 if it is there and not a string */
export const optionalText = (body: Body, name: string): string | undefined => {
  const value = Object.hasOwn(body, name) ? body[name] : undefined
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  throw invalid(`The member ${name} must be a string.`)
}

/** @throws {ProblemError} 400 if it is missing, empty or not a string */
export const requiredText = (body: Body, name: string): string => {
  const value = optionalText(body, name)
  if (value === undefined) throw invalid(`The member ${name} is missing.`)
  return value
}
