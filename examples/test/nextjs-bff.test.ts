// Tests the Next.js example in a real Chromium, with a real issuer and the FastAPI example as its API.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../../harness/chromium.ts'
import { freePort } from '../../harness/free-port.ts'
import { type Installation, newInstallation, type Served } from '../../harness/installation.ts'
import { removeFolder, type Service, serve, temporaryFolder } from '../../harness/process.ts'

const examples = new URL('..', import.meta.url).pathname
const python = join(tmpdir(), 'dojang-examples-python')

/** The shortest lifetime that the issuer allows, so that a test can wait until a token expires. */
const tokenSeconds = 30

let installation: Installation
let issuer: Served
let browser: Browser
let context: BrowserContext
let site: string
let folder: string
const services: Service[] = []
const user = { email: 'hong@example.com', password: 'wipe cactus ninety plaster' }

const env = { ACCESS_TOKEN_TTL: String(tokenSeconds) }

const start = async (
  name: string,
  variables: Record<string, string>,
  command: readonly string[],
  url: string,
) => {
  const envArguments = [...Object.entries(variables).map(([key, value]) => `${key}=${value}`), ...command]
  const answers = async () => (await fetch(url).catch(() => undefined))?.status === 200
  const child = await serve(
    'env',
    envArguments,
    { cwd: join(examples, name), stopSignal: 'SIGTERM' },
    answers,
  )
  services.push({ url, ...child })
}

beforeAll(async () => {
  folder = temporaryFolder()
  execFileSync('python3', ['-m', 'venv', python])
  const install = { stdio: 'pipe', env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' } } as const
  execFileSync(join(python, 'bin/pip'), ['install', '--quiet', '-r', 'requirements.txt'], {
    ...install,
    cwd: join(examples, 'fastapi'),
  })
  const bff = join(examples, 'nextjs-bff')
  execFileSync('npm', ['install', '--no-package-lock'], { ...install, cwd: bff })
  execFileSync('npx', ['next', 'build'], { ...install, cwd: bff })

  installation = await newInstallation(env)
  issuer = await installation.serve()
  const port = await freePort()
  site = `http://localhost:${port}`
  const created = await installation.run([
    ...['clients', 'create', '--id', 'web', '--scope', 'openid profile email offline_access', '--json'],
    ...['--redirect-uri', `${site}/api/auth/callback/dojang`, '--post-logout-redirect-uri', `${site}/`],
  ])
  const { client_secret } = created.json as { client_secret: string }
  const createUser = [
    'users',
    'create',
    '--email',
    user.email,
    '--name',
    '홍길동',
    '--password-stdin',
    '--json',
  ]
  expect((await installation.run(createUser, { input: user.password })).code).toBe(0)

  const api = `http://127.0.0.1:${await freePort()}`
  const fastapi = { PORT: new URL(api).port, ISSUER: installation.url, PEOPLE: join(folder, 'people') }
  await start('fastapi', fastapi, [join(python, 'bin/python'), 'main.py'], api)
  const next = {
    ISSUER: installation.url,
    DOJANG_CLIENT_ID: 'web',
    DOJANG_CLIENT_SECRET: client_secret,
    API_ORIGIN: api,
    AUTH_URL: site,
    AUTH_SECRET: randomBytes(33).toString('base64'),
    NEXT_TELEMETRY_DISABLED: '1',
  }
  const command = [
    process.execPath,
    'node_modules/next/dist/bin/next',
    'start',
    '--hostname',
    '127.0.0.1',
    '--port',
    String(port),
  ]
  await start('nextjs-bff', next, command, site)
  browser = await launchChromium()
  context = await browser.newContext({ locale: 'en-US' })
})

afterAll(async () => {
  await browser?.close()
  for (const { stop } of services) await stop()
  await installation?.remove()
  removeFolder(folder)
})

const output = (page: Page) => page.locator('output')

/** Clicks "Who am I?" and waits for an answer with this status. */
const expectMe = async (page: Page, status = 200) => {
  await page.getByRole('button', { name: 'Who am I?' }).click()
  await output(page)
    .getByText(new RegExp(`^${status} `))
    .waitFor()
}

const signIn = async (): Promise<Page> => {
  const page = await context.newPage()
  await page.goto(site)
  const button = page.getByRole('button', { name: 'Sign in' })
  if ((await button.count()) === 0) return page
  await button.click()
  const hello = page.getByRole('heading', { name: 'Hello, 홍길동' })
  const password = page.locator('input[name="password"]')
  // If the browser is signed in at the issuer, the issuer redirects back without a form.
  await hello.or(password).waitFor()
  if (await password.isVisible()) {
    await page.locator('input[name="login"]').fill(user.email)
    await password.fill(user.password)
    await page.locator('form[action="/login/password"] button[type="submit"]').click()
  }
  await hello.waitFor()
  return page
}

/** Sends a request from a script in the page. */
const fetchInPage = (page: Page, path: string, headers: Record<string, string> = { 'x-bff': '1' }) =>
  page.evaluate(
    async ([to, sent]) => {
      const response = await fetch(to, { headers: sent })
      return { status: response.status, text: await response.text() }
    },
    [path, headers] as const,
  )

test('signs a user in with Auth.js and hides all tokens from scripts (G12, J5)', async () => {
  const page = await signIn()
  await expectMe(page)
  expect(await page.evaluate('document.cookie')).toBe('')
  const session = await fetchInPage(page, '/api/auth/session')
  expect(JSON.parse(session.text)).toEqual({
    expires: expect.any(String),
    user: { name: '홍길동', email: user.email },
  })
  for (const { httpOnly, sameSite, name } of await context.cookies(site))
    expect([httpOnly, sameSite], name).toEqual([true, 'Lax'])
  expect((await fetchInPage(page, '/api/me', {})).status).toBe(403)
  expect((await fetchInPage(page, '/api/../healthz')).status).toBe(404)
  expect((await fetchInPage(page, '/api/openapi.json')).status).toBe(404)
  await page.close()
})

test('streams a response word by word until the reader stops (G12)', async () => {
  const page = await signIn()
  await page.getByRole('button', { name: 'Chat' }).click()
  await output(page).getByText('word 1').waitFor()
  expect(await output(page).textContent()).not.toContain('word 20')
  await output(page).getByText('word 4').waitFor()
  expect(await output(page).textContent()).toContain(': still here')
  await page.getByRole('button', { name: 'Stop' }).click()
  const before = await output(page).textContent()
  await sleep(1000)
  expect(await output(page).textContent()).toBe(before)
  await page.close()
})

test('keeps two tabs signed in when ten requests refresh at the same time (J6)', async () => {
  const tabs = [await signIn(), await signIn()]
  await sleep((tokenSeconds - 8) * 1000)
  const answers = await Promise.all(
    tabs.flatMap((tab) => Array.from({ length: 5 }, () => fetchInPage(tab, '/api/me'))),
  )
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  await sleep((tokenSeconds - 8) * 1000)
  for (const tab of tabs) await expectMe(tab)
  for (const tab of tabs) await tab.close()
})

test('keeps the user signed in while the issuer is down (J6)', async () => {
  const page = await signIn()
  await expectMe(page)
  await issuer.stop()
  await sleep((tokenSeconds + 1) * 1000)
  expect((await fetchInPage(page, '/api/me')).status).toBe(503)
  issuer = await installation.serve(env)
  await expectMe(page)
  await page.close()
})

test('rejects requests of the second tab after a logout in the first tab', async () => {
  const [one, other] = [await signIn(), await signIn()]
  await expectMe(other)
  await one.getByRole('button', { name: 'Sign out' }).click()
  await one.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(one.url()).toBe(`${site}/`)
  await expectMe(other, 401)
  // The issuer's session has ended too, so the next sign-in asks for the password.
  await one.getByRole('button', { name: 'Sign in' }).click()
  await one.locator('input[name="password"]').waitFor()
})
