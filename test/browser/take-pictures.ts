// Takes a picture of the hosted pages in four widths, two themes, two languages and two brands, for a person
// to look at: node test/browser/take-pictures.ts FOLDER [WORD]. With WORD only pages with this word.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launchChromium } from '../../harness/chromium.ts'
import { readBrand } from '../../src/brand-config.ts'
import { createEnvironment } from '../../src/environment.ts'
import { type Brand, createBrand, logoPath } from '../../src/pages/brand.ts'
import { consentPage } from '../../src/pages/consent-page.ts'
import { continuePage } from '../../src/pages/continue-page.ts'
import { accountDeletedPage, deleteAccountPage } from '../../src/pages/delete-account-page.ts'
import {
  changeEmailPage,
  confirmEmailPage,
  deadLinkPage,
  resetPasswordPage,
  unconfirmedPage,
} from '../../src/pages/email-link-pages.ts'
import { type ErrorKind, errorPage } from '../../src/pages/error-page.ts'
import { forgotPasswordPage, forgotPasswordSentPage } from '../../src/pages/forgot-password-page.ts'
import { formPostPage } from '../../src/pages/form-post-page.ts'
import { type Language, languages } from '../../src/pages/language.ts'
import { linkPage } from '../../src/pages/link-confirmation-page.ts'
import { loginPage } from '../../src/pages/login-page.ts'
import { loggedOutPage, logoutPage } from '../../src/pages/logout-page.ts'
import { registerPage, registrationSentPage } from '../../src/pages/register-page.ts'
import { en } from '../../src/pages/texts.en.ts'
import { foreignBrand, foreignLogo } from '../support/foreign-brand.ts'

const providers = ['kakao', 'google', 'naver']
const email = 'minseo.namgung@mail.example.com'

const pagesOf = (lang: Language, brand: Brand): Record<string, string> => {
  const frame = { lang, brand, nonce: 'nonce' }
  const clientName = lang === 'ko' ? '책갈피 책방' : 'Bookmark Bookshop'
  const login = { ...frame, requestId: 'r', clientName, mail: true, registration: true, providers }
  const asked = { requestId: 'r', clientName, redirectHost: 'app.bookmark.example', userLabel: email }
  const newPassword = { minPasswordLength: 15, serviceNames: [] }
  const register = { ...frame, ...newPassword, clientName, providers, problems: [] }
  const link = { ...frame, confirmationId: 'c', provider: 'naver', email, providers: ['kakao', 'google'] }
  const deletion = { ...frame, label: email, providers: ['kakao'] }
  const kinds = Object.keys(en.error.kinds) as ErrorKind[]
  return {
    'sign-in': loginPage(login),
    'sign-in plain': loginPage({ ...login, providers: [], mail: false }),
    'sign-in again': loginPage({ ...login, login: email, reauthenticate: true }),
    'sign-in wrong': loginPage({ ...login, login: email, problem: 'wrong_credentials' }),
    'sign-in empty': loginPage({ ...login, problem: 'empty' }),
    'sign-in throttled': loginPage({ ...login, login: email, problem: 'throttled', retryAfterSeconds: 1 }),
    'sign-in cancelled': loginPage({ ...login, problem: { what: 'provider_cancelled', provider: 'kakao' } }),
    'sign-in notice': loginPage({ ...login, notice: 'password_reset' }),
    register: registerPage(register),
    'register refused': registerPage({
      ...register,
      email: 'a@b',
      problems: ['email_invalid', 'password_common'],
    }),
    'register sent': registrationSentPage(frame),
    forgot: forgotPasswordPage(frame),
    'forgot refused': forgotPasswordPage({ ...frame, email: 'a@b', problem: 'email_invalid' }),
    'forgot sent': forgotPasswordSentPage({ ...frame, minutes: 30 }),
    reset: resetPasswordPage({ ...frame, ...newPassword, email }),
    'confirm email': confirmEmailPage({ ...frame, email }),
    'change email': changeEmailPage({ ...frame, from: email, to: 'new@mail.example.com' }),
    'dead link': deadLinkPage({ ...frame, purpose: 'reset_password' }),
    unconfirmed: unconfirmedPage({ ...frame, email, sent: true }),
    link: linkPage({ ...link, mayTakeOver: false, mayStayApart: true }),
    'link take over': linkPage({
      ...link,
      mayTakeOver: true,
      mayStayApart: false,
      problem: 'wrong_password',
    }),
    consent: consentPage({
      ...frame,
      ...asked,
      scopes: ['openid', 'profile', 'email', 'offline_access', 'orders:read'],
      scopeWords: { 'orders:read': lang === 'ko' ? '주문 내역 보기' : 'See your orders' },
      lifetimeSeconds: 2_592_000,
    }),
    continue: continuePage({ ...frame, ...asked }),
    logout: logoutPage({ ...frame, params: {} }),
    'logged out': loggedOutPage(frame),
    'form post': formPostPage({ ...frame, action: 'https://app.example', fields: {} }),
    'delete account': deleteAccountPage({ ...deletion, mustReauthenticate: false }),
    'account deleted': accountDeletedPage(frame),
    ...Object.fromEntries(
      kinds.map((kind) => [
        `error ${kind}`,
        errorPage({ ...frame, kind, requestId: 'Zk3fT9qLw2', answersForm: false, retryAfterSeconds: 1 }),
      ]),
    ),
  }
}

const widths = [
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1366, height: 657 },
  { width: 1920, height: 1080 },
]

const [folder, word = ''] = process.argv.slice(2)
if (folder === undefined) throw new Error('Name the folder for the pictures.')
const fault = (sentence: string) => {
  throw new Error(sentence)
}
const brands = {
  dojang: createBrand({}),
  foreign: createBrand(readBrand(createEnvironment(foreignBrand(), fault))),
}
const chromium = await launchChromium()
for (const [brandName, brand] of Object.entries(brands))
  for (const lang of languages) {
    const pages = Object.entries(pagesOf(lang, brand)).filter(([name]) => name.includes(word))
    const context = await chromium.newContext({ reducedMotion: 'reduce' })
    const page = await context.newPage()
    await page.route('**/*', (route) => {
      const path = decodeURIComponent(new URL(route.request().url()).pathname)
      if (path === logoPath) return route.fulfill({ contentType: 'image/svg+xml', body: foreignLogo })
      const found = pages.find(([name]) => path === `/${name}`)?.[1]
      return route.fulfill({ contentType: 'text/html; charset=utf-8', body: found ?? '' })
    })
    for (const [name] of pages) {
      await page.goto(`http://pages.example/${name}`)
      for (const viewport of widths) {
        await page.setViewportSize(viewport)
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme })
          const file = [name.replaceAll(' ', '-'), brandName, lang, colorScheme, viewport.width].join('.')
          mkdirSync(folder, { recursive: true })
          await page.screenshot({ path: join(folder, `${file}.png`), fullPage: true })
        }
      }
    }
    await context.close()
  }
await chromium.close()
