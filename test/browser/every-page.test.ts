// Checks every hosted page in a real browser. The page fits the screen and has enough contrast in both
// themes. Its controls are large enough, and each control has a name. axe-core finds nothing serious.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumIsMissing, launchChromium, visitor } from '../../harness/chromium.ts'
import { linkPages } from '../../src/email-links/compose-link.ts'
import { type LinkPurpose, newEmailLink } from '../../src/email-links/email-link.ts'
import { ensureDemo } from '../../src/first-start.ts'
import { randomToken } from '../../src/secrets.ts'
import { seriousFaultsOf } from '../support/axe.ts'
import { type ClientSite, clientSite } from '../support/client-site.ts'
import { testClock } from '../support/clock.ts'
import { pkce, type TestClient, type TestIssuer, type TestUser, testIssuer } from '../support/issuer.ts'
import { mailServer } from '../support/mailbox.ts'
import { faultsOf } from '../support/measure-page.ts'

const goodPassword = 'wipe cactus ninety plaster'

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
      testIssuer({ clock, env: { ...providers, ...mailServer } }),
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
      ['back at the app', () => page.locator('button[value=allow]').click()],
      ['proving who it is', open(authorize({ prompt: 'login' }))],
      ['the account', open(`${issuer.url}/account`)],
      ['the account, wrong address', submit({ email: 'a@b' })],
      ['unconfirmed address', unconfirmed],
      ['unconfirmed address, too early', () => page.locator('main form button').first().click()],
      ['the account, confirmed', confirmed],
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
        expect.soft(await faultsOf(page), name).toEqual([])
        // A wider page has the same elements, and axe-core is slow.
        if (options.viewport.width === 360) expect.soft(await seriousFaultsOf(page), name).toEqual([])
        expect
          .soft(await page.evaluate('document.documentElement.lang'), name)
          .toBe(options.locale.slice(0, 2))
      })
      expect(seen).toHaveLength(31)
      expect(titles.size).toBeGreaterThan(9)
      expect(complaints).toEqual([])
      await close()
    },
    60_000,
  )
})
