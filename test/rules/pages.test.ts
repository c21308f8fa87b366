import { describe, expect, test } from 'vitest'
import { linkPurposes } from '../../src/email-links/email-link.ts'
import { accountPage } from '../../src/pages/account-page.ts'
import { createBrand } from '../../src/pages/brand.ts'
import { contrast, dojangAccent, themesOf } from '../../src/pages/colours.ts'
import { consentPage } from '../../src/pages/consent-page.ts'
import { continuePage } from '../../src/pages/continue-page.ts'
import { accountDeletedPage, deleteAccountPage } from '../../src/pages/delete-account-page.ts'
import { duration } from '../../src/pages/duration.ts'
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
import { html, render } from '../../src/pages/html.ts'
import { chooseLanguage, type Language, languages } from '../../src/pages/language.ts'
import { linkPage } from '../../src/pages/link-confirmation-page.ts'
import { type LoginNotice, type LoginProblem, loginPage } from '../../src/pages/login-page.ts'
import { loggedOutPage, logoutPage } from '../../src/pages/logout-page.ts'
import { type RegisterProblem, registerPage, registrationSentPage } from '../../src/pages/register-page.ts'
import { en } from '../../src/pages/texts.en.ts'
import { ko } from '../../src/pages/texts.ko.ts'
import { userAgentName } from '../../src/pages/user-agent.ts'
import { playgroundPage, playgroundScript } from '../../src/playground/playground-page.ts'
import { openidScopes } from '../../src/tokens/scopes.ts'

const nonce = 'bm9uY2U'
/** Dojang's own. */
const brand = createBrand({})
const at = new Date('2026-03-01T02:03:04Z')

/** Every page. `input` stands wherever a page shows data from users, clients or requests. */
const pages = (lang: Language, input: string): Record<string, string> => {
  const frame = { lang, nonce, brand }
  const loginProblems: readonly LoginProblem[] = [
    'wrong_credentials',
    'no_login',
    'no_password',
    'empty',
    'throttled',
    'expired',
    'unavailable',
    'untrusted',
  ]
  const loginNotices: readonly LoginNotice[] = ['password_reset', 'email_confirmed', 'email_changed']
  const registerProblems: readonly RegisterProblem[] = [
    'email_invalid',
    'email_taken',
    'username_invalid',
    'username_taken',
    'name_invalid',
    'password_too_short',
    'password_too_long',
    'password_common',
    'password_context',
    'throttled',
    'unavailable',
    'untrusted',
    'expired',
  ]
  const linkProblems = [
    'no_password',
    'wrong_password',
    'throttled',
    'other_account',
    'identity_taken',
    'not_sure',
    'not_yours_to_take_over',
  ] as const
  const login = {
    ...frame,
    requestId: input,
    clientName: input,
    login: input,
    mail: true,
    registration: true,
    providers: ['kakao', 'google', 'naver', input],
  }
  const register = {
    ...frame,
    requestId: input,
    email: input,
    username: input,
    name: input,
    clientName: input,
    providers: ['kakao', 'google', 'naver', input],
    minPasswordLength: 8,
    serviceNames: [],
  }
  const account = {
    ...frame,
    user: { email: input, emailVerified: true, username: input, name: input, hasPassword: true },
    mail: true,
    sessions: [true, false].map((current) => ({
      id: input,
      current,
      isBrowser: current,
      sameNetwork: false,
      startedAt: at,
      lastSeenAt: at,
      ip: input,
      userAgent: input,
      clients: [input],
    })),
    identities: [{ provider: input, subject: input, email: input, linkedAt: at }],
    providers: ['kakao', input],
    grants: [
      {
        clientId: input,
        clientName: input,
        scopes: ['openid', input],
        scopeWords: { [input]: input },
        grantedAt: at,
      },
    ],
    minPasswordLength: 8,
    serviceNames: [],
  }
  const link = {
    ...frame,
    confirmationId: input,
    requestId: input,
    provider: 'naver',
    email: input,
    providers: ['kakao', input],
    mail: true,
    mayTakeOver: false,
    mayStayApart: false,
  }
  return {
    login: loginPage(login),
    'login again': loginPage({ ...login, reauthenticate: true }),
    ...Object.fromEntries(
      loginProblems.map((problem) => [
        `login ${problem}`,
        loginPage({ ...login, problem, retryAfterSeconds: 90 }),
      ]),
    ),
    register: registerPage({ ...register, problems: [] }),
    ...Object.fromEntries(
      registerProblems.map((problem) => [
        `register ${problem}`,
        registerPage({ ...register, problems: [problem] }),
      ]),
    ),
    consent: consentPage({
      ...frame,
      requestId: input,
      clientName: input,
      redirectHost: input,
      scopes: [...openidScopes, input, 'orders:read'],
      scopeWords: { 'orders:read': input },
      lifetimeSeconds: 2_592_000,
      userLabel: input,
    }),
    continue: continuePage({
      ...frame,
      requestId: input,
      clientName: input,
      redirectHost: input,
      userLabel: input,
    }),
    ...Object.fromEntries(
      (Object.keys(en.error.kinds) as ErrorKind[]).map((kind) => [
        `error ${kind}`,
        errorPage({ ...frame, kind, requestId: input, detail: input, answersForm: false }),
      ]),
    ),
    logout: logoutPage({
      ...frame,
      params: { state: input, client_id: input, post_logout_redirect_uri: input },
    }),
    'logged out': loggedOutPage({ ...frame, isSignedOut: true }),
    'form post': formPostPage({ ...frame, action: input, fields: { code: input, state: input } }),
    account: accountPage({ ...account, notice: 'password_changed' }),
    'account refused': accountPage({ ...account, problem: 'wrong_password' }),
    'account without a password': accountPage({
      ...account,
      user: { email: input, emailVerified: false, hasPassword: false },
    }),
    'account without an address': accountPage({
      ...account,
      user: { emailVerified: false, hasPassword: false },
      problem: 'email_invalid',
    }),
    'account name': accountPage({ ...account, problem: 'name_invalid', typedName: input }),
    'account throttled': accountPage({ ...account, problem: 'throttled', retryAfterSeconds: 5 }),
    'account common': accountPage({ ...account, problem: 'password_common' }),
    'delete account': deleteAccountPage({
      ...frame,
      label: input,
      providers: ['kakao', input],
      mustReauthenticate: false,
      problem: 'not_sure',
    }),
    'delete account, sign in first': deleteAccountPage({
      ...frame,
      label: input,
      providers: [],
      mustReauthenticate: true,
    }),
    'account deleted': accountDeletedPage(frame),
    'account last login method': accountPage({ ...account, problem: 'last_login_method' }),
    ...Object.fromEntries(
      (Object.keys(en.provider.problems) as (keyof typeof en.provider.problems)[]).flatMap((what) => [
        [`login ${what}`, loginPage({ ...login, problem: { what, provider: 'kakao' } })],
        [`account ${what}`, accountPage({ ...account, problem: { what, provider: input } })],
      ]),
    ),
    ...Object.fromEntries(loginNotices.map((notice) => [`login ${notice}`, loginPage({ ...login, notice })])),
    'forgot password': forgotPasswordPage({ ...frame, requestId: input, email: input }),
    ...Object.fromEntries(
      (['email_invalid', 'throttled', 'untrusted'] as const).map((problem) => [
        `forgot password ${problem}`,
        forgotPasswordPage({ ...frame, email: input, problem, retryAfterSeconds: 5 }),
      ]),
    ),
    'forgot password, sent': forgotPasswordSentPage({ ...frame, requestId: input, minutes: 30 }),
    'reset password': resetPasswordPage({
      ...frame,
      email: input,
      removesOthers: true,
      minPasswordLength: 15,
      serviceNames: [input],
    }),
    'reset password refused': resetPasswordPage({
      ...frame,
      email: input,
      removesOthers: false,
      minPasswordLength: 15,
      serviceNames: [input],
      problem: 'password_common',
    }),
    'confirm email': confirmEmailPage({ ...frame, email: input }),
    'change email': changeEmailPage({ ...frame, from: input, tellsOld: true, to: input, signedIn: true }),
    'change email elsewhere': changeEmailPage({ ...frame, tellsOld: false, to: input, signedIn: false }),
    ...Object.fromEntries(
      linkPurposes.map((purpose) => [`dead link ${purpose}`, deadLinkPage({ ...frame, purpose })]),
    ),
    'registration sent': registrationSentPage({ ...frame, requestId: input }),
    unconfirmed: unconfirmedPage({ ...frame, email: input, requestId: input, sent: true }),
    ...Object.fromEntries(
      (['still_needed', 'throttled'] as const).map((problem) => [
        `unconfirmed ${problem}`,
        unconfirmedPage({ ...frame, email: input, problem, retryAfterSeconds: 5 }),
      ]),
    ),
    link: linkPage({ ...link, mayTakeOver: true, mayStayApart: true }),
    ...Object.fromEntries(
      linkProblems.map((problem) => [
        `link ${problem}`,
        linkPage({ ...link, problem, retryAfterSeconds: 5 }),
      ]),
    ),
    playground: playgroundPage({ ...frame, issuer: input, clientId: input }),
  }
}

const everyPage = (input: string) =>
  languages.flatMap((lang) =>
    Object.entries(pages(lang, input)).map(([name, page]) => ({ lang, name, page })),
  )
const plain = everyPage('plain-words')

const withoutCode = (page: string) =>
  page.replace(/<(style|script|svg)\b[\s\S]*?<\/\1>/g, '').replace(/ data-config="[^"]*"/, '')

const visible = (page: string) =>
  withoutCode(page)
    .replace(/<(code|pre)\b[\s\S]*?<\/\1>/g, ' ')
    .replace(/<a class="language"[\s\S]*?<\/a>/g, ' ')
    .replace(/<div class="place"[\s\S]*?<\/div>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')

const tags = (page: string, name: string) =>
  [...page.matchAll(new RegExp(`<${name}\\b[^>]*>`, 'g'))].map(String)
const attribute = (tag: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1]

describe('data from users, clients and requests', () => {
  const attack = `"'\`><script>alert(1)</script><img src=x onerror=alert(2)>`

  test.each(everyPage(attack))('the page $name in $lang escapes all input (G9)', ({ page }) => {
    expect(page).not.toContain('<script>alert')
    expect(page).not.toContain('<img')
    expect(page).not.toContain(attack)
    // If a quote ended an attribute, the rest of the value would look like another attribute.
    for (const [, attributes = ''] of withoutCode(page).matchAll(/<[a-z][a-z0-9]*((?:\s[^<>]*)?)>/g))
      expect(attributes.replace(/ [a-z][a-z-]*(="[^"<>]*")?/g, '')).toBe('')
  })

  test('the login page shows a login hint and a client name with special characters (G9)', () => {
    const page = pages('en', 'Jo & "Co"').login ?? ''
    expect(page).toContain('value="Jo &amp; &quot;Co&quot;"')
    expect(page).toContain('<strong>Jo &amp; &quot;Co&quot;</strong>')
  })

  test('a request id cannot add a parameter to a link', () => {
    const page = loginPage({
      lang: 'ko',
      nonce,
      brand,
      requestId: 'a&b=c',
      mail: false,
      registration: true,
      providers: [],
    })
    expect(page).toContain('href="/register?request=a%26b%3Dc&amp;ui_locales=ko"')
  })

  test('the logout page keeps only the parameters of /end-session', () => {
    const page = logoutPage({ lang: 'en', nonce, brand, params: { state: 's', evil: 'e', confirm: 'no' } })
    expect(page).toContain('name="state" value="s"')
    expect(page).toContain('name="confirm" value="yes"')
    expect(page).not.toContain('evil')
    expect(page).not.toContain('value="no"')
  })

  test('the consent page shows a scope named "constructor" as an unknown scope', () => {
    const page = consentPage({
      lang: 'en',
      nonce,
      brand,
      requestId: 'r',
      clientName: 'App',
      redirectHost: 'app.example',
      scopes: ['constructor'],
      scopeWords: {},
      lifetimeSeconds: 60,
      userLabel: 'jane',
    })
    expect(page).toContain('<code>constructor</code>')
  })
})

describe('the html template', () => {
  test.each([
    ['escapes text', html`<p>${`<b>&"'\``}</p>`, '<p>&lt;b&gt;&amp;&quot;&#39;&#96;</p>'],
    ['keeps nested html', html`<p>${html`<b>${'<'}</b>`}</p>`, '<p><b>&lt;</b></p>'],
    ['joins lists', html`${['a', html`<br>`, '<']}`, 'a<br>&lt;'],
    [
      'renders undefined, null, false and empty text as nothing',
      html`[${undefined}${null}${false}${''}]`,
      '[]',
    ],
    ['renders the number 0', html`${0}`, '0'],
  ])('the html template %s', (_, part, expected) => {
    expect(render(part)).toBe(expected)
  })
})

describe.each(plain)('the page $name in $lang', ({ lang, page }) => {
  test('the page loads nothing from other hosts (G9)', () => {
    const code = withoutCode(page).replace(/<pre[\s\S]*?<\/pre>/g, '')
    expect(code).not.toMatch(/(src|href|action|data|poster|srcset)="\s*(https?:|\/\/)/i)
    expect(code).not.toMatch(/<(iframe|object|embed|base|img|video|audio)\b/)
    expect(tags(page, 'link').every((tag) => attribute(tag, 'href')?.startsWith('data:'))).toBe(true)
    expect(page).not.toMatch(/@import|\burl\(/)
  })

  test('the page has its nonce on every style and script and no inline handlers (G5)', () => {
    for (const tag of [...tags(page, 'style'), ...tags(page, 'script')])
      expect(attribute(tag, 'nonce')).toBe(nonce)
    expect(withoutCode(page)).not.toMatch(/ (style|on[a-z]+)="/)
  })

  test('the page has its language, one title, one h1 and a label for each field', () => {
    expect(page).toMatch(new RegExp(`^<!doctype html>\n<html lang="${lang}">`))
    expect(tags(page, 'h1')).toHaveLength(1)
    expect(page).toMatch(/<title>[^<]+ · Dojang<\/title>/)
    const fors = tags(page, 'label').map((tag) => attribute(tag, 'for'))
    for (const input of tags(page, 'input')) {
      if (attribute(input, 'type') === 'hidden' || input.endsWith(' hidden>')) continue
      expect(fors).toContain(attribute(input, 'id'))
      if (attribute(input, 'type') !== 'checkbox') expect(attribute(input, 'autocomplete')).toBeTruthy()
    }
  })

  test('the page has unique ids, and every aria reference finds its target', () => {
    const ids = [...withoutCode(page).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, targets = ''] of withoutCode(page).matchAll(/ aria-(?:describedby|labelledby)="([^"]+)"/g))
      for (const target of targets.split(' ')) expect(ids).toContain(target)
  })

  test('the page posts every form and marks invalid fields for screen readers', () => {
    for (const form of tags(page, 'form')) expect(attribute(form, 'method')).toBe('post')
    for (const input of tags(page, 'input').filter((tag) => tag.includes('aria-invalid'))) {
      expect(attribute(input, 'aria-describedby')).toBeTruthy()
      expect(page).toContain('role="alert"')
    }
  })

  test('a form with a required field leaves the messages to the page, in its language', () => {
    for (const [form = ''] of page.matchAll(/<form\b[\s\S]*?<\/form>/g))
      if (/<input[^>]* (required|minlength="|type="email")/.test(form))
        expect(form).toMatch(/^<form[^>]* novalidate>/)
  })

  test('the page uses one language', () => {
    const text = visible(page)
    if (lang === 'en') expect(text).not.toMatch(/\p{Script=Hangul}/u)
    else expect(text.replaceAll('plain-words', '')).not.toMatch(/[a-z']+ [a-z']+ [a-z']+/i)
  })
})

describe('errors beside their fields', () => {
  test.each([
    ['email_taken', 'email'],
    ['username_taken', 'username'],
    ['name_invalid', 'name'],
    ['password_common', 'password'],
  ] as const)('the registration page shows %s at the field %s', (problem, id) => {
    const page = registerPage({
      lang: 'en',
      nonce,
      brand,
      problems: [problem],
      providers: [],
      minPasswordLength: 8,
      serviceNames: [],
    })
    const input = tags(page, 'input').find((tag) => attribute(tag, 'id') === id) ?? ''
    expect(attribute(input, 'aria-invalid')).toBe('true')
    expect(attribute(input, 'aria-describedby')?.split(' ')).toContain(`${id}-error`)
  })

  test('the registration page shows two problems at once', () => {
    const page = registerPage({
      lang: 'ko',
      nonce,
      brand,
      problems: ['email_invalid', 'password_too_short'],
      providers: [],
      minPasswordLength: 10,
      serviceNames: [],
    })
    expect(page).toContain(ko.register.emailInvalid)
    expect(page).toContain('10자 이상이어야')
  })

  test('no page returns a password', () => {
    for (const { page } of plain)
      for (const input of tags(page, 'input').filter((tag) => attribute(tag, 'type') === 'password'))
        expect(attribute(input, 'value')).toBe('')
  })
})

describe('the choices on a page', () => {
  const login = { lang: 'en', nonce, brand, mail: false, registration: false, providers: [] } as const

  test('the login page offers registration, providers and a new password only if they exist', () => {
    expect(loginPage(login)).not.toMatch(/\/register|class="providers"|\/forgot-password/)
    expect(loginPage({ ...login, mail: true })).toContain('href="/forgot-password?ui_locales=en"')
    const page = loginPage({ ...login, registration: true, providers: ['kakao'] })
    expect(page).toContain('href="/register?ui_locales=en"')
    expect(page).toContain('action="/login/kakao"')
  })

  test('a user who must sign in again reads why once, and gets no offer to create an account', () => {
    const again = { ...login, registration: true, reauthenticate: true }
    const page = loginPage({ ...again, clientName: 'Bookmark' })
    expect(page).not.toContain('/register')
    expect(page.match(/<p class="lede">[\s\S]*?<\/p>/g)).toEqual([
      '<p class="lede">Sign in once more to continue to <strong>Bookmark</strong>.</p>',
    ])
    expect(loginPage(again)).toContain('<p class="lede">Sign in once more to continue.</p>')
    expect(loginPage({ ...again, problem: { what: 'reauthenticate' } })).not.toContain('class="lede"')
  })

  test('the password form comes first after a notice, and has the focus', () => {
    const page = loginPage({ ...login, providers: ['kakao'], notice: 'password_reset' })
    const places = ['action="/login/password"', 'or another way', 'action="/login/kakao"'].map((part) =>
      page.indexOf(part),
    )
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places[0]).toBeGreaterThan(0)
    expect(page).toMatch(/<input id="login"[^>]* autofocus/)
  })

  test('the registration page opens the field for the name only if it has a name or an error', () => {
    const register = { ...login, problems: [], minPasswordLength: 8, serviceNames: [] }
    expect(registerPage(register)).toContain('<details class="more"><summary>Add your name<')
    for (const more of [{ name: 'Minseo' }, { problems: ['name_invalid'] as const }])
      expect(registerPage({ ...register, ...more })).toContain('<details class="more" open>')
  })

  test('the error of a field stands before its hint', () => {
    const page = pages('en', 'somebody')['register password_common'] ?? ''
    expect(page).toMatch(/id="password-error"[\s\S]*?id="password-hint"/)
  })

  test('the page after a registration only sends the user to the mail and back to sign in', () => {
    const page = pages('en', 'r')['registration sent'] ?? ''
    expect(page).not.toMatch(/class="button|again in a few/)
    expect(page).toContain('<a href="/login?request=r&amp;ui_locales=en">Back to sign in</a>')
  })

  test('the registration page names the app, and offers the providers first', () => {
    const page = pages('ko', '책방').register ?? ''
    expect(page).toContain('<p class="lede">가입하면 <strong>책방</strong> 앱으로 이동해요.</p>')
    const order = ['/login/kakao', '/login/naver', '/login/google', '/register']
    const places = order.map((action) => page.indexOf(`method="post" action="${action}"`))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places[0]).toBeGreaterThan(0)
  })

  test('the page that links a provider offers the other providers before the password', () => {
    const page = pages('ko', 'somebody').link ?? ''
    const places = ['action="/login/kakao"', 'type="password"'].map((part) => page.indexOf(part))
    expect(places[0]).toBeGreaterThan(0)
    expect(places[0]).toBeLessThan(places[1] ?? 0)
  })

  test('the page that links a provider offers a new password, if mail is sent, and the way back', () => {
    const view = {
      ...login,
      requestId: 'r',
      confirmationId: 'c',
      provider: 'naver',
      email: 'a@b.example',
      mail: true,
    }
    const page = (mail: boolean) => linkPage({ ...view, mail, mayTakeOver: false, mayStayApart: true })
    const forgot = '<a href="/forgot-password?request=r&amp;ui_locales=en">'
    expect(page(true)).toContain(forgot)
    expect(page(false)).not.toContain(forgot)
    expect(page(false)).toContain('<a href="/login?request=r&amp;ui_locales=en">Back to sign in</a>')
  })

  test.each([
    ['logout', 'Stay signed in'],
    ['change email', 'Keep my current email'],
    ['delete account', 'Keep my account'],
  ])('the page %s asks, and a link says no', (name, no) => {
    const page = pages('en', 'somebody')[name] ?? ''
    expect(page).toMatch(new RegExp(`<a class="button plain" href="/account[^"]*">${no}</a>`))
  })

  test.each(['account deleted', 'dead link reset_password', 'dead link change_email'])(
    'the page %s leads back to the sign-in',
    (name) => {
      const back = '<a class="button plain" href="/login?ui_locales=en">Back to sign in</a>'
      expect(pages('en', 'somebody')[name]).toContain(back)
    },
  )

  test('a user who must wait a second is asked to wait a minute', () => {
    const page = loginPage({ ...login, problem: 'throttled', retryAfterSeconds: 1 })
    expect(page).toContain('Please try again in 1\u00a0minute.')
    expect(errorPage({ ...login, kind: 'throttled', answersForm: true, retryAfterSeconds: 1 })).toContain(
      'in 1\u00a0minute.',
    )
  })

  test('the consent page and the page before a native app name the app once', () => {
    for (const name of ['consent', 'continue']) {
      const page = pages('en', 'Qwerty')[name] ?? ''
      const beforeFacts = page.slice(page.indexOf('<h1'), page.search(/<ul|<dl/))
      expect(beforeFacts.match(/Qwerty/g), name).toEqual(['Qwerty'])
    }
  })

  test('a cancelled sign-in at a provider is a note, and a failed one is an alert', () => {
    const page = (what: string) => loginPage({ ...login, problem: { what, provider: 'kakao' } })
    expect(page('provider_cancelled')).toContain('<div class="remark" role="status">')
    expect(page('provider_cancelled')).not.toContain('role="alert"')
    expect(page('provider_failed')).toContain('role="alert"')
  })

  test('a user who must sign in again reads why after a problem at a provider too', () => {
    const page = (what: string) =>
      loginPage({ ...login, reauthenticate: true, problem: { what, provider: 'kakao' } })
    for (const what of ['provider_cancelled', 'provider_failed', 'no such problem'])
      expect(page(what), what).toContain(en.login.againText)
    expect(page('reauthenticate')).not.toContain(en.login.againText)
  })

  test('only a page after the act has the seal', () => {
    const sealed = plain.filter(({ page }) => page.includes('class="stamp"')).map(({ name }) => name)
    expect(new Set(sealed)).toEqual(new Set(['logged out']))
  })

  test.each(Object.keys(en.error.kinds) as ErrorKind[])('the error page %s has a next step', (kind) => {
    const page = errorPage({ ...login, kind, answersForm: false })
    expect(page).toContain('<a class="button plain" href="/account?ui_locales=en">')
    expect(page).toContain(' href="?ui_locales=ko" ')
    const answer = errorPage({ ...login, kind, answersForm: true })
    expect(answer).toContain('<a class="button plain" href="/account?ui_locales=en">')
    expect(answer).not.toContain('class="language"')
  })

  test('an error page returns to the page before only if that page is safe and not expired', () => {
    const steps = (answersForm: boolean) =>
      Object.fromEntries(
        (Object.keys(en.error.kinds) as ErrorKind[]).map((kind) => [
          kind,
          errorPage({ ...login, kind, answersForm }).match(/data-go="(\w+)"/)?.[1],
        ]),
      )
    const always = { bad_request: 'back', not_found: 'back', forbidden: 'back' }
    const never = { unknown_client: undefined, bad_redirect: undefined }
    const passing = (step: string) => ({ unavailable: step, server_error: step, throttled: step })
    expect(steps(false)).toEqual({ ...always, ...never, ...passing('reload'), expired: 'back' })
    expect(steps(true)).toEqual({ ...always, ...never, ...passing('back'), expired: undefined })
  })

  test('no main button invites a user to try again before the time is over', () => {
    const page = errorPage({ ...login, kind: 'throttled', answersForm: false, retryAfterSeconds: 60 })
    expect(page).toContain('class="button plain" type="button" data-go="reload"')
    expect(page).not.toContain('class="button"')
  })

  test('the reference of an error stands out, except where the operator does not need it', () => {
    const quiet = (Object.keys(en.error.kinds) as ErrorKind[]).filter((kind) => {
      const page = errorPage({ ...login, kind, requestId: 'an-id', answersForm: false })
      expect(page).toContain('>an-id</code>')
      return !page.includes('<code class="reference-id">an-id</code>')
    })
    expect(quiet).toEqual(['not_found', 'throttled'])
  })

  test('the language switch keeps the request id', () => {
    expect(loginPage({ ...login, requestId: 'r1' })).toContain('href="/login?request=r1&amp;ui_locales=ko"')
  })

  test('the consent page names a scope only if nothing says what it means', () => {
    const page = pages('en', 'plain-words').consent ?? ''
    expect(page).toContain('<li>Use the permission <code>plain-words</code></li>')
    expect(page).toContain('<li>plain-words</li>')
    expect(page).not.toContain('orders:read')
  })

  test('the consent page names the host, every scope and the lifetime, with allow and deny (G11)', () => {
    const page = pages('en', 'app.example').consent ?? ''
    for (const words of [...Object.values(en.consent.scopes), 'app.example', 'up to 30\u00a0days'])
      expect(page).toContain(words)
    expect(page).toContain('name="decision" value="deny"')
    expect(page).toContain('name="decision" value="allow"')
  })

  test('the account page offers to end other sessions, not the current one', () => {
    const session = { startedAt: at, lastSeenAt: at, clients: [], isBrowser: true, sameNetwork: true }
    const page = accountPage({
      lang: 'en',
      nonce,
      brand,
      user: { emailVerified: false, hasPassword: false },
      mail: false,
      sessions: [
        { ...session, id: 'mine', current: true },
        { ...session, id: 'other', current: false },
      ],
      identities: [],
      providers: [],
      grants: [],
      minPasswordLength: 8,
      serviceNames: [],
    })
    expect(page).not.toContain('value="mine"')
    expect(page).toContain('name="session" value="other"')
    expect(page).toContain('<time datetime="2026-03-01T02:03:04.000Z">')
    expect(page).not.toContain('action="/account/password"')
  })

  test('the form_post page works without JavaScript', () => {
    const page = formPostPage({
      lang: 'en',
      nonce,
      brand,
      action: 'https://app.example/cb',
      fields: { code: 'c', state: 's' },
    })
    expect(page).toContain('action="https://app.example/cb"')
    expect(page).toMatch(/<button class="button" type="submit">/)
    expect(page).not.toMatch(/ (name|id)="submit"/)
  })
})

describe('the texts', () => {
  type Node = string | ((...args: never[]) => string) | { [key: string]: Node }
  const leaves = (node: Node, path = ''): (readonly [string, string])[] => {
    if (typeof node === 'string') return [[path, node]]
    if (typeof node === 'function') return [[path, (node as (name: string) => string)('Zz')]]
    return Object.entries(node).flatMap(([key, child]) => leaves(child, `${path}.${key}`))
  }
  const english = new Map(leaves(en))
  const korean = new Map(leaves(ko))

  test('the English and Korean texts have the same keys', () => {
    expect([...korean.keys()].sort()).toEqual([...english.keys()].sort())
  })

  test.each([...korean])('ko%s is Korean and has the placeholders of the English text', (path, text) => {
    if (path !== '.switchLanguage') expect(text).toMatch(/\p{Script=Hangul}/u)
    expect(text).not.toMatch(/[a-z']+ [a-z']+ [a-z']+/i)
    const blanks = (sentence = '') => [...sentence.matchAll(/\{\w+\}|Zz/g)].map(String)
    expect(new Set(blanks(text))).toEqual(new Set(blanks(english.get(path))))
  })

  test.each([...english].filter(([path]) => path !== '.switchLanguage'))('en%s is English', (_, text) => {
    expect(text).not.toMatch(/\p{Script=Hangul}/u)
  })
})

describe('the playground script', () => {
  const script = render(playgroundScript)
  const page = playgroundPage({ lang: 'en', nonce, brand, issuer: 'http://localhost:4000', clientId: 'demo' })

  test('the playground script finds every element and text that it uses', () => {
    for (const [, id] of script.matchAll(/\$\('([a-z-]+)'\)/g)) expect(page).toContain(` id="${id}"`)
    for (const [, key = ''] of script.matchAll(/\btexts\.(\w+)/g))
      expect(Object.keys(en.playground.live)).toContain(key)
  })

  test('the playground script parses no HTML, evaluates no code and cannot close its element (G9)', () => {
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function/)
    expect(script).not.toMatch(/<\/script|<!--/i)
    expect(script).not.toContain('localStorage')
  })

  test('the playground without JavaScript says so and shows commands', () => {
    const noscript = /<noscript>([\s\S]*?)<\/noscript>/.exec(page)?.[1] ?? ''
    expect(noscript).toContain('curl -s http://localhost:4000/.well-known/jwks.json')
    expect(page).toMatch(/<div class="desk" id="desk" hidden>/)
  })
})

test.each([
  [{}, 'en'],
  [{ uiLocales: 'ko' }, 'ko'],
  [{ uiLocales: 'ko-KR', acceptLanguage: 'en' }, 'ko'],
  [{ uiLocales: 'fr KO en' }, 'ko'],
  [{ uiLocales: 'en', acceptLanguage: 'ko' }, 'en'],
  [{ uiLocales: 'fr', acceptLanguage: 'ko' }, 'ko'],
  [{ uiLocales: '  ', acceptLanguage: 'ko-KR,ko;q=0.9,en-US;q=0.8' }, 'ko'],
  [{ acceptLanguage: 'en;q=0.8, ko;q=0.9' }, 'ko'],
  [{ acceptLanguage: 'fr, ko;q=0.5, en;q=0.4' }, 'ko'],
  [{ acceptLanguage: 'ko;q=0, en;q=0.1' }, 'en'],
  [{ acceptLanguage: 'ko;q=0' }, 'en'],
  [{ acceptLanguage: 'ko;q=7, en;q=0.1' }, 'en'],
  [{ acceptLanguage: '*' }, 'en'],
  [{ acceptLanguage: 'kok' }, 'en'],
  [{ acceptLanguage: ',;q=,;;' }, 'en'],
] as const)('chooseLanguage(%j) gives %s', (asked, expected) => {
  expect(chooseLanguage(asked)).toBe(expected)
})

test.each([
  ['en', 1, '1\u00a0second'],
  ['en', 90, '90\u00a0seconds'],
  ['en', 600, '10\u00a0minutes'],
  ['en', 3600, '1\u00a0hour'],
  ['ko', 121, '3분'],
  ['ko', 2_592_000, '30일'],
  ['ko', 0, '1초'],
] as const)('duration in %s shows %d seconds as %s', (lang, seconds, expected) => {
  expect(duration(lang, seconds)).toBe(expected)
})

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
    'Chrome · Windows',
  ],
  ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge · Windows'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1', 'Safari · iPhone'],
  [
    'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36 KAKAOTALK/25.1',
    'KakaoTalk · Android',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/537.36 Chrome/140 Whale/4.0 Safari/537.36',
    'Whale · Mac',
  ],
  ['curl/8.5.0', 'curl'],
  ['something else', undefined],
  [undefined, undefined],
])('userAgentName shows %s as %s', (userAgent, expected) => {
  expect(userAgentName(userAgent)).toBe(expected)
})

describe('the colours', () => {
  const greyness = (colour: string): number => {
    const values = [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16))
    return Math.max(...values) - Math.min(...values)
  }

  test('text and lines are neutral greys beside a colour that an operator chose', () => {
    for (const chosen of [{ accent: '#1d4ed8' }, { accent: dojangAccent, background: '#eef4ff' }])
      for (const colours of Object.values(themesOf(chosen)))
        for (const name of ['ink', 'soft', 'line', 'edge', 'sheet'] as const)
          expect(greyness(colours[name]), name).toBeLessThan(16)
    expect(greyness(themesOf({ accent: dojangAccent }).light.edge)).toBeGreaterThan(16)
  })

  /** The grey is too dark or too pale for some use in both themes. */
  const accents = [dojangAccent, '#1d4ed8', '#c2410c', '#b45309', '#0f766e', '#111111', '#808080']
  const schemes = accents.flatMap((accent) =>
    ['#f4f1ea', '#ffffff', '#eef4ff'].map((background) => ({ accent, background })),
  )

  test.each(schemes)(
    'the colours with $accent on $background have enough contrast in both themes (WCAG AA)',
    (chosen) => {
      for (const colours of Object.values(themesOf(chosen))) {
        for (const paper of [colours.paper, colours.sheet]) {
          for (const text of ['ink', 'soft', 'seal-text', 'danger-text', 'valid'] as const)
            expect(contrast(colours[text], paper), `${text} on ${paper}`).toBeGreaterThanOrEqual(4.5)
          for (const shape of ['edge', 'seal', 'danger'] as const)
            expect(contrast(colours[shape], paper), `${shape} on ${paper}`).toBeGreaterThanOrEqual(3)
        }
        for (const button of ['seal', 'seal-press'] as const)
          expect(contrast(colours['on-seal'], colours[button]), button).toBeGreaterThanOrEqual(4.5)
        for (const button of ['danger', 'danger-press'] as const)
          expect(contrast('#ffffff', colours[button]), button).toBeGreaterThanOrEqual(4.5)
      }
    },
  )
})
