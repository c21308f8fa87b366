// One vector: an Authorization header and the verdict that every verifier must give.
import { type Json, now } from './tokens.ts'

export interface Vector {
  id: string
  says: string
  verifier: string
  now: number
  authorization: string | null
  needs?: { scopes?: string[]; roles?: string[] }
  expect: {
    verdict: string
    status: number
    error?: string
    scope?: string
    subject?: string
    scopes?: string[]
    roles?: string[]
  }
}

export interface VectorOptions {
  verifier?: string
  needs?: Vector['needs']
  expect?: Json
  now?: number
}

const expected = (verdict: string, more: Json = {}): Vector['expect'] => {
  if (verdict === 'ok') return { verdict, status: 200, subject: 'user-1', ...more }
  if (verdict === 'missing') return { verdict, status: 401 }
  if (verdict === 'stale' || verdict === 'unavailable') return { verdict, status: 503 }
  if (verdict === 'insufficient_scope') return { verdict, status: 403, error: verdict, ...more }
  return { verdict, status: 401, error: 'invalid_token' }
}

/** A vector with the whole `Authorization` header, or `null` for none. */
export const headerVector = (
  id: string,
  says: string,
  authorization: string | null,
  verdict: string,
  { verifier = 'default', needs, expect, now: at = now }: VectorOptions = {},
): Vector => ({
  id,
  says,
  verifier,
  now: at,
  authorization,
  ...(needs && { needs }),
  expect: expected(verdict, expect),
})

/** A vector that sends a bearer token. */
export const vector = (
  id: string,
  says: string,
  token: string,
  verdict: string,
  options?: VectorOptions,
): Vector => headerVector(id, says, `Bearer ${token}`, verdict, options)
