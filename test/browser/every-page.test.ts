// Checks every hosted page in a real browser, with the brand of Dojang and with another one. The page fits
// four widths and has enough contrast in both themes. Its controls are large enough, and each control has a
// name. axe-core finds nothing serious.
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { chromiumIsMissing, launchChromium, visitor } from '../../harness/chromium.ts'
import { linkPages } from '../../src/email-links/compose-link.ts'
import { type LinkPurpose, newEmailLink } from '../../src/email-links/email-link.ts'
import { ensureDemo } from '../../src/first-start.ts'
import { randomToken } from '../../src/secrets.ts'
import { seriousFaultsOf } from '../support/axe.ts'
import { clientSite } from '../support/client-site.ts'
import { testClock } from '../support/clock.ts'
import { foreignBrand } from '../support/foreign-brand.ts'
import { pkce, testIssuer } from '../support/issuer.ts'
import { mailServer } from '../support/mailbox.ts'
import { faultsOf } from '../support/measure-page.ts'

const goodPassword = 'wipe cactus ninety plaster'

/** An issuer with everything that the pages can show. */
const createWorld = async (env: Record<string, string>) => {
  const clock = testClock(new Date())
  const providers = Object.fromEntries(
    ['KAKAO', 'GOOGLE', 'NAVER'].flatMap((name) => [
      [`${name}_CLIENT_ID`, 'a-client-id'],
      [`${name}_CLIENT_SECRET`, randomToken()],
    ]),
  )
  const [issuer, site] = await Promise.all([
    testIssuer({ clock, env: { ...providers, ...mailServer, ...env } }),
    clientSite(),
  ])
  const demo = await ensureDemo({
    clock,
    stores: issuer.stores,
    hashPassword: issuer.app.hashPassword,
    audit: () => {},
    issuer: issuer.url,
  })
  if (demo === undefined) throw new Error('no demo user')
  const user = await issuer.user({
    name: '남궁 민서',
    email: 'a.rather.long.address.of.somebody@mail.example.com',
  })
  const shop = await issuer.client({ name: '동네서점', firstParty: false, redirectUris: [site.redirectUri] })
  const authorize = (params = {}) =>
    `${issuer.url}${issuer.authorizePath(shop, { code_challenge: pkce().challenge, code_challenge_method: 'S256', ...params })}`
  return { issuer, demo, user, authorize, close: () => Promise.all([issuer.close(), site.close()]) }
}

type World = Awaited<ReturnType<typeof createWorld>>

/** Opens every page in the order in which a user meets them. */
const tour = async (world: World, page: Page, look: (name: string) => Promise<void>) => {
  const { issuer, authorize, user, demo } = world
  /** Waits for the page that follows. */
  const press = async (button: Locator) => {
    const next = page.waitForEvent('domcontentloaded')
    await button.click()
    await next
  }
  /** Fills and sends the form that has these fields. Without fields it sends the only form of the page. */
  const submit = (fields: Record<string, string>) => async () => {
    for (const [id, value] of Object.entries(fields)) await page.locator(`#${id}`).fill(value)
    const [id] = Object.keys(fields)
    const form = id === undefined ? 'main form' : `main form:has(#${id})`
    await press(page.locator(`${form} button[type=submit]`))
  }
  const open = (url: string) => () => page.goto(url)
  /** Opens a link of another user, as if it came with a mail. */
  const openLink = (purpose: LinkPurpose) => async () => {
    const { id, email } = await issuer.user({ emailVerified: false })
    const owner = await issuer.stores.users.find(id)
    if (owner === undefined) throw new Error('no user')
    const { token, link } = newEmailLink(purpose, owner, `new.${email}`, issuer.clock)
    const mail = { id: randomToken(16), kind: 'test', sealed: 'x', createdAt: link.createdAt } as const
    await issuer.stores.emailLinks.issue(link, mail)
    await page.goto(`${issuer.url}${linkPages[purpose]}?token=${token}`)
  }
  const verify = (emailVerified: boolean) =>
    issuer.stores.users.change(user.id, { emailVerified }, issuer.clock.now())
  const unconfirmed = async () => {
    await verify(false)
    await page.goto(`${issuer.url}/unconfirmed`)
  }
  const confirmed = async () => {
    await verify(true)
    await page.goto(`${issuer.url}/account?done=email_confirmed`)
  }
  const stops: [string, () => Promise<unknown>][] = [
    ['sign-in', open(authorize())],
    ['sign-in, refused', submit({ login: user.email, password: 'not my password' })],
    ['registration', open(`${issuer.url}/register`)],
    ['registration, refused', submit({ email: 'a@b', password: 'password1234567' })],
    ['registration, sent', submit({ email: `${randomToken(9)}@example.com`, password: goodPassword })],
    ['forgotten password', open(`${issuer.url}/forgot-password`)],
    ['forgotten password, refused', submit({ email: 'a@b' })],
    ['forgotten password, sent', submit({ email: `${randomToken(9)}@example.com` })],
    ['new password', openLink('reset_password')],
    ['new password, refused', submit({ password: 'password1234567' })],
    ['new password, saved', submit({ password: goodPassword })],
    ['an old link', open(`${issuer.url}/reset-password`)],
    ['confirmation', openLink('confirm_email')],
    ['new address', openLink('change_email')],
    ['an unknown app', open(`${issuer.url}/authorize?client_id=nobody`)],
    ['a wrong address', open(`${issuer.url}/nothing`)],
    ['every route', open(`${issuer.url}/docs`)],
    ['sign-in again', open(authorize())],
    ['consent', submit({ login: user.email, password: user.password })],
    ['back at the app', () => press(page.locator('button[value=allow]'))],
    ['proving who it is', open(authorize({ prompt: 'login' }))],
    ['the account', open(`${issuer.url}/account`)],
    ['the account, wrong address', submit({ email: 'a@b' })],
    ['unconfirmed address', unconfirmed],
    ['unconfirmed address, too early', () => press(page.locator('main form button').first())],
    ['the account, confirmed', confirmed],
    ['the account, refused', submit({ current: 'not my password', password: 'x'.repeat(20) })],
    ['deleting the account', open(`${issuer.url}/account/delete`)],
    ['sign-out', open(`${issuer.url}/end-session`)],
    ['signed out', submit({})],
    ['the playground', open(`${issuer.url}/`)],
    [
      'the playground, signed in',
      async () => {
        await press(page.locator('#sign-in'))
        await submit({ login: demo.email, password: demo.password })()
        await page.locator('.deed[data-verdict=valid]').waitFor()
        for (const id of ['userinfo', 'refresh']) {
          await page.locator(`#open-${id}`).click()
          await page.locator(`#${id}`).click()
          await page.locator(`#step-${id}.is-done`).waitFor()
        }
        await page.locator('#open-token').click()
        await page.locator('.travels summary').click()
      },
    ],
  ]
  for (const [name, go] of stops) {
    await go()
    if (page.url().startsWith(issuer.url)) await look(name)
  }
}

const phone = { width: 360, height: 740 }
const lowScreen = { width: 1366, height: 657 }
const otherScreens = [
  { width: 768, height: 1024 },
  { width: 1920, height: 1080 },
]

const isTooWide = (page: Page) => page.evaluate('document.documentElement.scrollWidth > innerWidth')

describe.skipIf(chromiumIsMissing)('in Chromium', () => {
  let chromium: Browser

  beforeAll(async () => {
    chromium = await launchChromium()
  })
  afterAll(() => chromium?.close())

  test.concurrent.for([
    ['with the brand of Dojang in Korean', 'ko-KR', {}, ['light', 'dark']],
    ['with another brand in English', 'en-US', foreignBrand(), ['dark', 'light']],
  ] as const)(
    'every page %s fits, has contrast, large and named controls, and breaks no policy (G5)',
    { timeout: 120_000 },
    async ([, locale, env, [onPhone, onLowScreen]], { expect }) => {
      const world = await createWorld(env)
      const { page, complaints, close } = await visitor(chromium, { locale })
      const seen: string[] = []
      const titles = new Set<string>()
      await tour(world, page, async (name) => {
        seen.push(name)
        titles.add(await page.title())
        await page.emulateMedia({ colorScheme: onPhone })
        await page.setViewportSize(phone)
        expect.soft(await faultsOf(page), `${name} on a phone`).toEqual([])
        // A wider page has the same elements, and axe-core is slow.
        expect.soft(await seriousFaultsOf(page), name).toEqual([])
        for (const screen of otherScreens) {
          await page.setViewportSize(screen)
          expect.soft(await isTooWide(page), `${name} at ${screen.width}`).toBe(false)
        }
        await page.emulateMedia({ colorScheme: onLowScreen })
        await page.setViewportSize(lowScreen)
        expect.soft(await faultsOf(page), `${name} on a low screen`).toEqual([])
        expect.soft(await page.evaluate('document.documentElement.lang'), name).toBe(locale.slice(0, 2))
      })
      expect(seen).toHaveLength(31)
      expect(titles.size).toBeGreaterThan(9)
      expect(complaints).toEqual([])
      await close()
      await world.close()
    },
  )
})
