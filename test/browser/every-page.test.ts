// Checks every hosted page in a real browser. The page fits the screen and has enough contrast in both
// themes. Its controls are large enough, and each control has a name.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumIsMissing, launchChromium, visitor } from '../../harness/chromium.ts'
import { ensureDemo } from '../../src/first-start.ts'
import { randomToken } from '../../src/secrets.ts'
import { type ClientSite, clientSite } from '../support/client-site.ts'
import { testClock } from '../support/clock.ts'
import { pkce, type TestClient, type TestIssuer, type TestUser, testIssuer } from '../support/issuer.ts'

/** Runs in the page and returns the faults of its layout, its colours and its ids. */
const measure = `(() => {
  const faults = []
  const wide = document.documentElement.scrollWidth - innerWidth
  if (wide > 0) faults.push('scrolls sideways by ' + wide + ' px')
  const name = (e) => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + ' "' + e.textContent.trim().slice(0, 30) + '"'
  const isSeen = (e) => {
    const box = e.getBoundingClientRect()
    return box.width > 1 && box.height > 1 && box.bottom + scrollY > 0 && e.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  }

  for (const one of document.querySelectorAll('a, button, input, summary')) {
    if (!isSeen(one)) continue
    // A click on the label also ticks a checkbox.
    const { width, height } = (one.closest('label') ?? one).getBoundingClientRect()
    const isInText = one.matches('p > a') && getComputedStyle(one).display === 'inline'
    const least = one.matches('button, input') ? 44 : 24
    if (!isInText && (width < 24 || height < least)) faults.push(name(one) + ' is ' + width + ' by ' + height)
  }

  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgba = (colour) => {
    paint.clearRect(0, 0, 1, 1)
    paint.fillStyle = colour
    paint.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data
    return { r, g, b, a: a / 255 }
  }
  const over = (top, under) => Object.fromEntries([...'rgb'].map((c) => [c, top[c] * top.a + under[c] * (1 - top.a)]))
  const paper = (e) => {
    const under = e.parentElement ? paper(e.parentElement) : rgba('canvas')
    return over(rgba(getComputedStyle(e).backgroundColor), under)
  }
  const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4)
  const light = ({ r, g, b }) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
  for (const one of document.querySelectorAll('body *')) {
    const hasText = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')
    if (!hasText || !isSeen(one) || one.closest('[aria-hidden=true], script, style, noscript, [disabled]')) continue
    const style = getComputedStyle(one)
    const background = paper(one)
    const [high, low] = [light(over(rgba(style.color), background)), light(background)].sort((a, b) => b - a)
    const size = parseFloat(style.fontSize)
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    const contrast = (high + 0.05) / (low + 0.05)
    if (contrast < (isLarge ? 3 : 4.5)) faults.push(name(one) + ' has a contrast of ' + contrast.toFixed(2))
  }

  if (document.querySelectorAll('h1').length !== 1) faults.push('has not one heading of the first rank')
  const ids = [...document.querySelectorAll('[id]')].map((e) => e.id)
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push('has twice the id ' + id)
  for (const one of document.querySelectorAll('[aria-describedby], [aria-labelledby]'))
    for (const id of ((one.getAttribute('aria-describedby') ?? '') + ' ' + (one.getAttribute('aria-labelledby') ?? '')).trim().split(/\\s+/))
      if (!ids.includes(id)) faults.push(name(one) + ' points at nothing: ' + id)
  return faults
})()`

const controls = ['button', 'link', 'textbox', 'checkbox', 'DisclosureTriangle']

/** The controls that have no name in the browser's accessibility tree. */
const nameless = async (page: Page): Promise<string[]> => {
  const session = await page.context().newCDPSession(page)
  const { nodes } = await session.send('Accessibility.getFullAXTree')
  await session.detach()
  return nodes
    .filter(({ ignored, role, name }) => !ignored && controls.includes(role?.value) && !name?.value?.trim())
    .map(({ role }) => `a ${role?.value} without a name`)
}

describe.skipIf(chromiumIsMissing)('in Chromium', () => {
  let issuer: TestIssuer
  let chromium: Browser
  let site: ClientSite
  let shop: TestClient
  let user: TestUser
  let demo: { email: string; password: string }

  beforeAll(async () => {
    const clock = testClock(new Date())
    const providers = Object.fromEntries(
      ['KAKAO', 'GOOGLE', 'NAVER'].flatMap((name) => [
        [`${name}_CLIENT_ID`, 'a-client-id'],
        [`${name}_CLIENT_SECRET`, randomToken()],
      ]),
    )
    ;[issuer, chromium, site] = await Promise.all([
      testIssuer({ clock, env: providers }),
      launchChromium(),
      clientSite(),
    ])
    const made = await ensureDemo({
      clock,
      stores: issuer.stores,
      hashPassword: issuer.app.hashPassword,
      audit: () => {},
      issuer: issuer.url,
    })
    if (made === undefined) throw new Error('no demo user')
    demo = made
    user = await issuer.user({
      name: '남궁 민서',
      email: 'a.rather.long.address.of.somebody@mail.example.com',
    })
    shop = await issuer.client({ name: '동네서점', firstParty: false, redirectUris: [site.redirectUri] })
  })
  afterAll(async () => {
    await chromium?.close()
    await Promise.all([issuer?.close(), site?.close()])
  })

  const authorize = (params = {}) =>
    `${issuer.url}${issuer.authorizePath(shop, { code_challenge: pkce().challenge, code_challenge_method: 'S256', ...params })}`

  /** Opens every page in the order in which a user meets them. */
  const tour = async (page: Page, look: (name: string) => Promise<void>) => {
    /** Fills and sends the form that has these fields. Without fields it sends the only form of the page. */
    const submit = (fields: Record<string, string>) => async () => {
      for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value)
      const [id] = Object.keys(fields)
      const form = id === undefined ? 'main form' : `main form:has(#${id})`
      await page.locator(`${form} button[type=submit]`).click()
    }
    const open = (url: string) => () => page.goto(url)
    const stops: [string, () => Promise<unknown>][] = [
      ['sign-in', open(authorize())],
      ['sign-in, refused', submit({ login: user.email, password: 'not my password' })],
      ['registration', open(`${issuer.url}/register`)],
      ['registration, refused', submit({ email: 'a@b', password: 'password1234567' })],
      ['an unknown app', open(`${issuer.url}/authorize?client_id=nobody`)],
      ['a wrong address', open(`${issuer.url}/nothing`)],
      ['every route', open(`${issuer.url}/docs`)],
      ['sign-in again', open(authorize())],
      ['consent', submit({ login: user.email, password: user.password })],
      ['back at the app', () => page.locator('button[value=allow]').click()],
      ['proving who it is', open(authorize({ prompt: 'login' }))],
      ['the account', open(`${issuer.url}/account`)],
      ['the account, refused', submit({ current: 'not my password', password: 'x'.repeat(20) })],
      ['deleting the account', open(`${issuer.url}/account/delete`)],
      ['sign-out', open(`${issuer.url}/end-session`)],
      ['signed out', submit({})],
      ['the playground', open(`${issuer.url}/`)],
      [
        'the playground, signed in',
        async () => {
          await page.locator('#sign-in').click()
          await submit({ login: demo.email, password: demo.password })()
          await page.locator('.deed[data-verdict=valid]').waitFor()
          for (const id of ['userinfo', 'refresh']) {
            await page.locator(`#${id}`).click()
            await page.locator(`#step-${id}.is-done`).waitFor()
          }
          await page.locator('.travels summary').click()
        },
      ],
    ]
    for (const [name, go] of stops) {
      await go()
      if (page.url().startsWith(issuer.url)) await look(name)
    }
  }

  test.each([
    [
      'on a phone in Korean in the light theme',
      { locale: 'ko-KR', colorScheme: 'light', viewport: { width: 360, height: 740 } },
    ],
    [
      'on a phone in English in the dark theme',
      { locale: 'en-US', colorScheme: 'dark', viewport: { width: 360, height: 740 } },
    ],
    [
      'on a desktop in Korean in the dark theme',
      { locale: 'ko-KR', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
    ],
  ] as const)(
    'every page %s fits, has contrast, large and named controls, and breaks no policy (G5)',
    async (_, options) => {
      const { page, complaints, close } = await visitor(chromium, options)
      const seen: string[] = []
      const titles = new Set<string>()
      await tour(page, async (name) => {
        seen.push(name)
        titles.add(await page.title())
        expect.soft(await page.evaluate(measure), name).toEqual([])
        expect.soft(await nameless(page), name).toEqual([])
        expect
          .soft(await page.evaluate('document.documentElement.lang'), name)
          .toBe(options.locale.slice(0, 2))
      })
      expect(seen).toHaveLength(17)
      expect(titles.size).toBeGreaterThan(9)
      expect(complaints).toEqual([])
      await close()
    },
    60_000,
  )
})
