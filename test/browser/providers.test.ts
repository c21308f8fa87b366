// Sign-in with the fake Kakao and Google in a real browser, in Korean. The tests start at the redirect of the
// client and end at its callback.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type FakeGoogle, fakeGoogle } from '../../fakes/google.ts'
import { type FakeKakao, fakeKakao } from '../../fakes/kakao.ts'
import { chromiumIsMissing, launchChromium, type Visitor, visitor } from '../../harness/chromium.ts'
import { type ClientSite, clientSite } from '../support/client-site.ts'
import { testClock } from '../support/clock.ts'
import { claimsOf, pkce, type TestClient, type TestIssuer, testIssuer } from '../support/issuer.ts'

const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true }

describe.skipIf(chromiumIsMissing)('in Chromium, in Korean', () => {
  // The browser uses the real time and drops cookies that have expired.
  const clock = testClock(new Date())
  let kakao: FakeKakao
  let google: FakeGoogle
  let issuer: TestIssuer
  let chromium: Browser
  let site: ClientSite
  let client: TestClient
  let visitors: Visitor[] = []

  beforeAll(async () => {
    const app = { clientId: 'the-app', clientSecret: 'the-secret', clock }
    const redirectUris: string[] = []
    ;[kakao, google, chromium, site] = await Promise.all([
      fakeKakao({ ...app, adminKey: 'the-admin-key', redirectUris }),
      fakeGoogle({ ...app, redirectUris }),
      launchChromium(),
      clientSite(),
    ])
    issuer = await testIssuer({
      clock,
      env: {
        KAKAO_CLIENT_ID: app.clientId,
        KAKAO_CLIENT_SECRET: app.clientSecret,
        KAKAO_ORIGIN: kakao.origin,
        GOOGLE_CLIENT_ID: app.clientId,
        GOOGLE_CLIENT_SECRET: app.clientSecret,
        GOOGLE_ORIGIN: google.origin,
      },
    })
    redirectUris.push(`${issuer.url}/callback/kakao`, `${issuer.url}/callback/google`)
    client = await issuer.client({ name: '책방', redirectUris: [site.redirectUri] })
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
    await Promise.all([issuer, kakao, google, site].map((one) => one?.close()))
  })

  const newVisitor = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const one = await visitor(chromium, { locale: 'ko-KR', ...options })
    visitors.push(one)
    return one.page
  }

  const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click()

  /** Opens the authorization request of the client. Returns the verifier for its code. */
  const sentByClient = async (page: Page): Promise<string> => {
    const { verifier, challenge } = pkce()
    const path = issuer.authorizePath(client, { code_challenge: challenge, code_challenge_method: 'S256' })
    await page.goto(`${issuer.url}${path}`)
    return verifier
  }

  /** The claims of the ID token for the code that the client's callback received. */
  const arrived = async (page: Page, verifier: string): Promise<Record<string, unknown>> => {
    await page.getByRole('heading', { name: 'Back at the app' }).waitFor()
    const { searchParams } = site.visits.at(-1) ?? new URL(site.origin)
    expect(searchParams.get('iss')).toBe(issuer.url)
    const answer = await issuer.redeem(client, searchParams.get('code') ?? '', verifier)
    expect(answer.status).toBe(200)
    return claimsOf(String(answer.json.id_token))
  }

  const signInWithKakao = async (page: Page, person: string) => {
    const verifier = await sentByClient(page)
    await press(page, '카카오로 계속하기')
    await press(page, new RegExp(person))
    const agree = page.getByRole('button', { name: '동의하고 계속하기' })
    const atClient = page.getByRole('heading', { name: 'Back at the app' })
    await agree.or(atClient).waitFor()
    const asked = await agree.isVisible()
    if (asked) await agree.click()
    return { asked, who: await arrived(page, verifier) }
  }

  test('a user signs up with Kakao without an e-mail address, links Google, unlinks Kakao and keeps the account', async () => {
    const page = await newVisitor()
    const first = await signInWithKakao(page, '이서준')
    expect(first.asked).toBe(true)
    expect(first.who).toMatchObject({ name: '이서준' })
    expect(first.who).not.toHaveProperty('email')
    const { sub } = first.who

    const elsewhere = await newVisitor()
    const second = await signInWithKakao(elsewhere, '이서준')
    expect(second).toMatchObject({ asked: false, who: { sub } })

    await elsewhere.goto(`${issuer.url}/account`)
    await expect(elsewhere.locator('html').getAttribute('lang')).resolves.toBe('ko')
    expect(await elsewhere.getByRole('button', { name: '카카오 연결 끊기' }).count()).toBe(0)
    await press(elsewhere, '구글 연결하기')
    await press(elsewhere, /최도윤/)
    await press(elsewhere, '동의하고 계속하기')
    await elsewhere.getByText('연결했어요. 이제 이 방법으로도 로그인할 수 있어요.').waitFor()

    await press(elsewhere, '카카오 연결 끊기')
    await elsewhere.getByText('연결을 끊었어요. 이제 이 방법으로는 로그인할 수 없어요.').waitFor()
    expect(await elsewhere.getByRole('button', { name: '구글 연결 끊기' }).count()).toBe(0)

    const later = await newVisitor()
    const verifier = await sentByClient(later)
    await press(later, 'Google로 계속하기')
    await press(later, /최도윤/)
    expect(await arrived(later, verifier)).toMatchObject({ sub })
    // Kakao no longer opens that account, so the same Kakao user gets a new one.
    const afterUnlink = await signInWithKakao(await newVisitor(), '이서준')
    expect(afterUnlink.who.sub).not.toBe(sub)
  })

  test('on a low screen every login method is visible without scrolling, and Kakao comes first in Korean', async () => {
    const page = await newVisitor({ viewport: { width: 1366, height: 657 } })
    for (const [language, first] of [
      ['ko', '카카오로 계속하기'],
      ['en', 'Continue with Google'],
    ]) {
      await page.goto(`${issuer.url}/login?ui_locales=${language}`)
      expect(await page.locator('main button').first().innerText()).toBe(first)
      const last = await page.locator('main button[type=submit]').last().boundingBox()
      expect((last?.y ?? 657) + (last?.height ?? 0)).toBeLessThan(657)
      await page.goto(`${issuer.url}/register?ui_locales=${language}`)
      expect(await page.locator('main button').first().innerText()).toBe(first)
    }
  })

  test('a user on a phone without JavaScript cancels at Kakao, sees a message and signs in at the second attempt', async () => {
    const page = await newVisitor({ ...phone, javaScriptEnabled: false })
    const verifier = await sentByClient(page)
    await press(page, '카카오로 계속하기')
    await press(page, '취소')
    // To cancel is no error.
    expect(await page.getByRole('status').textContent()).toContain('카카오 로그인을 취소했어요')
    expect(await page.getByRole('alert').count()).toBe(0)
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    expect(overflow).toBeLessThanOrEqual(0)
    await press(page, '카카오로 계속하기')
    await press(page, /김민지/)
    await page.getByRole('checkbox', { name: /이메일/ }).uncheck()
    await press(page, '동의하고 계속하기')
    const who = await arrived(page, verifier)
    expect(who).toMatchObject({ name: '김민지' })
    expect(who).not.toHaveProperty('email')
  })

  test('a Kakao identity with the unverified address of an account is linked after the account’s password (F10)', async () => {
    const owner = await issuer.user({ email: 'hayun@example.com', name: '박하윤' })
    const page = await newVisitor(phone)
    const verifier = await sentByClient(page)
    await press(page, '카카오로 계속하기')
    await press(page, /박하윤/)
    await press(page, '동의하고 계속하기')
    await page.getByRole('heading', { name: '이미 가입된 이메일이에요' }).waitFor()
    await page.getByText('hayun@example.com').waitFor()
    const password = page.getByLabel('비밀번호', { exact: true })
    await press(page, '로그인하고 카카오 연결하기')
    expect(await page.getByRole('alert').textContent()).toBe('비밀번호를 입력해 주세요.')
    expect(await password.getAttribute('aria-describedby')).toBe('password-error')
    await password.fill('not the right one')
    await press(page, '로그인하고 카카오 연결하기')
    expect(await page.getByRole('alert').textContent()).toContain('비밀번호가 맞지 않아요')
    await password.fill(owner.password)
    await press(page, '로그인하고 카카오 연결하기')
    expect(await arrived(page, verifier)).toMatchObject({ sub: owner.id })
    const next = await signInWithKakao(await newVisitor(), '박하윤')
    expect(next).toMatchObject({ asked: false, who: { sub: owner.id } })
  })
})
