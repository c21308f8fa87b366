// The way in, in a real browser: from the client's redirect to the client's callback.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumIsMissing, launchChromium, visitor } from '../support/chromium.ts'
import { type ClientSite, clientSite } from '../support/client-site.ts'
import { pkce, type TestClient, type TestIssuer, type TestUser, testIssuer } from '../support/issuer.ts'

describe.skipIf(chromiumIsMissing)('in Chromium', () => {
  let issuer: TestIssuer
  let chromium: Browser
  let site: ClientSite
  let client: TestClient
  let user: TestUser

  beforeAll(async () => {
    ;[issuer, chromium, site] = await Promise.all([testIssuer(), launchChromium(), clientSite()])
    user = await issuer.user()
    client = await issuer.client({ name: 'Bookshop', redirectUris: [site.redirectUri] })
  })
  afterAll(async () => {
    await chromium?.close()
    await Promise.all([issuer?.close(), site?.close()])
  })

  const authorizeUrl = (params: Record<string, string | undefined> = {}, of: TestClient = client) => {
    const { verifier, challenge } = pkce()
    const path = issuer.authorizePath(of, {
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...params,
    })
    return { verifier, url: `${issuer.url}${path}` }
  }

  test('a person signs in and is back at the app with a code', async () => {
    const { page, complaints, close } = await visitor(chromium)
    await page.goto(authorizeUrl().url)
    await page.getByLabel('Email or username').fill(user.email)
    await page.getByLabel('Password', { exact: true }).fill(user.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Back at the app' }).waitFor()
    expect(new URL(page.url()).searchParams.get('code')).toBeTruthy()
    expect(complaints).toEqual([])
    await close()
  })
})
