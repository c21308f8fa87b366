// Looks at every mail on a phone in a real browser, in both languages and themes, and at /dev/mail.
import { randomBytes } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumIsMissing, launchChromium, visitor } from '../../harness/chromium.ts'
import { createRecordSealing } from '../../src/encryption/sealing.ts'
import { createComposeMail, type MailLocale } from '../../src/mail/compose.ts'
import { createRenderMail } from '../../src/messages/render-mail.ts'
import { createBrand } from '../../src/pages/brand.ts'
import { everyMail } from '../support/every-mail.ts'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'
import { faultsOf } from '../support/measure-page.ts'

const phone = { width: 360, height: 740 }
const keyEncryptionKeys = [randomBytes(32)]

/** A colour as the browser writes it. */
const rgb = (colour: string): string =>
  `rgb(${[1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16)).join(', ')})`

describe.skipIf(chromiumIsMissing)('in Chromium', () => {
  let chromium: Browser
  let issuer: TestIssuer
  beforeAll(async () => {
    ;[issuer, chromium] = await Promise.all([testIssuer({ keyEncryptionKeys }), launchChromium()])
  })
  afterAll(async () => {
    await chromium?.close()
    await issuer?.close()
  })

  test.each([
    ['ko', 'light'],
    ['ko', 'dark'],
    ['en', 'light'],
    ['en', 'dark'],
  ] as const)(
    'every mail in %s fits a phone and has contrast in the %s theme',
    async (locale, colorScheme) => {
      const { page, complaints, close } = await visitor(chromium, { viewport: phone, colorScheme })
      // Black is hard to see in the dark theme, so the mails need a derived colour there.
      const documents = { termsUrl: 'https://example.com/terms', privacyUrl: 'https://example.com/privacy' }
      const brand = createBrand(locale === 'ko' ? documents : { ...documents, accent: '#111111' })
      const render = createRenderMail({ issuer: 'https://id.example.com', name: '한강 서점', brand })
      const requests: string[] = []
      page.on('request', (request) => void requests.push(request.url()))
      for (const mail of everyMail(locale, 'kim@example.com')) {
        await page.setContent(render(mail, new Date('2026-03-01T16:05:00Z')).html)
        expect.soft(await faultsOf(page), mail.kind).toEqual([])
        const paper = 'getComputedStyle(document.body).backgroundColor'
        expect.soft(await page.evaluate(paper), mail.kind).toBe(rgb(brand.themes[colorScheme].paper))
      }
      expect([requests, complaints]).toEqual([[], []])
      await close()
    },
    30_000,
  )

  /** Queues and sends one mail of each kind. */
  const sendEveryMail = async (locale: MailLocale) => {
    const compose = createComposeMail({
      sealing: createRecordSealing(keyEncryptionKeys, 'mail'),
      clock: issuer.clock,
    })
    for (const mail of everyMail(locale, 'kim@example.com'))
      await issuer.stores.mailQueue.enqueue(compose(mail))
    await issuer.app.mailWork?.tick()
  }

  const clickInMail = async (page: Page, text: string) =>
    page.frameLocator('iframe.mail').getByRole('link', { name: text, exact: true }).click()

  test('the page /dev/mail fits a phone, and a click on the button of a mail opens its link', async () => {
    await sendEveryMail('ko')
    const { page, complaints, close } = await visitor(chromium, { viewport: phone, locale: 'ko-KR' })
    await page.goto(`${issuer.url}/dev/mail`)
    expect(await faultsOf(page)).toEqual([])
    await page.getByRole('link', { name: '이미 가입된 이메일이에요' }).click()
    await page.locator('iframe.mail').waitFor()
    expect(await faultsOf(page)).toEqual([])
    await clickInMail(page, '로그인하기')
    await page.waitForURL(`${issuer.url}/login`)
    expect(complaints).toEqual([])
    await close()
  }, 30_000)
})
