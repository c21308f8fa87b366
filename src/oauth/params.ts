// OAuth parameters (RFC 6749 §3.1, §3.2): each has one value. An empty value counts as absent.
import type { Fields } from '../http/form.ts'
import { invalidRequest } from './errors.ts'

export interface Params {
  get(name: string): string | undefined
  /** Every value of a parameter that may be repeated. */
  all(name: string): readonly string[]
}

/** A request may name several resources (RFC 8707 §2). */
const repeatable = ['resource']

/** @throws {OAuthError} invalid_request if a parameter was sent twice */
export const readParams = (fields: Fields): Params => {
  for (const [name, values] of fields)
    if (values.length > 1 && !repeatable.includes(name))
      throw invalidRequest('A parameter was sent more than once.')
  const all = (name: string) => (fields.get(name) ?? []).filter((value) => value !== '')
  return { all, get: (name) => all(name)[0] }
}

/** @throws {OAuthError} invalid_request if it is missing */
export const required = (params: Params, name: string): string => {
  const value = params.get(name)
  if (value === undefined) throw invalidRequest(`The parameter ${name} is missing.`)
  return value
}
