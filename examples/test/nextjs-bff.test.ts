// Tests the Next.js example in a real Chromium, with a real issuer and the FastAPI example as its API.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { launchChromium } from '../../harness/chromium.ts'
import { seriousFaultsOf } from '../../test/support/axe.ts'
import { password, type Site, startSite } from './nextjs-site.ts'
import { ownExamples, ownPython } from './own-copy.ts'

/** The shortest lifetime that the issuer allows, so that a test can wait until a token expires. */
const tokenSeconds = 30

const machine = { folder: ownExamples(), env: { PATH: ownPython() } }
let site: Site
let browser: Browser

beforeAll(async () => {
  site = await startSite(machine, { ACCESS_TOKEN_TTL: String(tokenSeconds) })
  // Playwright switches off the pages in memory that the back button shows.
  browser = await launchChromium({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })
})

afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

interface Visit {
  context: BrowserContext
  page: Page
  /** Script errors and breaches of the content security policy. */
  complaints: string[]
}

const enterPassword = async (page: Page, email: string) => {
  await page.locator('input[name="login"]').fill(email)
  await page.locator('input[name="password"]').fill(password)
  await page.locator('form[action="/login/password"] button[type="submit"]').click()
  await page.waitForURL(`${site.url}/*`)
}

/** Opens a page with an empty profile and signs this user in. */
const signIn = async (email: string, page = '/'): Promise<Visit> => {
  const context = await browser.newContext({ locale: 'en-US' })
  onTestFinished(() => context.close())
  const visit: Visit = { context, page: await context.newPage(), complaints: [] }
  visit.page.on('console', (message) => {
    const isRefusal = /status of (401|403|404|413)/.test(message.text())
    if (message.type() === 'error' && !isRefusal) visit.complaints.push(message.text())
  })
  visit.page.on('pageerror', ({ message }) => visit.complaints.push(message))
  await visit.page.goto(`${site.url}${page}`)
  await visit.page.getByRole('button', { name: 'Sign in' }).click()
  await enterPassword(visit.page, email)
  await visit.page.getByRole('button', { name: 'Sign out' }).waitFor()
  return visit
}

const newTab = async ({ context }: Visit, path: string): Promise<Page> => {
  const page = await context.newPage()
  await page.goto(`${site.url}${path}`)
  return page
}

const fetchInPage = (page: Page, path: string) => page.evaluate(async (to) => (await fetch(to)).status, path)

/** Reads the stream of the chat as text, until `seconds` have passed. Says if the stream ended before. */
const readStream = (page: Page, seconds: number) =>
  page.evaluate(async (limit) => {
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), limit * 1000)
    const response = await fetch('/api/chat', { signal: controller.signal })
    let text = ''
    const decoder = new TextDecoder()
    try {
      for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>)
        text += decoder.decode(piece)
    } catch {}
    clearTimeout(timer)
    return { text, isOver: !controller.signal.aborted }
  }, seconds)

const ask = async (page: Page, text: string) => {
  await page.getByPlaceholder('Write a message').fill(text)
  await page.getByPlaceholder('Write a message').press('Enter')
}
const answer = (page: Page) => page.locator('.message.service').last()
const words = async (page: Page) => (await answer(page).locator('p').innerText()).split(' ').length

const cookiesOf = async ({ context }: Visit) =>
  (await context.cookies(site.url)).filter(({ name }) => name.includes('session-token'))

test('signs a user in with Auth.js and hides all tokens from scripts (G12, J5)', async () => {
  const protectedPage = await fetch(`${site.url}/orders`, { redirect: 'manual' })
  expect(protectedPage.headers.get('location')).toMatch(/^(http:\/\/localhost:\d+)?\/\?next=%2Forders$/)
  const visit = await signIn(await site.newUser('홍길동'), '/orders')
  const { page, complaints } = visit
  expect(new URL(page.url()).pathname).toBe('/orders')
  await page.getByText('홍길동').waitFor()
  expect(await page.evaluate('document.cookie')).toBe('')
  expect(await page.content()).not.toMatch(/eyJ|drt_/)
  for (const { httpOnly, sameSite, name } of await cookiesOf(visit))
    expect([httpOnly, sameSite], name).toEqual([true, 'Lax'])
  for (const path of ['/api/auth/session', '/api/../healthz', '/api/openapi.json'])
    expect(await fetchInPage(page, path), path).toBe(404)
  const headers = (await page.reload())?.headers() ?? {}
  expect(headers['content-security-policy']).toMatch(
    /script-src 'self' 'nonce-\S+' 'strict-dynamic'; style-src/,
  )
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['cache-control']).toContain('no-store')
  expect(complaints).toEqual([])
})

test('shows its pages in Korean and English, on a phone and in both themes, without a serious fault of access', async () => {
  const email = await site.newUser('홍길동')
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({
      ...{ locale: 'ko-KR', colorScheme },
      viewport: { width: 360, height: 740 },
    })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const check = async (language: string) => {
      expect(await page.locator('html').getAttribute('lang')).toBe(language)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
      expect(await seriousFaultsOf(page)).toEqual([])
    }
    await page.goto(site.url)
    await check('ko')
    await page.getByRole('button', { name: '로그인' }).click()
    await enterPassword(page, email)
    for (const [path, title] of [
      ['/chat', '대화'],
      ['/orders', '주문'],
    ] as const) {
      await page.goto(`${site.url}${path}`)
      await page.getByRole('heading', { name: title }).waitFor()
      await check('ko')
    }
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('heading', { name: 'Orders' }).waitFor()
    await check('en')
  }
})

test('creates, changes and deletes an order and uploads its receipt through the proxy', async () => {
  const { page, complaints } = await signIn(await site.newUser('Kim'), '/orders')
  await page.getByText('There are no orders yet.').waitFor()
  await page.getByLabel('Product').fill('연필 & <b>eraser</b>')
  await page.getByLabel('Quantity').fill('2')
  await page.getByRole('button', { name: 'Add order' }).click()
  const row = page.getByRole('listitem').filter({ hasText: '연필 & <b>eraser</b>' })
  await row.getByRole('button', { name: 'One more' }).click()
  await row.getByText('3', { exact: true }).waitFor()

  const file = { name: 'receipt.html', mimeType: 'text/html', buffer: Buffer.alloc(3_000_000, 'receipt ') }
  await row.locator('input[type="file"]').setInputFiles(file)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    row.getByRole('link', { name: 'Download receipt (3 MB)' }).click(),
  ])
  const received = await (await download.createReadStream()).toArray()
  expect(Buffer.concat(received).equals(file.buffer)).toBe(true)
  const large = { ...file, buffer: Buffer.alloc(6_000_000) }
  await row.locator('input[type="file"]').setInputFiles(large)
  await page.getByRole('alert').getByText('The limit is 5 MB').waitFor()

  await row.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('There are no orders yet.').waitFor()
  expect(complaints).toEqual([])
})

test('shows the sentence for 403 to a user without the role of the README', async () => {
  const { page } = await signIn(await site.newUser('Plain', []), '/orders')
  await page.getByRole('alert').getByText('This account lacks the permission.').waitFor()
})

test('streams an answer word by word to both tabs, and the service notices that the reader left', async () => {
  const visit = await signIn(await site.newUser('Lee'))
  const { page, complaints } = visit
  const other = await newTab(visit, '/chat')
  await ask(page, 'How are you?')
  await answer(other).getByText('The FastAPI').waitFor()
  const before = await words(page)
  expect(before).toBeLessThan(40)
  await sleep(1000)
  expect(await words(page)).toBeGreaterThan(before)
  await page.getByRole('button', { name: 'Stop' }).click()
  await answer(other).getByText('Stopped here').waitFor()

  await ask(page, 'Again, please.')
  await page.locator('.message.service').nth(1).getByText('The FastAPI').waitFor()
  expect(complaints).toEqual([])
  // Both tabs go. The service sees it through two hops, and stops the answer after three more seconds.
  await page.goto('about:blank')
  await other.close()
  await sleep(5000)
  await page.goto(`${site.url}/chat`)
  await answer(page).getByText('Stopped here').waitFor()
  expect(await words(page)).toBeLessThan(40)
})

test('keeps two tabs with a session of 6 KB signed in across a refresh (G12, J6)', async () => {
  const email = await site.newUser('Large')
  await site.installation.command([
    'apis',
    'update',
    `${site.installation.url}/api`,
    '--claim',
    'permissions',
  ])
  const claim = JSON.stringify(Array.from({ length: 90 }, (_, index) => `team-${index}:documents:write`))
  await site.installation.command(['users', 'claims', email, '--set', `permissions=${claim}`])
  const visit = await signIn(email)
  const tabs = [visit.page, await newTab(visit, '/chat')]
  const before = await cookiesOf(visit)
  expect(before.reduce((sum, { value }) => sum + value.length, 0)).toBeGreaterThan(6000)
  expect(before.map(({ name }) => name)).toEqual(['authjs.session-token.0', 'authjs.session-token.1'])

  // The service sends a comment every 15 seconds while nothing happens.
  const [first] = await Promise.all([
    readStream(visit.page, tokenSeconds - 8),
    sleep((tokenSeconds - 8) * 1000),
  ])
  expect(first?.text).toContain(': still here')
  const statuses = await Promise.all(
    tabs.flatMap((tab) => Array.from({ length: 5 }, () => fetchInPage(tab, '/api/me'))),
  )
  expect(statuses).toEqual(statuses.map(() => 200))
  const after = await cookiesOf(visit)
  expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name))
  expect(after[0]?.value).not.toBe(before[0]?.value)
  // The first token expires. The streams of the pages end and connect again with the second token.
  await sleep(20_000)
  for (const tab of tabs) {
    expect(await fetchInPage(tab, '/api/orders')).toBe(200)
    await ask(tab, 'Still here?')
    await answer(tab).getByText('The FastAPI').waitFor()
    await tab.getByRole('button', { name: 'Stop' }).click()
    await answer(tab).getByText('Stopped here').waitFor()
  }
  await visit.page.getByRole('button', { name: 'Sign out' }).click()
  await visit.page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(await cookiesOf(visit)).toEqual([])
})

test('a logout ends the streams of all tabs within five seconds, and the back button shows nothing private', async () => {
  const visit = await signIn(await site.newUser('비밀'))
  const [page, other] = [visit.page, await newTab(visit, '/orders')]
  await ask(page, 'A private question')
  await answer(page).getByText('The FastAPI').waitFor()
  const chat = await newTab(visit, '/orders')
  await chat.goto(`${site.url}/chat`)
  await chat.getByText('A private question').waitFor()
  const stream = readStream(other, 15)
  await other.waitForTimeout(500)
  const before = performance.now()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(page.url()).toBe(`${site.url}/`)
  const { isOver, text } = await stream
  expect(text).toContain('A private question')
  expect([isOver, (performance.now() - before) / 1000 < 5]).toEqual([true, true])
  // The chat in the third tab connects again, is rejected, and shows the start page.
  await chat.getByText('Your session has ended.').waitFor()

  for (const tab of [page, chat]) {
    await tab.goBack()
    await tab.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await tab.locator('body').innerText()).not.toMatch(/비밀|private/)
  }
  // The issuer's session has ended too, so the next sign-in asks for the password.
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('input[name="password"]').waitFor()
})
