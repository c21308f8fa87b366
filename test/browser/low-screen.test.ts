// On a low screen of a laptop a user reaches the main button of the tall pages without scrolling.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumIsMissing, launchChromium } from '../../harness/chromium.ts'
import { createBrand } from '../../src/pages/brand.ts'
import { consentPage } from '../../src/pages/consent-page.ts'
import { type Language, languages } from '../../src/pages/language.ts'
import { linkPage } from '../../src/pages/link-confirmation-page.ts'
import { loginPage } from '../../src/pages/login-page.ts'
import { registerPage } from '../../src/pages/register-page.ts'

const email = 'minseo.namgung@mail.example.com'

/** Each with the selector of a button that must be visible. */
const pagesOf = (lang: Language): Record<string, [page: string, button: string]> => {
  const frame = { lang, nonce: 'n', brand: createBrand({}), requestId: 'r' }
  const clientName = lang === 'ko' ? '책갈피 책방' : 'Bookmark Bookshop'
  const providers = ['kakao', 'google', 'naver']
  const login = { ...frame, clientName, providers, login: email, mail: true, registration: true }
  const signIn = (more: Partial<Parameters<typeof loginPage>[0]>): [string, string] => [
    loginPage({ ...login, ...more }),
    'form[action="/login/password"] .button',
  ]
  const register = (more: Partial<Parameters<typeof registerPage>[0]>): [string, string] => [
    registerPage({ ...login, problems: [], minPasswordLength: 15, serviceNames: [], ...more }),
    'form[action="/register"] .button',
  ]
  return {
    'sign-in': signIn({}),
    'sign-in again': signIn({ reauthenticate: true }),
    'sign-in with a wrong password': signIn({ problem: 'wrong_credentials' }),
    'sign-in with empty fields': signIn({ problem: 'empty' }),
    'sign-in after too many attempts': signIn({ problem: 'throttled', retryAfterSeconds: 1 }),
    'sign-in after a cancelled one': signIn({ problem: { what: 'provider_cancelled', provider: 'kakao' } }),
    'sign-in with a new password': signIn({ notice: 'password_reset' }),
    registration: register({}),
    'registration with documents': register({
      brand: createBrand({
        termsUrl: 'https://shop.example/terms',
        privacyUrl: 'https://shop.example/privacy',
      }),
    }),
    'link to a known address': [
      linkPage({
        ...login,
        ...{ confirmationId: 'c', provider: 'naver', email, providers: ['kakao', 'google'] },
        ...{ mayTakeOver: false, mayStayApart: true },
      }),
      '.other-way .button',
    ],
    consent: [
      consentPage({
        ...frame,
        clientName,
        redirectHost: 'app.bookmark.example',
        userLabel: email,
        scopes: ['openid', 'profile', 'email', 'offline_access', 'orders:read'],
        scopeWords: { 'orders:read': lang === 'ko' ? '주문 내역 보기' : 'See your orders' },
        lifetimeSeconds: 2_592_000,
      }),
      '[value=allow]',
    ],
  }
}

describe.skipIf(chromiumIsMissing)('in Chromium', () => {
  let chromium: Browser

  beforeAll(async () => {
    chromium = await launchChromium()
  })
  afterAll(() => chromium?.close())

  test.for(languages)('on a low screen every tall page in %s shows its main button', async (lang) => {
    const page = await chromium.newPage({ viewport: { width: 1366, height: 657 } })
    for (const [name, [content, button]] of Object.entries(pagesOf(lang))) {
      await page.setContent(content)
      const box = await page.locator(button).boundingBox()
      expect.soft((box?.y ?? 0) + (box?.height ?? 999), name).toBeLessThanOrEqual(657)
    }
    await page.close()
  })
})
