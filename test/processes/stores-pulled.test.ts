// A running process loses its connections to PostgreSQL and Redis, and gets them back.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { type SharedStores, sharedStores } from '../support/fleet.ts'
import { newClient, newPerson } from '../support/served-person.ts'
import { isMissing } from '../support/services.ts'
import { type Severable, severable } from '../support/severable.ts'
import { refresh, type ServedClient, tokensFor } from '../support/token-requests.ts'

const documents = [
  '/.well-known/jwks.json',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
]

describe.skipIf(isMissing('postgres') || isMissing('redis'))('with both stores disconnected', () => {
  let stores: SharedStores
  let connections: Severable[]
  let installation: Installation
  let client: ServedClient
  let refreshToken: unknown
  let before: string[]

  const read = (path: string) => fetch(`${installation.url}${path}`)

  beforeAll(async () => {
    stores = await sharedStores()
    const [database, redis] = await Promise.all([
      severable(stores.env.DATABASE_URL),
      severable(stores.env.REDIS_URL),
    ])
    connections = [database, redis]
    installation = await newInstallation({
      ...stores.env,
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
    })
    await installation.serve()
    const [web, person] = await Promise.all([newClient(installation, 'web'), newPerson(installation)])
    client = web
    refreshToken = (await tokensFor(person, installation.url, client)).refreshToken
    before = await Promise.all(documents.map(async (path) => (await read(path)).text()))
    await Promise.all(connections.map((one) => one.sever()))
  }, 120_000)
  afterAll(async () => {
    await installation?.remove()
    await Promise.all((connections ?? []).map((one) => one.sever()))
    await stores?.close()
  })

  test('the JWKS and the metadata answer at once while both stores are down (D13)', async () => {
    const headers = { 'user-agent': 'Python-urllib/3.13' }
    for (const [at, path] of documents.entries()) {
      const started = performance.now()
      const answer = await fetch(`${installation.url}${path}`, { headers })
      expect(answer.status, path).toBe(200)
      expect(await answer.text()).toBe(before[at])
      expect(performance.now() - started).toBeLessThan(500)
    }
    const crowd = await Promise.all(Array.from({ length: 200 }, () => read('/.well-known/jwks.json')))
    expect(new Set(crowd.map(({ status }) => status))).toEqual(new Set([200]))
  })

  test('a refresh gets 503 and never invalid_grant while the stores are down, and works afterwards (C9)', async () => {
    for (let time = 0; time < 3; time += 1) {
      const { status, headers, json } = await refresh(installation.url, client, refreshToken)
      expect([status, json.error]).toEqual([503, 'temporarily_unavailable'])
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect((await read('/healthz')).status).toBe(200)
    expect((await read('/readyz')).status).toBe(503)

    await Promise.all(connections.map((one) => one.repair()))
    await expect
      .poll(async () => (await read('/readyz')).status, { timeout: 15_000, interval: 100 })
      .toBe(200)
    expect((await refresh(installation.url, client, refreshToken)).status).toBe(200)
  })
})
