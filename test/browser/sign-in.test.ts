// Sign-in in a real browser: from the client's redirect over the hosted pages to the client's callback.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chromiumIsMissing, launchChromium, type Visitor, visitor } from '../../harness/chromium.ts'
import { type ClientSite, clientSite } from '../support/client-site.ts'
import { testClock } from '../support/clock.ts'
import { pkce, type TestClient, type TestIssuer, type TestUser, testIssuer } from '../support/issuer.ts'

const korean: BrowserContextOptions = { locale: 'ko-KR' }
const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true }
const withoutJavaScript: BrowserContextOptions = { javaScriptEnabled: false }

describe.skipIf(chromiumIsMissing)('in Chromium', () => {
  let issuer: TestIssuer
  let chromium: Browser
  let site: ClientSite
  let client: TestClient
  let user: TestUser
  let visitors: Visitor[] = []

  beforeAll(async () => {
    // The browser uses the real time and drops cookies that have expired.
    const clock = testClock(new Date())
    ;[issuer, chromium, site] = await Promise.all([testIssuer({ clock }), launchChromium(), clientSite()])
    user = await issuer.user({ name: 'Jiwoo' })
    client = await issuer.client({ name: 'Bookshop', redirectUris: [site.redirectUri] })
  })
  afterEach(async () => {
    const complaints = visitors.flatMap((one) => one.complaints)
    await Promise.all(visitors.map((one) => one.close()))
    visitors = []
    site.visits.length = 0
    expect(complaints, 'complaints of the browser').toEqual([])
  })
  afterAll(async () => {
    await chromium?.close()
    await Promise.all([issuer?.close(), site?.close()])
  })

  const newVisitor = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const one = await visitor(chromium, options)
    visitors.push(one)
    return one.page
  }

  const authorize = (params: Record<string, string | undefined> = {}, asking: TestClient = client) => {
    const challenge = { code_challenge: pkce().challenge, code_challenge_method: 'S256' }
    return `${issuer.url}${issuer.authorizePath(asking, { ...challenge, ...params })}`
  }

  const fillIn = async (page: Page, labels: Record<string, string>) => {
    for (const [label, value] of Object.entries(labels))
      await page.getByLabel(label, { exact: true }).fill(value)
  }

  const signIn = async (page: Page, url: string) => {
    await page.goto(url)
    await fillIn(page, { 'Email or username': user.email, Password: user.password })
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  const arrival = async (page: Page): Promise<URLSearchParams> => {
    await page.getByRole('heading', { name: 'Back at the app' }).waitFor()
    return site.visits.at(-1)?.searchParams ?? new URLSearchParams()
  }

  test('a user signs in, returns to the app with a code, and the next time only continues with a click', async () => {
    const page = await newVisitor()
    await signIn(page, authorize({ state: 'first' }))
    expect(Object.fromEntries(await arrival(page))).toEqual({
      code: expect.any(String),
      state: 'first',
      iss: issuer.url,
    })
    // The app is on a loopback address, which another app could use.
    await page.goto(authorize({ state: 'second' }))
    await page.getByRole('button', { name: 'Continue', exact: true }).click()
    expect((await arrival(page)).get('state')).toBe('second')
  })

  test('a wrong password shows an alert that both fields reference, and the password field has the focus', async () => {
    const page = await newVisitor()
    await page.goto(authorize())
    await fillIn(page, { 'Email or username': user.email, Password: 'not the right one' })
    await page.getByRole('button', { name: 'Sign in' }).click()
    const alert = page.getByRole('alert')
    await expect(alert.textContent()).resolves.toBe('Wrong email, username or password.')
    for (const label of ['Email or username', 'Password']) {
      const field = page.getByLabel(label, { exact: true })
      expect(await field.getAttribute('aria-describedby')).toBe(await alert.getAttribute('id'))
      expect(await field.getAttribute('aria-invalid')).toBe('true')
    }
    expect(await page.evaluate('document.activeElement.id')).toBe('password')
    expect(await page.getByLabel('Email or username').inputValue()).toBe(user.email)
  })

  test('a user signs in by keyboard only, and the focus is visible and in page order', async () => {
    const page = await newVisitor()
    await page.goto(authorize())
    const focused = () =>
      page.evaluate(`(() => {
        const one = document.activeElement
        const ring = [one, one.closest('.entry')].filter(Boolean).some((e) => {
          const style = getComputedStyle(e)
          return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
        })
        return { name: one.id || one.textContent.trim(), ring }
      })()`)
    // Chromium sets the first focus a moment after the page has loaded.
    await expect.poll(focused, { timeout: 10_000 }).toEqual({ name: 'login', ring: true })
    await page.keyboard.type(user.email)
    await page.keyboard.press('Tab')
    expect(await focused()).toEqual({ name: 'password', ring: true })
    await page.keyboard.type(user.password)
    for (const name of ['Show', 'Sign in', 'Forgot your password?', 'Create an account']) {
      await page.keyboard.press('Tab')
      expect(await focused()).toEqual({ name, ring: true })
    }
    for (const _ of [1, 2]) await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    expect((await arrival(page)).get('code')).toBeTruthy()
  })

  test('the first Tab stop is a link that skips to the content', async () => {
    const page = await newVisitor()
    await page.goto(`${issuer.url}/nothing-here`)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe('#main')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
  })

  test('the password field can be shown and hidden again', async () => {
    const page = await newVisitor()
    await page.goto(authorize())
    const show = page.getByRole('button', { name: 'Show the password' })
    await show.click()
    expect(await page.locator('#password').getAttribute('type')).toBe('text')
    expect(await show.getAttribute('aria-pressed')).toBe('true')
    await show.click()
    expect(await page.locator('#password').getAttribute('type')).toBe('password')
  })

  test('a user registers on a phone in Korean without JavaScript and returns to the app', async () => {
    const page = await newVisitor({ ...korean, ...phone, ...withoutJavaScript })
    await page.goto(authorize({ state: 'new' }))
    await page.getByRole('link', { name: '회원가입' }).click()
    const email = 'minseo@example.com'
    await fillIn(page, { 이메일: email, 비밀번호: 'password1234567' })
    await page.getByRole('button', { name: '가입하기' }).click()
    // The page rejects a common password, keeps the address and says why at the field.
    const password = page.getByLabel('비밀번호', { exact: true })
    expect(await password.getAttribute('aria-describedby')).toBe(
      'password-error password-hint password-strength',
    )
    expect(await page.locator('#password-error').textContent()).toMatch(/다른 비밀번호/)
    expect(await page.getByLabel('이메일').inputValue()).toBe(email)
    await password.fill('마루 위의 고양이와 서른 개의 단추')
    await page.getByRole('button', { name: '가입하기' }).click()
    const answer = await arrival(page)
    expect(answer.get('state')).toBe('new')
    expect((await issuer.stores.users.findByLogin(email))?.locale).toBe('ko')
  })

  test('a user signs in and gives consent in Korean without JavaScript', async () => {
    const shop = await issuer.client({
      name: '동네서점',
      firstParty: false,
      redirectUris: [site.redirectUri],
    })
    const page = await newVisitor({ ...korean, ...withoutJavaScript })
    await page.goto(authorize({}, shop))
    await fillIn(page, { '이메일 또는 아이디': user.email, 비밀번호: user.password })
    await page.getByRole('button', { name: '로그인', exact: true }).click()
    await page.getByRole('heading', { name: '동네서점 앱을 연결할까요?' }).waitFor()
    await page.getByRole('button', { name: '동의하고 연결' }).click()
    expect((await arrival(page)).get('code')).toBeTruthy()
  })

  test('the consent form redirects to a third-party app on another origin (G5, G11)', async () => {
    const shop = await issuer.client({
      name: 'Other shop',
      firstParty: false,
      redirectUris: [site.redirectUri],
    })
    const page = await newVisitor()
    await signIn(page, authorize({}, shop))
    await page.getByRole('heading', { name: 'Allow Other shop?' }).waitFor()
    const text = await page.getByRole('main').textContent()
    expect(text).toContain(new URL(site.origin).host)
    expect(text).toContain(user.email)
    await page.getByRole('button', { name: 'Don’t allow' }).click()
    expect((await arrival(page)).get('error')).toBe('access_denied')
    await page.goto(authorize({}, shop))
    await page.getByRole('button', { name: 'Allow', exact: true }).click()
    expect((await arrival(page)).get('code')).toBeTruthy()
    // The consent is not remembered, because the redirect URI is not https (G11 in docs/security.md).
    await page.goto(authorize({}, shop))
    await page.getByRole('link', { name: '한국어' }).click()
    await page.getByRole('heading', { name: 'Other shop 앱을 연결할까요?' }).waitFor()
  })

  test.each([
    ['with JavaScript', {}],
    ['without JavaScript by a button', withoutJavaScript],
  ])('response_mode=form_post reaches the app on another origin %s', async (_, options) => {
    const page = await newVisitor(options)
    await signIn(page, authorize({ response_mode: 'form_post' }))
    if (options.javaScriptEnabled === false) await page.getByRole('button', { name: 'Continue' }).click()
    expect((await arrival(page)).get('code')).toBeTruthy()
    expect(page.url()).toBe(site.redirectUri)
  })

  test('prompt=login asks the signed-in user only for the password', async () => {
    const page = await newVisitor()
    await signIn(page, authorize())
    await arrival(page)
    await page.goto(authorize({ prompt: 'login', state: 'again' }))
    await page.getByRole('heading', { name: 'Confirm it’s you' }).waitFor()
    expect(await page.getByLabel('Email or username').inputValue()).toBe(user.email)
    expect(await page.evaluate('document.activeElement.id')).toBe('password')
    await page.keyboard.type(user.password)
    await page.keyboard.press('Enter')
    expect((await arrival(page)).get('state')).toBe('again')
  })

  test('a user changes the password and signs out on the account page in the chosen language', async () => {
    const own = await issuer.user()
    const elsewhere = await newVisitor()
    const page = await newVisitor()
    for (const one of [elsewhere, page]) {
      await one.goto(`${issuer.url}/login`)
      await fillIn(one, { 'Email or username': own.email, Password: own.password })
      await one.getByRole('button', { name: 'Sign in' }).click()
      await one.getByRole('heading', { name: 'Your account' }).waitFor()
    }
    await page.getByRole('link', { name: '한국어' }).click()
    await fillIn(page, { '현재 비밀번호': 'not my password', '새 비밀번호': '바람이 부는 날의 초록 자전거' })
    await page.getByRole('button', { name: '비밀번호 바꾸기' }).click()
    expect(await page.locator('#current-error').textContent()).toMatch(/맞지 않아요/)
    await fillIn(page, { '현재 비밀번호': own.password, '새 비밀번호': '바람이 부는 날의 초록 자전거' })
    await page.getByRole('button', { name: '비밀번호 바꾸기' }).click()
    expect(await page.getByRole('status').textContent()).toMatch(/비밀번호를 바꿨어요/)
    await elsewhere.reload()
    await elsewhere.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByRole('button', { name: '로그아웃', exact: true }).click()
    await page.getByRole('heading', { name: '로그아웃했어요' }).waitFor()
    await page.goto(`${issuer.url}/account`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })

  test('an app sends the user to sign out and gets the browser back', async () => {
    const own = await issuer.client({
      redirectUris: [site.redirectUri],
      postLogoutRedirectUris: [`${site.origin}/bye`],
    })
    const page = await newVisitor()
    await signIn(page, authorize({}, own))
    await arrival(page)
    const query = new URLSearchParams({
      client_id: own.id,
      post_logout_redirect_uri: `${site.origin}/bye`,
      state: 'out',
    })
    await page.goto(`${issuer.url}/end-session?${query}`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    expect((await arrival(page)).get('state')).toBe('out')
    await page.goto(authorize({}, own))
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  })

  test('an unknown URL gives a browser a page in both languages with a button to the page before, and a program a problem document', async () => {
    const page = await newVisitor(korean)
    await page.goto(`${issuer.url}/login`)
    const answer = await page.goto(`${issuer.url}/nothing-here`)
    expect(answer?.status()).toBe(404)
    await page.getByRole('heading', { name: '페이지를 찾을 수 없어요' }).waitFor()
    await page.getByRole('link', { name: 'English' }).click()
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor()
    await page.getByRole('button', { name: 'Go back' }).click()
    await page.getByRole('heading', { name: '로그인' }).waitFor()
    expect(page.url()).toBe(`${issuer.url}/login`)
    await page.goto(`${issuer.url}/nothing-here`)
    await page.getByRole('link', { name: '내 계정으로 가기' }).click()
    await page.getByRole('heading', { name: '로그인' }).waitFor()
    const program = await issuer.send('/nothing-here')
    expect(program.headers.get('content-type')).toMatch(/problem\+json/)
  })
})
