// Tests the single-page app in a real Chromium: with a real issuer, and with the Express example as its API.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../../harness/chromium.ts'
import { freePort } from '../../harness/free-port.ts'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { type Service, serve } from '../../harness/process.ts'
import { get } from './ask.ts'
import { dojangMachine, readGuide, runShell } from './guide.ts'
import { ownExamples } from './own-copy.ts'

const examples = ownExamples()
const pages = [readGuide('../examples/README.md'), readGuide('../examples/spa/README.md')]

/** The shortest lifetime that the issuer allows, so that a test can wait until a token expires. */
const tokenSeconds = 30
/** The verifier of the service rejects a revoked token within this time. */
const limitSeconds = 5

let installation: Installation
let browser: Browser
let context: BrowserContext
let site: string
let api: string
/** The environment of the app. */
let appSettings: Record<string, string>
/** Serves the files of `npm run build`. */
let built: Service
const services: Service[] = []
const user = { email: 'hong@example.com', password: 'wipe cactus ninety plaster' }

/** Starts the server of an example. */
const start = async (
  name: string,
  env: Record<string, string>,
  command: string,
  url: string,
): Promise<Service> => {
  const words = [...Object.entries(env).map(([key, value]) => `${key}=${value}`), ...command.split(' ')]
  const answers = async () => (await fetch(url).catch(() => undefined))?.status === 200
  const child = await serve('env', words, { cwd: join(examples, name), stopSignal: 'SIGTERM' }, answers)
  const service = { url, ...child }
  services.push(service)
  return service
}

beforeAll(async () => {
  installation = await newInstallation({ ACCESS_TOKEN_TTL: String(tokenSeconds) })
  await installation.serve()
  const createUser = ['users', 'create', '--email', user.email, '--name', '홍길동', '--password-stdin']
  expect((await installation.run(createUser, { input: user.password })).code).toBe(0)

  const port = await freePort()
  site = `http://localhost:${port}`
  api = `http://localhost:${await freePort()}`
  const commands = pages
    .map((page) => page.block('npx dojang'))
    .join('')
    .replaceAll('http://localhost:4000', installation.url)
    .replaceAll('http://localhost:5173', site)
    .replace('demo@dojang.example', user.email)
  runShell(dojangMachine(installation, {}), commands)

  appSettings = { VITE_ISSUER: installation.url, VITE_API_URL: api }
  for (const name of ['express', 'spa'])
    execFileSync('npm', ['install'], { cwd: join(examples, name), stdio: 'pipe' })
  execFileSync('npm', ['run', 'build'], {
    ...{ cwd: join(examples, 'spa'), stdio: 'pipe', env: { ...process.env, ...appSettings } },
  })
  const express = { PORT: new URL(api).port, ISSUER: installation.url, ALLOWED_ORIGINS: site }
  await start('express', express, `${process.execPath} server.js`, api)
  const preview = `${process.execPath} node_modules/vite/bin/vite.js preview --port ${port}`
  built = await start('spa', appSettings, preview, site)

  browser = await launchChromium()
  context = await browser.newContext({ locale: 'ko-KR' })
  context.setDefaultTimeout(15_000)
})

afterAll(async () => {
  await browser?.close()
  for (const { stop } of services) await stop()
  await installation?.remove()
})

afterEach(async () => {
  for (const page of context.pages()) await page.close()
})

const heading = (page: Page) => page.getByRole('heading', { name: '홍길동님, 안녕하세요' })
const signInButton = (page: Page) => page.getByRole('button', { name: '로그인', exact: true })
const account = (page: Page) => page.getByRole('region', { name: '내 정보' })
const orders = (page: Page) => page.getByRole('region', { name: '주문' })

const openTab = async (): Promise<Page> => {
  const page = await context.newPage()
  await page.goto(site)
  return page
}

const signIn = async (page: Page): Promise<void> => {
  await signInButton(page).click()
  const [login, proceed] = [page.locator('input[name="login"]'), page.locator('button[value="allow"]')]
  await login.or(proceed).waitFor()
  if (await proceed.isVisible()) {
    // The issuer asks for no password while its own session exists.
    await proceed.click()
    return heading(page).waitFor()
  }
  await login.fill(user.email)
  await page.locator('input[name="password"]').fill(user.password)
  await page.locator('form[action="/login/password"] button[type="submit"]').click()
  await heading(page).waitFor()
}

/** A tab in which the user is signed in. */
const signedInTab = async (): Promise<Page> => {
  const page = await openTab()
  await heading(page).or(signInButton(page)).waitFor()
  if (await signInButton(page).isVisible()) await signIn(page)
  return page
}

interface Tokens {
  access_token: string
  refresh_token: string
}
const tokensOf = (page: Page): Promise<Tokens> =>
  page.evaluate(() => {
    const key = Object.keys(sessionStorage).find((name) => name.startsWith('session.')) ?? ''
    return JSON.parse(sessionStorage.getItem(key) ?? '{}')
  })

/** Counts the requests of all tabs to the token endpoint. */
const countRefreshes = () => {
  const count = { sent: 0 }
  context.on('request', (request) => {
    if (request.url() === `${installation.url}/token` && request.method() === 'POST') count.sent += 1
  })
  return count
}

/** Loads the account card again, and waits for the answer of the API with this status. */
const reload = async (page: Page, status = 200): Promise<void> => {
  const answered = page.waitForResponse((to) => to.url() === `${api}/me` && to.status() === status)
  await account(page).getByRole('button', { name: '다시 불러오기' }).click()
  await answered
}

/** Makes all cards of these tabs load again at the same millisecond, as if the user came back to each tab. */
const reloadAtOnce = async (tabs: readonly Page[]): Promise<void> => {
  const answered = tabs.map((tab) =>
    tab.waitForResponse((to) => to.url() === `${api}/me` && to.status() === 200),
  )
  const at = Date.now() + 500
  for (const tab of tabs)
    await tab.evaluate(
      `setTimeout(() => document.dispatchEvent(new Event('visibilitychange')), ${at} - Date.now())`,
    )
  await Promise.all(answered)
}

test('signs a user in with a code and PKCE, and calls the API of another origin', async () => {
  const page = await openTab()
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  const authorization = page.waitForRequest((request) => request.url().includes('/authorize?'))
  await signIn(page)
  const sent = new URL((await authorization).url()).searchParams
  expect([sent.get('response_type'), sent.get('code_challenge_method')]).toEqual(['code', 'S256'])
  expect(page.url()).toBe(`${site}/`)
  await account(page).getByText(/^usr_/).waitFor()
  await orders(page).getByText('Notebook').waitFor()
  expect(await page.evaluate(() => JSON.stringify(localStorage))).toBe('{}')
  await page.reload()
  await orders(page).getByText('Notebook').waitFor()
  expect(complaints).toEqual([])
})

test('explains a cancelled sign-in and an unknown one, in both languages', async () => {
  const page = await openTab()
  await signInButton(page).click()
  await page.locator('button[value="deny"]').click()
  await page.getByText('로그인을 취소했어요.').waitFor()
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByText('You cancelled the sign-in.').waitFor()
  await page.goto(`${site}/callback?code=x&state=y`)
  await page.getByText('The sign-in did not finish. Please try again.').waitFor()
  expect(page.url()).toBe(`${site}/`)
  await page.getByRole('button', { name: '한국어' }).click()
  await page.getByText('로그인을 마치지 못했어요.').waitFor()
})

test('a new tab gets the session of an open tab, and both refresh with one request after an expiry', async () => {
  const one = await signedInTab()
  const refreshes = countRefreshes()
  const other = await openTab()
  await heading(other).waitFor()
  const first = await tokensOf(one)
  expect(await tokensOf(other)).toEqual(first)
  expect((await get(`${api}/me`, first.access_token)).status).toBe(200)

  await sleep((tokenSeconds + 11) * 1000)
  expect((await get(`${api}/me`, first.access_token)).status).toBe(401)
  await reloadAtOnce([one, other])
  expect(refreshes.sent).toBe(1)
  const second = await tokensOf(one)
  expect(second.refresh_token).not.toBe(first.refresh_token)
  expect(await tokensOf(other)).toEqual(second)

  // The grace period is over, so the session would end here if this tab sent its first refresh token.
  await sleep((tokenSeconds - 8) * 1000)
  await reload(other)
  await reload(one)
  expect(refreshes.sent).toBe(2)
})

test('keeps the session while the issuer does not answer', async () => {
  const page = await signedInTab()
  const before = await tokensOf(page)
  await page.route(`${installation.url}/**`, (route) => route.abort())
  // The API rejects the token, so the app tries to refresh it.
  await page.route(`${api}/me`, (route) => route.fulfill({ status: 401, body: '{}' }))
  await account(page).getByRole('button', { name: '다시 불러오기' }).click()
  await account(page).getByText('불러오지 못했어요. 로그인은 그대로 유지돼요.').waitFor()
  await page.getByRole('button', { name: '로그아웃' }).click()
  await page.getByText('로그인 서비스에 연결할 수 없어요').waitFor()
  expect(await tokensOf(page)).toEqual(before)
  await page.unrouteAll()
  await reload(page)
})

test('a logout in one tab signs out the other tab and ends the token at the API within seconds', async () => {
  const [one, other] = [await signedInTab(), await signedInTab()]
  const { access_token } = await tokensOf(other)
  expect((await get(`${api}/me`, access_token)).status).toBe(200)
  await one.getByRole('button', { name: '로그아웃' }).click()
  const start = performance.now()
  await signInButton(other).waitFor({ timeout: 2000 })
  expect(await other.evaluate(() => sessionStorage.length)).toBe(0)
  while ((await get(`${api}/me`, access_token)).status !== 401) await sleep(100)
  expect((performance.now() - start) / 1000).toBeLessThanOrEqual(limitSeconds)

  await signInButton(one).waitFor()
  expect(one.url()).toBe(`${site}/`)
  for (let steps = 0; steps < 3; steps += 1) {
    await one.goBack().catch(() => undefined)
    expect(await one.getByText('홍길동').count()).toBe(0)
  }
  // The session of the issuer has ended too, so the next sign-in asks for the password.
  await signInButton(other).click()
  await other.locator('input[name="password"]').waitFor()
})

test('signs the tab out when an administrator has ended the session', async () => {
  const page = await signedInTab()
  expect((await installation.run(['sessions', 'revoke', '--user', user.email])).code).toBe(0)
  await sleep(limitSeconds * 1000)
  await account(page).getByRole('button', { name: '다시 불러오기' }).click()
  await signInButton(page).waitFor()
})

test('the development server has the same app', async () => {
  await built.stop()
  const port = new URL(site).port
  await start('spa', appSettings, `${process.execPath} node_modules/vite/bin/vite.js --port ${port}`, site)
  const page = await signedInTab()
  await orders(page).getByText('Notebook').waitFor()
})
