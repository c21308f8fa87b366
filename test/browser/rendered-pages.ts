// The pages and mails that functions render without a server, for take-pictures.ts.
import { createRenderMail } from '../../src/messages/render-mail.ts'
import { accountPage } from '../../src/pages/account-page.ts'
import type { AccountView } from '../../src/pages/account-view.ts'
import type { Brand } from '../../src/pages/brand.ts'
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
import type { Language } from '../../src/pages/language.ts'
import { linkPage } from '../../src/pages/link-confirmation-page.ts'
import { loginPage } from '../../src/pages/login-page.ts'
import { loggedOutPage, logoutPage } from '../../src/pages/logout-page.ts'
import { registerPage, registrationSentPage } from '../../src/pages/register-page.ts'
import { en } from '../../src/pages/texts.en.ts'
import { everyMail } from '../support/every-mail.ts'

const providers = ['kakao', 'google', 'naver']
const email = 'minseo.namgung@mail.example.com'

const hostedPages = (lang: Language, brand: Brand): Record<string, string> => {
  const frame = { lang, brand, nonce: 'nonce' }
  const clientName = lang === 'ko' ? '책갈피 책방' : 'Bookmark Bookshop'
  const login = { ...frame, requestId: 'r', clientName, mail: true, registration: true, providers }
  const asked = { requestId: 'r', clientName, redirectHost: 'app.bookmark.example', userLabel: email }
  const newPassword = { minPasswordLength: 15, serviceNames: [] }
  const register = { ...frame, ...newPassword, clientName, providers, problems: [] }
  const link = {
    ...frame,
    confirmationId: 'c',
    provider: 'naver',
    email,
    providers: ['kakao', 'google'],
    mail: true,
  }
  const deletion = { ...frame, label: email, providers: ['kakao'] }
  const error = { ...frame, requestId: 'Zk3fT9qLw2-mB7xY', retryAfterSeconds: 1 }
  const detail =
    'The redirect_uri of this request is not registered for the client bookshop, which has: https://app.bookmark.example/callback. Register it with "dojang clients update bookshop", with one --redirect-uri for each URI.'
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
    reset: resetPasswordPage({ ...frame, ...newPassword, email, removesOthers: false }),
    'reset unverified': resetPasswordPage({ ...frame, ...newPassword, email, removesOthers: true }),
    'confirm email': confirmEmailPage({ ...frame, email }),
    'change email': changeEmailPage({
      ...frame,
      from: email,
      tellsOld: true,
      to: 'new@mail.example.com',
      signedIn: true,
    }),
    'change email elsewhere': changeEmailPage({
      ...frame,
      tellsOld: false,
      to: 'new@mail.example.com',
      signedIn: false,
    }),
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
    'logged out': loggedOutPage({ ...frame, isSignedOut: true }),
    'form post': formPostPage({ ...frame, action: 'https://app.example', fields: {} }),
    'delete account': deleteAccountPage({ ...deletion, mustReauthenticate: false }),
    'account deleted': accountDeletedPage(frame),
    ...Object.fromEntries(
      kinds.map((kind) => [`error ${kind}`, errorPage({ ...error, kind, answersForm: false })]),
    ),
    ...Object.fromEntries(
      kinds.map((kind) => [`error ${kind} after a form`, errorPage({ ...error, kind, answersForm: true })]),
    ),
    'error bad_redirect with detail': errorPage({
      ...error,
      kind: 'bad_redirect',
      answersForm: false,
      detail,
    }),
  }
}

const androidPhone =
  'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Mobile Safari/537.36'
const windows =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36'

const accountPages = (lang: Language, brand: Brand): Record<string, string> => {
  const [shop, club] =
    lang === 'ko' ? ['책갈피 책방', '동네 독서 모임'] : ['Bookmark Bookshop', 'Reading Club']
  const at = (day: number) => new Date(Date.UTC(2026, 2, day, 7, 5))
  const session = { id: 's1', isBrowser: true, startedAt: at(1), lastSeenAt: at(9), clients: [shop] }
  const here = { ...session, current: true, sameNetwork: true, userAgent: windows, ip: '203.0.113.24' }
  const view: AccountView = {
    ...{ lang, brand, nonce: 'nonce' },
    ...{ providers: [], identities: [], sessions: [here], grants: [], mail: true },
    user: {
      email,
      emailVerified: true,
      name: lang === 'ko' ? '남궁민서' : 'Minseo Namgung',
      hasPassword: true,
    },
    minPasswordLength: 15,
    serviceNames: [],
  }
  const elsewhere = { ...session, id: 's2', current: false, sameNetwork: false, lastSeenAt: at(8) }
  const full: AccountView = {
    ...view,
    providers,
    user: { ...view.user, username: 'minseo', emailVerified: false, locale: lang },
    identities: [
      { provider: 'kakao', subject: 'k', email, linkedAt: at(2) },
      { provider: 'naver', subject: 'n', linkedAt: at(3) },
    ],
    sessions: [
      here,
      {
        ...elsewhere,
        userAgent: androidPhone,
        ip: '2001:db8:85a3:8d3:1319:8a2e:370:7348',
        clients: [shop, club],
      },
      {
        ...elsewhere,
        id: 's3',
        userAgent: 'okhttp/4.12.0',
        isBrowser: false,
        ip: '198.51.100.7',
        lastSeenAt: at(4),
      },
    ],
    grants: [
      {
        ...{ clientId: 'club', clientName: club, grantedAt: at(5) },
        scopes: ['openid', 'profile', 'email', 'offline_access', 'orders:read'],
        scopeWords: { 'orders:read': lang === 'ko' ? '주문 내역 보기' : 'See your orders' },
      },
    ],
  }
  return {
    'account plain': accountPage(view),
    'account full': accountPage(full),
    'account saved': accountPage({ ...view, notice: 'profile_saved' }),
    'account refused': accountPage({ ...view, problem: 'wrong_password' }),
    'account email refused': accountPage({ ...view, problem: 'email_invalid' }),
    'account password refused': accountPage({
      ...view,
      problem: 'password_common',
      strength: { level: 0 },
    }),
    'account without password': accountPage({
      ...full,
      user: { email, emailVerified: true, hasPassword: false },
      identities: full.identities.slice(0, 1),
      problem: 'last_login_method',
    }),
  }
}

const mails = (lang: Language, brand: Brand): Record<string, string> => {
  const render = createRenderMail({ issuer: 'https://id.example.com', name: brand.name, brand })
  return Object.fromEntries(
    everyMail(lang, email).map((mail) => [
      `mail ${mail.kind.replaceAll('_', ' ')}`,
      render(mail, new Date('2026-03-01T07:05:00Z')).html,
    ]),
  )
}

export const renderedPages = (lang: Language, brand: Brand): Record<string, string> => ({
  ...hostedPages(lang, brand),
  ...accountPages(lang, brand),
  ...mails(lang, brand),
})
