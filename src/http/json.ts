// Reads JSON bodies of the first-party API. Rejects NUL, which PostgreSQL cannot store, and `__proto__`.
import type { FastifyInstance } from 'fastify'
import { isJsonObject, type JsonObject } from '../json-object.ts'
import { MalformedInput } from './form.ts'
import { ProblemError } from './problem.ts'

const parseJson = (body: Buffer): unknown => {
  // Some clients send the content type even with an empty body.
  if (body.length === 0) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body), (key, value) => {
      if (key === '__proto__') throw new MalformedInput('a forbidden member')
      if (typeof value === 'string' && value.includes('\0')) throw new MalformedInput('a NUL character')
      return value
    })
  } catch (error) {
    throw error instanceof MalformedInput ? error : new MalformedInput('not JSON, or not UTF-8')
  }
}

export const acceptJson = (server: FastifyInstance) =>
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })

/** @throws {ProblemError} 400 if the body is not a JSON object */
export const jsonObject = (body: unknown): JsonObject => {
  if (isJsonObject(body) && !(body instanceof Map)) return body
  throw new ProblemError({
    status: 400,
    code: 'invalid_request',
    detail: { en: 'The body must be a JSON object.', ko: '본문은 JSON 객체여야 해요.' },
  })
}
