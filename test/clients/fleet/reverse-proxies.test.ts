// The reverse proxies of docs/stock-clients.md in front of a service: the user that the service receives,
// revoked tokens, an issuer that is down, and what the table of the page cannot show.
import { sign } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { decodeJwt, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../../harness/free-port.ts'
import { type Installation, newInstallation } from '../../../harness/installation.ts'
import type { Service } from '../../../harness/process.ts'
import { newClient, newPerson, type Person } from '../../support/served-person.ts'
import { missingFor, newAddress, start } from './programs.ts'
import { exportKeys, introspectionOf, type ProxyName, pemFolderOf, proxies } from './proxies.ts'
import { type ImportedKey, importKey, wrongTokens } from './signed-tokens.ts'

const missing = proxies.filter((name) => missingFor(name).length > 0)
if (missing.length > 0 && process.env.CI) throw new Error(`This machine has no ${missing.join(' and no ')}.`)
const here = proxies.filter((name) => !missing.includes(name))

let installation: Installation
let person: Person
let key: ImportedKey
let audience: string
const started = new Map<ProxyName, Service>()
const withoutIssuer = new Map<ProxyName, Service>()

const startProxy = async (name: ProxyName, changes: Record<string, string> = {}): Promise<Service> => {
  const id = `proxy-${await freePort()}`
  const { secret } = await newClient(installation, id, introspectionOf(name, audience))
  return start(name, await newAddress(), {
    CLIENT_ID: id,
    CLIENT_SECRET: secret,
    ISSUER_URL: installation.url,
    AUDIENCE: audience,
    PEM_FOLDER: pemFolderOf(installation),
    ...changes,
  })
}

beforeAll(async () => {
  installation = await newInstallation()
  await installation.serve()
  audience = `${installation.url}/api`
  person = await newPerson(installation)
  key = await importKey(installation)
  await exportKeys(installation)
  const nobody = `http://127.0.0.1:${await freePort()}`
  for (const name of here) {
    started.set(name, await startProxy(name))
    if (name !== 'haproxy') withoutIssuer.set(name, await startProxy(name, { ISSUER_URL: nobody }))
  }
})

afterAll(async () => {
  for (const service of [...started.values(), ...withoutIssuer.values()]) await service.stop()
  await installation?.remove()
})

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

const ask = (name: ProxyName, headers: Record<string, string>, init: RequestInit = {}) =>
  fetch(started.get(name)?.url ?? '', { ...init, headers })

const statusOf = async (name: ProxyName, token: string): Promise<number> =>
  (await ask(name, bearer(token))).status

/** A token that logged out: it is valid by its signature and its times. */
const revokedToken = async (): Promise<string> => {
  const token = await person.newAccessToken()
  const { status } = await fetch(`${installation.url}/api/logout`, { method: 'POST', headers: bearer(token) })
  expect(status).toBe(204)
  return token
}

describe.each(here)('%s', (name) => {
  test('gives the service the user of the token, and never the header of a caller (J3)', async () => {
    const response = await ask(name, {
      ...bearer(await person.newAccessToken()),
      'x-user': 'someone-else',
      x_user: 'someone-else',
    })
    expect(await response.json()).toMatchObject({ sub: person.id })
    const again = await ask(name, { ...bearer(await person.newAccessToken()), x_user: 'someone-else' })
    expect(await again.json()).not.toHaveProperty('other')
  })

  test.each([
    { headers: {} },
    { headers: { 'x-user': 'someone-else' } },
    { headers: { authorization: 'Basic dTpw' } },
    { headers: { authorization: 'Bearer' } },
    { headers: { authorization: 'Bearer x.y.z' } },
  ])('refuses a request with the headers $headers, as RFC 6750 says', async ({ headers }) => {
    const response = await ask(name, headers)
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="invalid_token"',
    ])
  })

  test('sends the body of a request to the service, and to no other program', async () => {
    const headers = bearer(await person.newAccessToken())
    const before = (await (await ask(name, headers)).json()) as { bytesToCheck: number }
    const response = await ask(name, headers, { method: 'POST', body: 'x'.repeat(10_000) })
    const after = (await response.json()) as { bytes: number; bytesToCheck: number }
    expect(after.bytes).toBe(10_000)
    expect(after.bytesToCheck - before.bytesToCheck).toBeLessThan(5_000)
  })
})

describe.each(here.filter((name) => name !== 'haproxy'))('%s with introspection', (name) => {
  test('refuses a revoked token at once', async () => {
    const token = await person.newAccessToken()
    expect(await statusOf(name, token)).toBe(200)
    expect(await statusOf(name, await revokedToken())).toBe(401)
  })

  test('lets no request pass while the issuer is down', async () => {
    const { url = '' } = withoutIssuer.get(name) ?? {}
    const { status } = await fetch(url, { headers: bearer(await person.newAccessToken()) })
    expect(status).toBe(name === 'nginx' ? 500 : 503)
  })
})

describe.skipIf(missing.includes('haproxy'))('haproxy with PEM files', () => {
  const signed = async (claims: Record<string, unknown>): Promise<string> =>
    new SignJWT({ ...decodeJwt(await person.newAccessToken()), ...claims })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: key.kid })
      .sign(key.privateKey)

  test('accepts a revoked token until it expires, and refuses every wrong token (J3)', async () => {
    const token = await revokedToken()
    expect(await statusOf('haproxy', token)).toBe(200)
    for (const [kind, wrong] of await wrongTokens(key, token, 'no-id-token'))
      expect(await statusOf('haproxy', wrong), kind).toBe(401)
  })

  test('refuses a token that names another algorithm than the one of its signature', async () => {
    const [, claims] = (await signed({})).split('.')
    const tokenWith = (alg: string) => {
      const header = Buffer.from(JSON.stringify({ alg, typ: 'at+jwt', kid: key.kid })).toString('base64url')
      const signature = sign('sha256', Buffer.from(`${header}.${claims}`), key.privateKey)
      return `${header}.${claims}.${signature.toString('base64url')}`
    }
    expect(await statusOf('haproxy', tokenWith('RS256'))).toBe(200)
    expect(await statusOf('haproxy', tokenWith('RS512'))).toBe(401)
  })

  test('finds the API at the first two places of a list of audiences', async () => {
    const other = 'https://other.example.com'
    expect(await statusOf('haproxy', await signed({ aud: [audience, other] }))).toBe(200)
    expect(await statusOf('haproxy', await signed({ aud: [other, audience] }))).toBe(200)
    expect(await statusOf('haproxy', await signed({ aud: [other, other, audience] }))).toBe(401)
    expect(await statusOf('haproxy', await signed({ aud: [other, `${audience}2`] }))).toBe(401)
    expect(await statusOf('haproxy', await signed({ aud: other, more: { aud: audience } }))).toBe(401)
  })

  test('refuses a token without an expiry or an audience', async () => {
    expect(await statusOf('haproxy', await signed({}))).toBe(200)
    expect(await statusOf('haproxy', await signed({ exp: undefined }))).toBe(401)
    expect(await statusOf('haproxy', await signed({ aud: undefined }))).toBe(401)
  })

  test('starts without its files and then refuses every token', async () => {
    const empty = join(installation.folder, 'no-keys')
    mkdirSync(empty)
    const haproxy = await startProxy('haproxy', { PEM_FOLDER: empty })
    const { status } = await fetch(haproxy.url, { headers: bearer(await person.newAccessToken()) })
    await haproxy.stop()
    expect(status).toBe(401)
  })
})
