// The account page in a real browser: times in the zone of the browser, and the colour of danger.
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumIsMissing, launchChromium, visitor } from '../../harness/chromium.ts'
import { testClock } from '../support/clock.ts'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'

describe.skipIf(chromiumIsMissing)('in Chromium', () => {
  let issuer: TestIssuer
  let chromium: Browser

  beforeAll(async () => {
    ;[issuer, chromium] = await Promise.all([testIssuer({ clock: testClock(new Date()) }), launchChromium()])
  })
  afterAll(async () => {
    await chromium?.close()
    await issuer?.close()
  })

  const account = async (options: BrowserContextOptions) => {
    const user = await issuer.user()
    const { page, complaints, close } = await visitor(chromium, options)
    await page.goto(`${issuer.url}/login`)
    await page.locator('#login').fill(user.email)
    await page.locator('#password').fill(user.password)
    await page.locator('form:has(#password) button[type=submit]').click()
    await page.waitForURL(`${issuer.url}/account`)
    return { page, complaints, close }
  }

  const at = new Date()
  const inZone = (timeZone: string, lang: string) =>
    new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeStyle: 'short', timeZone })

  test('the account page shows times in the zone of the browser and the language of the page', async () => {
    const { page, complaints, close } = await account({ timezoneId: 'America/Halifax', locale: 'en-US' })
    const time = page.locator('time').first()
    const shown = async (lang: string) => {
      const then = new Date((await time.getAttribute('datetime')) ?? '')
      expect(Math.abs(then.getTime() - at.getTime())).toBeLessThan(600_000)
      expect(await time.textContent()).toBe(inZone('America/Halifax', lang).format(then))
    }
    await shown('en')
    await page.getByRole('link', { name: '한국어' }).click()
    await shown('ko')
    expect(complaints).toEqual([])
    await close()
  })

  test('the account page without JavaScript shows Korean time in Korean', async () => {
    const { page, close } = await account({
      ...{ timezoneId: 'America/Halifax', locale: 'ko-KR', javaScriptEnabled: false },
    })
    const text = await page.locator('time').first().textContent()
    const then = new Date((await page.locator('time').first().getAttribute('datetime')) ?? '')
    expect(text).toBe(`${inZone('Asia/Seoul', 'ko').format(then)} (한국 시간)`)
    await close()
  })

  test.each(['light', 'dark'] as const)(
    'deleting the account has another colour than the button that keeps it and than a sign-in, in the %s theme',
    async (colorScheme) => {
      const { page, close } = await account({ colorScheme })
      /** The background and the text of an element. */
      const coloursOf = (selector: string): Promise<[string, string]> =>
        page.evaluate(`(() => {
          const { backgroundColor, color } = getComputedStyle(document.querySelector(${JSON.stringify(selector)}))
          return [backgroundColor, color]
        })()`)
      const [save] = await coloursOf('form[action="/account/profile"] button')
      await page.goto(`${issuer.url}/account/delete`)
      const [remove] = await coloursOf('form[action="/account/delete"] button')
      const keep = await coloursOf('main a.button[href="/account"]')
      expect(remove).not.toBe(save)
      expect(keep).toEqual(['rgba(0, 0, 0, 0)', (await coloursOf('body'))[1]])
      await close()
    },
  )
})
