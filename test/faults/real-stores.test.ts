// A process on a real PostgreSQL and a real Redis, while one of them is down or hangs.
// It answers 503 in time, never `invalid_grant`, and issues no token. It works again when the store is back.
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Installation, newInstallation, type Served } from '../../harness/installation.ts'
import { type SharedStores, sharedStores } from '../support/fleet.ts'
import { newClient, newPerson, type Person } from '../support/served-person.ts'
import { isMissing } from '../support/services.ts'
import { type Severable, severable } from '../support/severable.ts'
import { codeFor, redeem, refresh, type ServedClient, tokensFor } from '../support/token-requests.ts'

/** More than the sum of the issuer's own time limits. */
const boundMs = 12_000

const missing = isMissing('postgres') || isMissing('redis')

let stores: SharedStores
let proxies: { PostgreSQL: Severable; Redis: Severable }
let installation: Installation
let served: Served
let client: ServedClient
let person: Person

beforeAll(async () => {
  if (missing) return
  stores = await sharedStores()
  const { DATABASE_URL, REDIS_URL } = stores.env
  proxies = { PostgreSQL: await severable(DATABASE_URL), Redis: await severable(REDIS_URL) }
  installation = await newInstallation({
    ...stores.env,
    // A shorter time limit than the default keeps the test short.
    DATABASE_URL: `${proxies.PostgreSQL.url}?query_timeout=1500`,
    REDIS_URL: proxies.Redis.url,
  })
  served = await installation.serve()
  client = await newClient(installation, 'web')
  person = await newPerson(installation)
})
afterAll(async () => {
  await installation?.remove()
  for (const proxy of Object.values(proxies ?? {})) await proxy.sever()
  await stores?.close()
})

const send = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${installation.url}${path}`, { redirect: 'manual', ...init })
  const body = await response.text()
  const json: unknown = response.headers.get('content-type')?.includes('json') ? JSON.parse(body) : undefined
  return { status: response.status, headers: response.headers, body, json }
}
const post = (path: string, fields: Record<string, unknown>) =>
  send(path, { method: 'POST', body: new URLSearchParams(fields as Record<string, string>) })

const tokens = () => tokensFor(person, installation.url, client)
const refreshed = (token: unknown) => refresh(installation.url, client, token)

const until = async (what: string, isSo: () => Promise<boolean>) => {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (await isSo()) return
    await wait(30)
  }
  throw new Error(`Timed out waiting until ${what}.`)
}
const untilReady = () => until('the issuer is ready', async () => (await send('/readyz')).status === 200)

const troubles = (['PostgreSQL', 'Redis'] as const).flatMap((store) =>
  (['is down', 'hangs'] as const).map((trouble) => [store, trouble] as const),
)

const expectRetry = (headers: Headers) => expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)

describe.skipIf(missing)('a store that fails', () => {
  test.each(troubles)(
    'endpoints answer 503 in time and issue no token while %s %s, and work again afterwards (C9, E6, I1)',
    async (store, trouble) => {
      const proxy = proxies[store]
      const { accessToken, refreshToken } = await tokens()
      const revoked = await tokens()
      const { code, verifier } = await codeFor(person, installation.url, client)
      const redeemed = () => redeem(installation.url, client, code, verifier)
      const bearer = { headers: { authorization: `Bearer ${accessToken}` } }
      const own = { client_id: client.id, client_secret: client.secret }
      const { agent, email, password } = person

      if (trouble === 'hangs') proxy.freeze()
      else await proxy.sever()
      const began = performance.now()
      const [oauth, others, revocation, ready] = await Promise.all([
        Promise.all([
          refreshed(refreshToken),
          redeemed(),
          post('/introspect', { token: accessToken, ...own }),
          post('/introspect', { token: refreshToken, ...own }),
          send('/userinfo', bearer),
        ]),
        Promise.all([
          post('/api/token', { username: email, password }),
          send('/api/users/me', bearer),
          agent.get('/account'),
          agent.submit('/login/password', { login: email, password }),
        ]),
        post('/revoke', { token: revoked.refreshToken, ...own }),
        send('/readyz'),
      ])
      expect(performance.now() - began).toBeLessThan(boundMs)
      for (const { status, headers, json } of oauth) {
        expect(status).toBe(503)
        expectRetry(headers)
        expect(json).toEqual({ error: 'temporarily_unavailable', error_description: expect.any(String) })
      }
      for (const { status, headers, body } of others) {
        expect([status, headers.getSetCookie()]).toEqual([503, []])
        expectRetry(headers)
        expect(body).not.toMatch(/"access"|ECONN|127\.0\.0\.1|at \w+ \(/)
      }
      // The client is in memory and the family in Redis, so a revocation does not need PostgreSQL.
      expect(revocation.status).toBe(store === 'Redis' ? 503 : 200)
      expect([ready.status, ready.json]).toEqual([503, { status: 'unavailable' }])
      for (const path of ['/healthz', '/.well-known/jwks.json', '/.well-known/openid-configuration'])
        expect((await send(path)).status, path).toBe(200)

      if (trouble === 'hangs') proxy.thaw()
      else await proxy.repair()
      await untilReady()
      expect(await redeemed()).toMatchObject({ status: 200 })
      const next = await refreshed(refreshToken)
      expect(next).toMatchObject({ status: 200 })
      expect(await refreshed(next.json.refresh_token)).toMatchObject({ status: 200 })
      expect((await send('/userinfo', bearer)).status).toBe(200)
      expect((await agent.get('/account')).status).toBe(200)
    },
  )

  test.each(['PostgreSQL', 'Redis'] as const)(
    'a client that retries stays signed in while %s drops its connections repeatedly (C9, C10)',
    async (store) => {
      const families = [await tokens(), await tokens(), await tokens(), await tokens()]
      let over = false
      const disturb = async () => {
        while (!over) {
          await proxies[store].sever()
          await wait(20)
          await proxies[store].repair()
          await wait(150)
        }
      }
      const refreshFiveTimes = async (first: unknown) => {
        let current = first
        for (let times = 0; times < 5; ) {
          const { status, json } = await refreshed(current)
          // Any other answer would log an honest client out.
          expect([200, 503], JSON.stringify(json)).toContain(status)
          if (status === 503) await wait(25)
          else {
            current = json.refresh_token
            times += 1
          }
        }
      }
      const disturbed = disturb()
      await Promise.all(families.map(({ refreshToken }) => refreshFiveTimes(refreshToken))).finally(() => {
        over = true
      })
      await disturbed
      await untilReady()
    },
  )
})

test.skipIf(missing)(
  'a process that gets SIGTERM finishes a running request, refuses new connections and exits with 0 (I2)',
  async () => {
    const { refreshToken } = await tokens()
    proxies.Redis.freeze()
    const pending = refreshed(refreshToken)
    // The request is running once it waits for Redis. A test cannot observe that moment, so it waits.
    await wait(300)
    const ended = served.stop()
    await until('new connections are refused', () =>
      fetch(`${installation.url}/healthz`).then(
        () => false,
        () => true,
      ),
    )
    proxies.Redis.thaw()
    const answer = await pending
    expect(answer).toMatchObject({ status: 200 })
    expect(await ended).toBe(0)
    served = await installation.serve()
    // The family is not left half rotated: the token from the answer works.
    expect(await refreshed(answer.json.refresh_token)).toMatchObject({ status: 200 })
  },
)
