// The pages that need a server, for take-pictures.ts: the playground, the pages for developers, the demo.
import { randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import { createRecordSealing } from '../../src/encryption/sealing.ts'
import { ensureDemo } from '../../src/first-start.ts'
import { createComposeMail } from '../../src/mail/compose.ts'
import type { Language } from '../../src/pages/language.ts'
import { testClock } from '../support/clock.ts'
import { everyMail } from '../support/every-mail.ts'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'
import { startDemo } from '../support/running-demo.ts'

/** Takes the pictures of the page as it is now. */
export type Look = (name: string) => Promise<void>

type Walk = (page: Page, look: Look) => Promise<void>

const playground = async (
  page: Page,
  { issuer, user, look }: { issuer: TestIssuer; user: { email: string; password: string }; look: Look },
) => {
  const press = (id: string) => page.locator(`#${id}`).click()
  const says = (step: string) => page.locator(`#says-${step}:not(:empty)`).waitFor()
  const verdict = (word: string) => page.locator(`.deed[data-verdict=${word}]`).waitFor()
  await page.goto(issuer.url)
  await page.locator('#wire li').first().waitFor({ state: 'attached' })
  await look('playground')
  await press('sign-in')
  await page.locator('#login').fill(user.email)
  await page.locator('#password').fill(user.password)
  await page.locator('form button[type=submit]').click()
  await verdict('valid')
  await look('playground signed in')
  await press('show-id')
  await press('tamper')
  await verdict('invalid')
  await page.locator('.travels summary').click()
  await look('playground changed letter')
  await press('next-token')
  await press('userinfo')
  await says('userinfo')
  await look('playground userinfo')
  await press('next-userinfo')
  await press('refresh')
  await page.locator('.chain li').nth(1).waitFor()
  await look('playground refreshed')
  await issuer.app.operations['keys.rotate']({ inSeconds: 0, force: true })
  await press('next-refresh')
  await page.locator('#keys .fresh').waitFor()
  await look('playground new key')
  await press('open-refresh')
  await press('refresh')
  await page.locator('.chain li').nth(2).waitFor()
  await page.locator('.chain button').first().click()
  await page.locator('.chain .is-over').first().waitFor()
  await look('playground family ended')
  await press('open-sign-out')
  await look('playground sign out')
  await press('sign-out')
  await page.locator('#play:not(.is-signed-in) .says.good').waitFor()
  await look('playground signed out')
}

const devMail = async (page: Page, look: Look, issuer: TestIssuer, lang: Language) => {
  await page.goto(`${issuer.url}/dev/mail`)
  await look('dev mail empty')
  const sealing = createRecordSealing(issuer.keyEncryptionKeys, 'mail')
  const compose = createComposeMail({ sealing, clock: issuer.clock })
  for (const mail of everyMail(lang, 'kim@example.com')) await issuer.stores.mailQueue.enqueue(compose(mail))
  await issuer.app.mailWork?.tick()
  await page.reload()
  await look('dev mail list')
  await page.locator('.mails a').last().click()
  await page.frameLocator('iframe.mail').locator('h1').waitFor()
  await look('dev mail')
}

/** An issuer in this process, with the settings of a brand. */
export const issuerWalk =
  (lang: Language, env: Record<string, string>): Walk =>
  async (page, look) => {
    const clock = testClock(new Date())
    const issuer = await testIssuer({ clock, env, keyEncryptionKeys: [randomBytes(32)] })
    const { stores, url, app } = issuer
    const user = await ensureDemo({
      ...{ clock, stores, issuer: url },
      hashPassword: app.hashPassword,
      audit: () => {},
    })
    if (user === undefined) throw new Error('no demo user')
    await playground(page, { issuer, user, look })
    await devMail(page, look, issuer, lang)
    await page.goto(`${url}/docs`)
    await look('docs')
    await issuer.close()
  }

/** The shop and the fakes of the providers. A brand does not change them. */
export const demoWalk: Walk = async (page, look) => {
  const { shop, stop } = await startDemo()
  const press = (selector: string) => page.locator(selector).first().click()
  const goToProvider = async (provider: string) => {
    await page.goto(shop)
    await press('form[action="/sign-in"] button')
    await press(`.button.${provider}`)
    await page.locator('button.person').first().waitFor()
  }
  await page.goto(shop)
  await look('demo')
  await goToProvider('kakao')
  await press('button[value=cancel]')
  await page.locator('.remark').waitFor()
  await look('demo cancelled')
  for (const provider of ['kakao', 'google', 'naver']) {
    await goToProvider(provider)
    const { origin } = new URL(page.url())
    await look(`demo ${provider} people`)
    await press('button.person')
    await page.locator('fieldset').waitFor()
    await look(`demo ${provider} consent`)
    await press('button[value=agree]')
    await page.waitForURL(`${shop}/`)
    await press('form[action="/refresh"] button')
    await page.locator('.activity li').nth(2).waitFor()
    await look(`demo ${provider} signed in`)
    await page.goto(`${origin}/connections`)
    await look(`demo ${provider} connections`)
    await press('button[name=person]')
    await page.locator('.notice').waitFor()
    await look(`demo ${provider} disconnected`)
    if (provider !== 'naver') {
      await page.goto(shop)
      await page.locator('.state.is-over').waitFor()
      await look(`demo ${provider} ended`)
    }
    await page.context().clearCookies()
  }
  await stop('SIGTERM')
}
