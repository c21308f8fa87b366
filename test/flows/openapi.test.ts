import { expect, test } from 'vitest'
import { foreignBrand } from '../support/foreign-brand.ts'
import { useIssuer } from '../support/use-issuer.ts'

// Kakao, Google and a logo are configured here, because their routes exist only if they are.
const issuer = useIssuer({
  env: {
    ...foreignBrand(),
    KAKAO_CLIENT_ID: 'a',
    KAKAO_CLIENT_SECRET: 'b',
    KAKAO_ADMIN_KEY: 'c',
    KAKAO_APP_ID: '1',
    GOOGLE_CLIENT_ID: 'd',
    GOOGLE_CLIENT_SECRET: 'e',
  },
})

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

test('serves the page /docs in English and in Korean', async () => {
  const english = await issuer.send('/docs', { headers: { 'accept-language': 'en' } })
  expect(english.status).toBe(200)
  expect(english.body).toContain('/.well-known/jwks.json')
  const korean = await issuer.send('/docs?ui_locales=ko')
  expect(korean.body).toContain('lang="ko"')
})
