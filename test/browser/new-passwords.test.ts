// The feedback on a new password in a real browser: while the user types, and without JavaScript after the
// form was sent.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chromiumIsMissing, launchChromium, type Visitor, visitor } from '../../harness/chromium.ts'
import { testClock } from '../support/clock.ts'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'

const korean: BrowserContextOptions = { locale: 'ko-KR' }
const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true }

describe.skipIf(chromiumIsMissing)('in Chromium', () => {
  let issuer: TestIssuer
  let chromium: Browser
  let visitors: Visitor[] = []

  beforeAll(async () => {
    // The browser uses the real time and drops cookies that have expired.
    ;[issuer, chromium] = await Promise.all([
      testIssuer({ clock: testClock(new Date()), env: { PASSWORD_MIN_LENGTH: '12' } }),
      launchChromium(),
    ])
  })
  afterEach(async () => {
    const complaints = visitors.flatMap((one) => one.complaints)
    await Promise.all(visitors.map((one) => one.close()))
    visitors = []
    expect(complaints, 'complaints of the browser').toEqual([])
  })
  afterAll(async () => {
    await chromium?.close()
    await issuer?.close()
  })

  const open = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const one = await visitor(chromium, options)
    visitors.push(one)
    await one.page.goto(`${issuer.url}${path}`)
    return one.page
  }
  const meter = (page: Page) => page.locator('#password-strength')
  const says = (page: Page, words: string | RegExp) =>
    meter(page).filter({ hasText: words }).waitFor({ state: 'visible' })

  test('the registration page says in Korean how strong a password is while the user types (F3)', async () => {
    const page = await open('/register', { ...korean, ...phone, colorScheme: 'dark' })
    await page.getByLabel('이메일').fill('gildong.hong@example.com')
    const password = page.locator('#password')
    for (const [typed, words] of [
      ['plaster', '5자를 더 입력해 주세요.'],
      ['passwordpassword', '되풀이해도 강해지지 않아요.'],
      ['qwertyuiopasdf', '많은 사람이 쓰는 단어나 비밀번호가 들어 있어요.'],
      ['gildong-hong-gildong', '이름이나 이메일, 서비스 이름이 들어 있어요.'],
      ['dojangdojangdojang', '이름이나 이메일, 서비스 이름이 들어 있어요.'],
      ['sunflowerbutterfly', '서로 관련 없는 단어를 하나 더 이어 보세요.'],
      ['선인장위에 올라간 부엉이 셋', '아주 강해 보여요.'],
    ] as const) {
      await password.fill(typed)
      await says(page, words)
    }
    await password.fill('')
    await meter(page).filter({ hasText: /^\s*$/ }).waitFor({ state: 'attached' })
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
  })

  test('a short password is stopped with our own sentence in Korean, and stays in the field (F2)', async () => {
    const page = await open('/register', korean)
    const requests: string[] = []
    page.on('request', (request) => requests.push(request.method()))
    const password = page.locator('#password')
    await page.getByLabel('이메일').fill('someone@example.com')
    await password.fill('plaster')
    await page.getByRole('button', { name: '가입하기' }).click()
    await page.getByRole('alert').filter({ hasText: '비밀번호는 12자 이상이어야 해요.' }).waitFor()
    expect(await password.inputValue()).toBe('plaster')
    expect(await password.getAttribute('aria-invalid')).toBe('true')
    expect(await password.getAttribute('aria-describedby')).toContain('password-error')
    expect(requests).not.toContain('POST')

    await password.fill('plaster gondola')
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(await password.getAttribute('aria-invalid')).toBeNull()
    expect(await password.getAttribute('aria-describedby')).not.toContain('password-error')
  })

  test.each([true, false])(
    'an empty form shows our own sentence at each field (JavaScript: %s)',
    async (javaScriptEnabled) => {
      const page = await open('/register', { ...korean, javaScriptEnabled })
      await page.getByRole('button', { name: '가입하기' }).click()
      const alerts = page.getByRole('alert')
      await expect
        .poll(() => alerts.allTextContents())
        .toEqual([
          expect.stringContaining('이메일 주소를 끝까지 입력해 주세요.'),
          '비밀번호는 12자 이상이어야 해요.',
        ])
    },
  )

  test('an empty sign-in form shows our own sentence and not the one of the browser', async () => {
    const page = await open('/login', { ...korean, ...phone })
    await page.getByRole('button', { name: '로그인', exact: true }).click()
    const alerts = page.getByRole('alert')
    expect(await alerts.allInnerTexts()).toEqual([
      '이메일 또는 아이디를 입력해 주세요.',
      '비밀번호를 입력해 주세요.',
    ])
    for (const id of ['login', 'password'])
      expect(await page.locator(`#${id}`).getAttribute('aria-describedby')).toBe(`${id}-error`)
    await page.locator('#login').fill('somebody@example.com')
    await page.getByRole('button', { name: '로그인', exact: true }).click()
    await expect.poll(() => alerts.allInnerTexts()).toEqual(['비밀번호를 입력해 주세요.'])
    expect(await page.evaluate('document.activeElement.id')).toBe('password')
  })

  test('without JavaScript the page shows the same feedback after the form was sent (F3)', async () => {
    const email = 'someone-else@example.com'
    for (const [options, typed] of [
      [korean, 'passwordpassword'],
      [{}, 'someone-else-someone'],
      [{}, 'iloveyou1234567'],
    ] as const) {
      const scripted = await open('/register', options)
      await scripted.locator('#email').fill(email)
      await scripted.locator('#password').fill(typed)
      await says(scripted, /\S/)
      const words = (await meter(scripted).innerText()).trim()

      const plain = await open('/register', { ...options, javaScriptEnabled: false })
      await plain.locator('#email').fill(email)
      await plain.locator('#password').fill(typed)
      await plain.locator('button[type=submit]').click()
      const prefix = options === korean ? '보낸 비밀번호: ' : 'The password you sent: '
      expect((await meter(plain).innerText()).trim()).toBe(`${prefix}${words}`)
      expect(await plain.getByRole('alert').count()).toBe(1)
    }
  })

  test('the account page gives the feedback too, and knows the names of the account (F3)', async () => {
    const user = await issuer.user({ name: 'Jiwoo Namgung' })
    const page = await open('/login')
    await page.getByLabel('Email or username').fill(user.email)
    await page.locator('#password').fill(user.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.goto(`${issuer.url}/account`)
    await page.locator('#password').fill('namgung-jiwoo-1')
    await says(page, 'It contains your name')
    await page.locator('#password').fill('gondola ferment eyebrow')
    await says(page, 'Looks very strong.')
    await page.locator('#current').fill(user.password)
    await page.locator('#password').fill('namgung-jiwoo-1')
    await page.getByRole('button', { name: 'Change password' }).click()
    await says(page, 'The password you sent: Very weak. It contains your name')
  })
})
