// Reads the members of a JSON or form body. A value must be a string and is never converted.

import type { FastifyRequest } from 'fastify'
import { jsonObject } from '../http/json.ts'
import { ProblemError } from '../http/problem.ts'
import type { Language, Localized } from '../pages/language.ts'

export type Members = Readonly<Record<string, unknown>>

const invalid = (detail: Localized) => new ProblemError({ status: 400, code: 'invalid_request', detail })

/** Names each missing member, also as a member of the answer: front ends of SimpleJWT read them there. */
export const missing = (names: readonly string[]): ProblemError => {
  const sentence = (name: string): Localized => ({
    en: `The member ${name} is missing.`,
    ko: `${name} 값이 필요해요.`,
  })
  const detailIn = (lang: Language) => names.map((name) => sentence(name)[lang]).join(' ')
  return new ProblemError({
    status: 400,
    code: 'invalid_request',
    detail: { en: detailIn('en'), ko: detailIn('ko') },
    extra: (lang) => Object.fromEntries(names.map((name) => [name, [sentence(name)[lang]]])),
  })
}

/** @throws {ProblemError} 400 if a form repeats a field, or the body is not a JSON object */
export const readMembers = (request: FastifyRequest): Members => {
  if (!(request.body instanceof Map)) return jsonObject(request.body)
  const entries = [...(request.body as ReadonlyMap<string, readonly string[]>)]
  if (entries.every(([, values]) => values.length === 1))
    return Object.fromEntries(entries.map(([name, [value]]) => [name, value]))
  throw invalid({ en: 'A field was sent more than once.', ko: '같은 항목을 두 번 이상 보냈어요.' })
}

/** The same, for a route that also accepts a request without a body. */
export const readBody = (request: FastifyRequest): Members =>
  request.body === undefined || request.body === null ? {} : readMembers(request)

/**
 * Undefined if the member is missing, null or empty.
 * @throws {ProblemError} 400 if it is not a string
 */
export const optionalText = (body: Members, name: string): string | undefined => {
  const value = Object.hasOwn(body, name) ? body[name] : undefined
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  throw invalid({ en: `The member ${name} must be a string.`, ko: `${name} 값은 문자열이어야 해요.` })
}

/** @throws {ProblemError} 400 if the member is missing, empty or not a string */
export const requiredText = (body: Members, name: string): string => {
  const value = optionalText(body, name)
  if (value === undefined) throw missing([name])
  return value
}
