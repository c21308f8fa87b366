import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'

let issuer: TestIssuer
beforeAll(async () => {
  // With everything that can be configured: what is not has no route.
  issuer = await testIssuer({
    env: {
      KAKAO_CLIENT_ID: 'a',
      KAKAO_CLIENT_SECRET: 'b',
      KAKAO_ADMIN_KEY: 'c',
      KAKAO_APP_ID: '1',
      GOOGLE_CLIENT_ID: 'd',
      GOOGLE_CLIENT_SECRET: 'e',
    },
  })
})
afterAll(() => issuer.close())

test('the OpenAPI document names exactly the routes that are mounted', async () => {
  const { json } = await issuer.send('/docs/openapi.json')
  const documented = Object.entries(json.paths as Record<string, Record<string, unknown>>).flatMap(
    ([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const real = issuer.app
    .routes()
    .filter(([method, path]) => method !== 'OPTIONS' && method !== 'HEAD' && !/^\/api\/.*\/$/.test(path))
    .map(([method, path]) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  expect([...new Set(documented)].sort()).toEqual([...new Set(real)].sort())
})

test('/docs is a page in both languages', async () => {
  const english = await issuer.send('/docs', { headers: { 'accept-language': 'en' } })
  expect(english.status).toBe(200)
  expect(english.body).toContain('/.well-known/jwks.json')
  const korean = await issuer.send('/docs?ui_locales=ko')
  expect(korean.body).toContain('lang="ko"')
})
