// The playground of a started process, in a real browser and with the command line.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumIsMissing, launchChromium, visitor } from '../../harness/chromium.ts'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { claimsOf, headerOf } from '../support/issuer.ts'

describe.skipIf(chromiumIsMissing)('in Chromium', () => {
  let installation: Installation
  let chromium: Browser
  let password: string

  beforeAll(async () => {
    installation = await newInstallation()
    const [served, browser] = await Promise.all([installation.serve(), launchChromium()])
    chromium = browser
    password = /demo@dojang\.example {3}(\S+)/.exec(served.output())?.[1] ?? ''
  })
  afterAll(async () => {
    await chromium?.close()
    await installation?.remove()
  })

  const signIn = async (page: Page) => {
    await page.locator('#sign-in').click()
    await page.locator('#login').fill('demo@dojang.example')
    await page.locator('#password').fill(password)
    await page.locator('form button[type=submit]').click()
    await page.locator('.deed[data-verdict=valid]').waitFor()
  }

  /** Opens a step as a person does. It closes the others. */
  const open = async (page: Page, step: string) => {
    const opener = page.locator(`#open-${step}`)
    if ((await opener.getAttribute('aria-expanded')) === 'false') await opener.click()
  }

  const openSteps = (page: Page): Promise<string[]> =>
    page.evaluate(`[...document.querySelectorAll('.step > .body')]
      .filter((body) => body.checkVisibility()).map(({ parentElement }) => parentElement.dataset.step)`)

  /** The deed is hidden while another step is open. */
  const hasVerdict = (page: Page, verdict: string) =>
    page.locator(`.deed[data-verdict=${verdict}]`).waitFor({ state: 'attached' })

  /** Waits until the step shows a matching text. */
  const says = (page: Page, step: string, text: RegExp) =>
    page.locator(`#says-${step}`).filter({ hasText: text }).waitFor()

  const tokensOf = (page: Page): Promise<{ access: string; id: string; chain: string[] }> =>
    page.evaluate(`(() => {
      const { tokens, chain } = JSON.parse(sessionStorage.getItem('dojang.playground'))
      return { ...tokens, chain: chain.map(({ token }) => token) }
    })()`)

  test('the playground works from sign-in through refresh, replay and key rotation to sign-out', async () => {
    const { page, complaints, close } = await visitor(chromium)
    await page.goto(installation.url)
    await signIn(page)
    // The page removed the authorization response from the address and the history.
    expect(page.url()).toBe(`${installation.url}/`)
    const first = await tokensOf(page)
    const { kid } = headerOf(first.access)
    expect(headerOf(first.access)).toMatchObject({ typ: 'at+jwt', alg: 'RS256' })
    const shown = await page.locator('#claims').textContent()
    expect(shown).toContain(String(claimsOf(first.access).sub))

    await page.getByRole('button', { name: 'ID token' }).click()
    await page.locator('#claims').getByText('demo@dojang.example').waitFor()
    await page.locator('.deed[data-verdict=valid]').waitFor()
    await page.getByRole('button', { name: 'Change one letter' }).click()
    await page.locator('.deed[data-verdict=invalid]').waitFor()
    await page.getByRole('button', { name: 'Access token' }).click()
    await page.locator('.deed[data-verdict=valid]').waitFor()

    await open(page, 'userinfo')
    await page.getByRole('button', { name: 'Call /userinfo' }).click()
    await says(page, 'userinfo', /200/)

    // Within the grace the used token gets the same successor again.
    await open(page, 'refresh')
    await page.getByRole('button', { name: 'Refresh', exact: true }).click()
    await says(page, 'refresh', /R1 .*R2/)
    await page.getByRole('button', { name: 'Replay R1' }).click()
    await says(page, 'refresh', /R2.*a race, not a theft/)
    const replayed = await tokensOf(page)
    expect(replayed.chain).toHaveLength(2)
    expect(replayed.access).not.toBe(first.access)

    // The command line rotates the key. The page shows the new key, and the next refresh is signed with it.
    const rotated = await installation.command(['keys', 'rotate', '--in', '0', '--force', '--json'])
    expect(rotated.code).toBe(0)
    await open(page, 'keys')
    await page.locator('#keys .fresh').waitFor({ timeout: 15_000 })
    await open(page, 'refresh')
    await page.getByRole('button', { name: 'Refresh', exact: true }).click()
    await says(page, 'refresh', /R2 .*R3/)
    await hasVerdict(page, 'valid')
    expect(headerOf((await tokensOf(page)).access).kid).not.toBe(kid)
    await page.locator('#step-keys.is-done').waitFor()

    // A token that is two generations old counts as stolen. The family and its access tokens end.
    await page.getByRole('button', { name: 'Replay R1' }).click()
    await says(page, 'refresh', /R1 had been used/)
    await page.locator('.chain .is-over').first().waitFor()
    await page
      .locator('#wire details[open]')
      .getByText(/invalid, expired, revoked or already used/)
      .waitFor()
    await open(page, 'userinfo')
    await page.getByRole('button', { name: 'Call /userinfo' }).click()
    await says(page, 'userinfo', /401/)
    const { stdout } = await installation.command(['audit', 'list', '--type', 'token.reused'])
    expect(stdout).toContain('token.reused')

    // The session is still valid, so the next sign-in does not ask for a password.
    await page.getByRole('button', { name: 'Sign in again' }).click()
    await page.getByRole('button', { name: 'Continue', exact: true }).click()
    await page.locator('.deed[data-verdict=valid]').waitFor()
    await open(page, 'sign-out')
    await page.locator('#sign-out').click()
    await says(page, 'sign-in', /signed out/i)
    expect(await page.evaluate('sessionStorage.getItem("dojang.playground") ?? ""')).not.toContain('drt_')
    await page.getByRole('button', { name: 'Sign in and get tokens' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(complaints).toEqual([])
    await close()
  }, 60_000)

  test('the playground shows one step at a time, and its log only after the person did something', async () => {
    const { page, complaints, close } = await visitor(chromium, { viewport: { width: 1280, height: 800 } })
    await page.goto(installation.url)
    await page.locator('#wire li').first().waitFor({ state: 'attached' })
    const isLogOpen = () => page.evaluate('document.getElementById("log").open')
    expect(await openSteps(page)).toEqual(['sign-in'])
    expect(await page.locator('#open-token').isDisabled()).toBe(true)
    expect(await isLogOpen()).toBe(false)

    await signIn(page)
    expect(await openSteps(page)).toEqual(['token'])
    expect(await isLogOpen()).toBe(true)
    expect(await page.locator('#wire details[open]').textContent()).toContain('/token')
    await page.locator('#next-token').click()
    expect(await openSteps(page)).toEqual(['userinfo'])
    expect(await page.evaluate('document.activeElement.id')).toBe('open-userinfo')
    await page.locator('#log > summary').click()
    await page.reload()
    await page.locator('.step.is-open').waitFor()
    expect(await openSteps(page)).toEqual(['userinfo'])
    expect(await isLogOpen()).toBe(false)
    expect(complaints).toEqual([])
    await close()
  })

  test('the playground is short on a phone before the sign-in', async () => {
    const { page, close } = await visitor(chromium, {
      viewport: { width: 360, height: 740 },
      locale: 'ko-KR',
    })
    await page.goto(installation.url)
    await page.locator('#sign-in').waitFor()
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThan(1400)
    await close()
  })

  test('a fresh token is valid after a letter of the token before was changed', async () => {
    const { page, close } = await visitor(chromium)
    await page.goto(installation.url)
    await signIn(page)
    await page.locator('#tamper').click()
    await hasVerdict(page, 'invalid')
    await page.locator('#open-refresh').click()
    await page.locator('#refresh').click()
    await says(page, 'refresh', /R1 .*R2/)
    await page.locator('#open-token').click()
    await hasVerdict(page, 'valid')
    expect(await page.locator('#tamper').textContent()).toBe('Change one letter')
    await close()
  })

  test('the playground stays in Korean through sign-in and sign-out', async () => {
    const { page, complaints, close } = await visitor(chromium, { locale: 'en-US' })
    await page.goto(installation.url)
    await page.getByRole('link', { name: '한국어' }).click()
    await signIn(page)
    await page.getByRole('heading', { name: '서명 확인하기' }).waitFor()
    await open(page, 'sign-out')
    await page.locator('#sign-out').click()
    await says(page, 'sign-in', /로그아웃했어요/)
    expect(complaints).toEqual([])
    await close()
  })

  test('the playground rejects an authorization response that its tab did not request', async () => {
    const { page, complaints, close } = await visitor(chromium)
    await page.goto(
      `${installation.url}/?code=stolen&state=guessed&iss=${encodeURIComponent(installation.url)}`,
    )
    await page.getByRole('alert').filter({ hasText: /state/ }).waitFor()
    expect(page.url()).toBe(`${installation.url}/`)
    expect(complaints).toEqual([])
    await close()
  })

  test('the playground without JavaScript shows a message and commands', async () => {
    const { page, complaints, close } = await visitor(chromium, { javaScriptEnabled: false, locale: 'ko-KR' })
    await page.goto(installation.url)
    const message = page.locator('noscript .alert')
    expect(await message.isVisible()).toBe(true)
    expect(await message.textContent()).toBe('이 페이지에는 자바스크립트가 필요해요')
    expect(await page.locator('.terminal').textContent()).toContain(`curl -s ${installation.url}/api/token`)
    expect(complaints).toEqual([])
    await close()
  })
})
