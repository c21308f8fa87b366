// The pages of a sign-in at the Next.js application: those of Auth.js and those of Dojang.
import type { Browser, Page } from 'playwright-core'
import { password } from './old-nextauth.ts'

type Steps = (page: Page) => Promise<void>
type ProviderId = 'kakao' | 'google'

/** Opens a new browser, signs in at the application and returns its start page. */
export const signInAt = async (site: string, browser: Browser, steps: Steps): Promise<Page> => {
  const context = await browser.newContext({ locale: 'ko-KR' })
  const page = await context.newPage()
  await page.goto(`${site}/api/auth/signin`)
  await steps(page)
  await page
    .getByRole('heading', { name: '안녕하세요' })
    .waitFor({ timeout: 15_000 })
    .catch(async () => {
      throw new Error(`Not signed in at ${page.url()}: ${await page.locator('body').innerText()}`)
    })
  return page
}

export const withOldPassword =
  (email: string): Steps =>
  async (page) => {
    await page.locator('input[name="email"]').fill(email)
    await page.locator('input[name="password"]').fill(password)
    await page.locator('form[action$="/callback/credentials"] button').click()
  }

export const withOldProvider =
  (provider: ProviderId): Steps =>
  (page) =>
    page.locator(`form[action$="/signin/${provider}"] button`).click()

const toDojang: Steps = (page) => page.locator('form[action$="/signin/dojang"] button').click()

export const withPassword =
  (email: string): Steps =>
  async (page) => {
    await toDojang(page)
    await page.locator('input[name="login"]').fill(email)
    await page.locator('input[name="password"]').fill(password)
    await page.locator('form[action="/login/password"] button[type="submit"]').click()
  }

export const withProvider =
  (provider: ProviderId): Steps =>
  async (page) => {
    await toDojang(page)
    await page.locator(`form[action="/login/${provider}"] button`).click()
  }
