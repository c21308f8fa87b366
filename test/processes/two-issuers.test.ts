// Two issuer processes on one PostgreSQL and one Redis act as one issuer.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browser } from '../../harness/browser.ts'
import type { Installation } from '../../harness/installation.ts'
import { type FeedLists, publishedName } from '../../src/revocation/feed-entries.ts'
import { type SharedStores, sharedStores, twoIssuers } from '../support/fleet.ts'
import { claimsOf } from '../support/issuer.ts'
import { newClient, newPerson, type Person } from '../support/served-person.ts'
import { isMissing } from '../support/services.ts'
import {
  answerTo,
  codeFor,
  post,
  redeem,
  refresh,
  type ServedClient,
  type TokenAnswer,
  tokensFor,
  userinfoStatus,
} from '../support/token-requests.ts'

describe.skipIf(isMissing('postgres') || isMissing('redis'))('two issuers on the same stores', () => {
  let stores: SharedStores
  let issuers: [Installation, Installation]
  let person: Person
  let web: ServedClient
  let strict: ServedClient

  beforeAll(async () => {
    stores = await sharedStores()
    issuers = await twoIssuers(stores.env)
    const [first] = issuers
    ;[web, strict, person] = await Promise.all([
      newClient(first, 'web'),
      newClient(first, 'strict', ['--refresh-grace', '0']),
      newPerson(first),
    ])
  }, 120_000)
  afterAll(async () => {
    await Promise.all((issuers ?? []).map((issuer) => issuer.remove()))
    await stores?.close()
  })

  /** Sends the same request fifty times at once, alternating between the two issuers. */
  const fiftyTimes = (request: (issuer: string) => Promise<TokenAnswer>) =>
    Promise.all(Array.from({ length: 50 }, (_, at) => request(issuers[at % 2 === 0 ? 0 : 1].url)))

  const good = (answers: readonly TokenAnswer[]) => answers.filter(({ status }) => status === 200)
  const errors = (answers: readonly TokenAnswer[]) => [
    ...new Set(answers.filter(({ status }) => status !== 200).map(({ json }) => json.error)),
  ]

  test('two issuers that start together agree on one signing key', async () => {
    const [one, other] = await Promise.all(
      issuers.map(async ({ url }) => (await fetch(`${url}/.well-known/jwks.json`)).text()),
    )
    expect(one).toBe(other)
    expect(JSON.parse(one ?? '').keys).toHaveLength(1)
  })

  test('a third issuer that cannot decrypt the signing key stops at start and says why (D17)', async () => {
    const KEY_ENCRYPTION_KEY = randomBytes(32).toString('base64')
    const { code, stderr } = await issuers[0].run(['serve'], { env: { KEY_ENCRYPTION_KEY, PORT: '0' } })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^dojang: .*KEY_ENCRYPTION_KEY/m)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(stderr).not.toContain(KEY_ENCRYPTION_KEY)
  })

  test('exactly one of 50 parallel redemptions of a code across two issuers succeeds (A4)', async () => {
    const { code, verifier } = await codeFor(person, issuers[0].url, web)
    const answers = await fiftyTimes((issuer) => redeem(issuer, web, code, verifier))
    expect(good(answers)).toHaveLength(1)
    expect(errors(answers)).toEqual(['invalid_grant'])
    // The other redemptions were valid too, so both issuers revoked the tokens of the first one (A5).
    const { access_token, refresh_token } = good(answers)[0]?.json ?? {}
    for (const { url } of issuers) {
      expect(await userinfoStatus(url, access_token)).toBe(401)
      expect((await refresh(url, web, refresh_token)).json.error).toBe('invalid_grant')
    }
  })

  test('50 parallel refreshes of one token across two issuers give one lineage (C1)', async () => {
    const { refreshToken } = await tokensFor(person, issuers[0].url, web)
    const answers = await fiftyTimes((issuer) => refresh(issuer, web, refreshToken))
    expect(good(answers)).toHaveLength(50)
    const successors = new Set(answers.map(({ json }) => json.refresh_token))
    expect(successors.size).toBe(1)
    expect(new Set(answers.map(({ json }) => claimsOf(String(json.access_token)).sid)).size).toBe(1)
    const [successor] = successors
    const next = await fiftyTimes((issuer) => refresh(issuer, web, successor))
    expect(new Set(next.map(({ json }) => json.refresh_token)).size).toBe(1)
  })

  test('exactly one of 50 refreshes without a grace succeeds, and the reuse ends the family (C1)', async () => {
    const { refreshToken } = await tokensFor(person, issuers[1].url, strict)
    const answers = await fiftyTimes((issuer) => refresh(issuer, strict, refreshToken))
    expect(good(answers)).toHaveLength(1)
    expect(errors(answers)).toEqual(['invalid_grant'])
    const { access_token, refresh_token } = good(answers)[0]?.json ?? {}
    for (const { url } of issuers) {
      expect((await refresh(url, strict, refresh_token)).json.error).toBe('invalid_grant')
      expect(await userinfoStatus(url, access_token)).toBe(401)
    }
  })

  test('a logout at one issuer takes effect at the other at once (E2)', async () => {
    const [one, other] = issuers
    const { accessToken, refreshToken } = await tokensFor(person, one.url, web)
    expect(await userinfoStatus(other.url, accessToken)).toBe(200)
    const left = await fetch(`${one.url}/api/logout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}` },
    })
    expect(left.status).toBe(204)
    expect(await userinfoStatus(other.url, accessToken)).toBe(401)
    expect((await post(`${other.url}/introspect`, { token: String(accessToken) }, web)).json).toEqual({
      active: false,
    })
    expect((await refresh(other.url, web, refreshToken)).json.error).toBe('invalid_grant')
  })

  test('a logout at one issuer is in the feed of the other within 2 seconds (E7, E8)', async () => {
    const [one, other] = issuers
    const { accessToken } = await tokensFor(person, one.url, web)
    const name = publishedName('sid', String(claimsOf(String(accessToken)).sid))
    const listed = async () => {
      const feed = claimsOf(await (await fetch(`${other.url}/.well-known/revocations`)).text())
      return (feed.revoked as FeedLists).sid
    }
    expect(await listed()).not.toHaveProperty([name])
    await fetch(`${one.url}/api/logout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}` },
    })
    await expect.poll(listed, { timeout: 2000, interval: 100 }).toHaveProperty([name])
  })

  test('a session of one issuer is valid at the other', async () => {
    const [one, other] = issuers
    await tokensFor(person, one.url, web)
    const agent = browser(other.url)
    for (const [name, value] of person.agent.cookies) agent.cookies.set(name, value)
    const elsewhere: Person = {
      ...person,
      agent,
      visit: async ({ pathname, search }) =>
        (await agent.get(`${pathname}${search}`)).location ?? new URL('about:blank'),
    }
    const { location, verifier } = answerTo(elsewhere, other.url, web, { prompt: 'none' })
    const code = (await location).searchParams.get('code') ?? ''
    expect((await redeem(one.url, web, code, verifier)).status).toBe(200)
  })
})
