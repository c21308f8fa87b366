// The errors of /api in the language of the request. Programs read `code`, which has no language.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Unavailable } from '../../src/unavailable.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const hangul = /[가-힣]/
const ascii = /^[\x20-\x7e]*$/

const asked = (path: string, init: RequestInit, language?: string) =>
  issuer.send(path, {
    ...init,
    headers: { ...init.headers, ...(language !== undefined && { 'accept-language': language }) },
  })

const posted = (body: unknown): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})

const jane = { email: 'jane@example.com', password: 'wrong-password-of-jane' }

const problems: [string, RequestInit, number, string][] = [
  ['/nowhere', {}, 404, 'not_found'],
  ['/metrics', { headers: { 'x-forwarded-for': '192.0.2.1' } }, 404, 'not_found'],
  ['/api/users/me', {}, 401, 'token_required'],
  ['/api/users/me', { method: 'DELETE' }, 405, 'method_not_allowed'],
  ['/api/users', posted({ ...jane, email: 'x' }), 422, 'email_invalid'],
  ['/api/users', posted({ ...jane, password: 'short' }), 422, 'password_too_short'],
  ['/api/users', posted([]), 400, 'invalid_request'],
  ['/api/users', { method: 'POST', body: '<a/>' }, 415, 'unsupported_media_type'],
  ['/api/users', posted({ email: 'x'.repeat(70_000) }), 413, 'too_large'],
  ['/api/token', posted({}), 400, 'invalid_request'],
  ['/api/token', posted(jane), 401, 'invalid_credentials'],
  ['/api/token', posted({ ...jane, delivery: 'pigeon' }), 400, 'invalid_request'],
  ['/api/token', posted({ ...jane, audience: 'https://orders.example' }), 400, 'invalid_request'],
  [
    '/api/token',
    { ...posted(jane), headers: { 'content-type': 'application/json', origin: 'https://evil.example' } },
    403,
    'origin_not_registered',
  ],
  ['/api/token/refresh', posted({ refresh: 'x' }), 401, 'token_not_valid'],
  ['/api/token/verify', posted({ token: 'x' }), 401, 'token_not_valid'],
  ['/api/password/reset', posted({ token: 'x', password: 'y' }), 400, 'invalid_link'],
]

describe('a problem document', () => {
  test.each(problems)(
    'of %s with %o has %i %s in Korean and in English (H7)',
    async (path, init, status, code) => {
      const ko = await asked(path, init, 'ko-KR,ko;q=0.9,en;q=0.8')
      const en = await asked(path, init, 'en-US,en;q=0.9,ko;q=0.8')
      for (const { status: answered, json, headers } of [ko, en]) {
        expect([answered, json.status, json.code]).toEqual([status, status, code])
        expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
        expect(headers.get('vary')).toContain('Accept-Language')
        // RFC 9110 §15.5.2: an answer with 401 names a scheme.
        expect(headers.get('www-authenticate')?.startsWith('Bearer ') ?? false).toBe(status === 401)
      }
      expect(ko.headers.get('content-language')).toBe('ko')
      expect(en.headers.get('content-language')).toBe('en')
      for (const member of ['title', 'detail'] as const) {
        expect(ko.json[member]).toMatch(hangul)
        expect(en.json[member]).toMatch(ascii)
      }
    },
  )

  test('is English without Accept-Language, and for a language that Dojang does not speak', async () => {
    for (const language of [undefined, 'fr', '*', 'ko;q=0', 'nonsense;;;q=x'])
      expect((await asked('/api/users/me', {}, language)).headers.get('content-language'), language).toBe(
        'en',
      )
  })

  test('varies by the origin too, so that no cache mixes answers of two origins (H1)', async () => {
    expect((await asked('/api/users/me', {}, 'ko')).headers.get('vary')).toBe('Origin, Accept-Language')
  })

  test('has its further members in the same language: missing members and the faults of a registration', async () => {
    const { json: missing } = await asked('/api/token', posted({}), 'ko')
    expect(missing).toMatchObject({
      username: ['username 값이 필요해요.'],
      password: ['password 값이 필요해요.'],
      detail: 'username 값이 필요해요. password 값이 필요해요.',
    })
    const { json: refused } = await asked('/api/users', posted({ email: 'x', password: 'short' }), 'ko')
    const errors = refused.errors as { code: string; detail: string }[]
    expect(errors.map(({ code }) => code)).toEqual(['email_invalid', 'password_too_short'])
    expect(errors.every(({ detail }) => hangul.test(detail))).toBe(true)
  })

  test('says in the same language that a store is down (C9)', async () => {
    const { users } = issuer.stores
    const { findByLogin } = users
    users.findByLogin = async () => {
      throw new Unavailable('the database')
    }
    try {
      const { status, headers, json } = await asked('/api/token', posted(jane), 'ko')
      expect([status, json.code, json.title]).toEqual([
        503,
        'temporarily_unavailable',
        '지금은 사용할 수 없음',
      ])
      expect(headers.get('retry-after')).toMatch(/^\d+$/)
    } finally {
      users.findByLogin = findByLogin
    }
  })
})

test('an error of OAuth stays English and ASCII in every language, as RFC 6749 §5.2 asks (H7)', async () => {
  for (const [path, method] of [
    ['/token', 'POST'],
    ['/token', 'PUT'],
    ['/introspect', 'POST'],
  ] as const) {
    const body = method === 'POST' ? 'grant_type=password' : undefined
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const { json } = await asked(path, { method, headers, ...(body && { body }) }, 'ko')
    expect(json.error).toMatch(ascii)
    expect(json.error_description).toMatch(ascii)
    expect(json.error_description).not.toBe('')
  }
})

test('every Korean text of an error is Korean, and every English one is ASCII', () => {
  const root = new URL('../../src/', import.meta.url).pathname
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /^(http|first-party|login|webhooks)\/.*\.ts$/.test(path),
  )
  const texts = files.flatMap((path) =>
    [...readFileSync(`${root}${path}`, 'utf8').matchAll(/\b(ko|en): (['"`])(.+?)\2[,\s}]/g)].map(
      ([, language, , text = '']) => ({ path, language, text }),
    ),
  )
  expect(texts.length).toBeGreaterThan(80)
  expect(texts.filter(({ language, text }) => language === 'ko' && !hangul.test(text))).toEqual([])
  expect(texts.filter(({ language, text }) => language === 'en' && !ascii.test(text))).toEqual([])
})
