// A killed process keeps keys, sessions, tokens and revocations after the next start.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { sharedStores } from '../support/fleet.ts'
import { newClient, newPerson, type Person } from '../support/served-person.ts'
import { isMissing } from '../support/services.ts'
import {
  answerTo,
  codeFor,
  post,
  redeem,
  refresh,
  type ServedClient,
  tokensFor,
  userinfoStatus,
} from '../support/token-requests.ts'

const kinds = [
  {
    name: 'embedded in its own folder',
    missing: false,
    stores: async () => ({ env: {}, close: async () => {} }),
  },
  {
    name: 'on PostgreSQL and Redis',
    missing: isMissing('postgres') || isMissing('redis'),
    stores: sharedStores,
  },
]

describe.each(kinds)('an issuer that was killed: $name', ({ missing, stores: open }) => {
  describe.skipIf(missing)('after the restart', () => {
    let stores: { env: Readonly<Record<string, string>>; close(): Promise<void> }
    let installation: Installation
    let client: ServedClient
    let person: Person
    let keys: string
    let valid: Awaited<ReturnType<typeof tokensFor>>
    let used: { refreshToken: unknown; accessToken: unknown }
    let revoked: unknown
    let waiting: { code: string; verifier: string }

    const publishedKeys = async () => (await fetch(`${installation.url}/.well-known/jwks.json`)).text()

    beforeAll(async () => {
      stores = await open()
      installation = await newInstallation(stores.env)
      const served = await installation.serve()
      const { url } = installation
      ;[client, person] = await Promise.all([
        newClient(installation, 'web', ['--refresh-grace', '0']),
        newPerson(installation),
      ])
      keys = await publishedKeys()
      valid = await tokensFor(person, url, client)
      const { refreshToken } = await tokensFor(person, url, client)
      const { json } = await refresh(url, client, refreshToken)
      used = { refreshToken, accessToken: json.access_token }
      revoked = (await tokensFor(person, url, client)).accessToken
      await post(`${url}/revoke`, { token: String(revoked) }, client)
      waiting = await codeFor(person, url, client)

      await served.stop('SIGKILL')
      await installation.serve()
    }, 120_000)
    afterAll(async () => {
      await installation?.remove()
      await stores?.close()
    })

    test('the issuer keeps its keys, and tokens from before the restart verify', async () => {
      expect(await publishedKeys()).toBe(keys)
      expect(await userinfoStatus(installation.url, valid.accessToken)).toBe(200)
    })

    test('the issuer accepts refresh tokens from before the restart', async () => {
      const { status, json } = await refresh(installation.url, client, valid.refreshToken)
      expect(status).toBe(200)
      expect((await refresh(installation.url, client, json.refresh_token)).status).toBe(200)
    })

    test('the issuer redeems codes from before the restart', async () => {
      const answer = await redeem(installation.url, client, waiting.code, waiting.verifier)
      expect(answer.status).toBe(200)
    })

    test('the issuer keeps the session, and the user need not sign in again', async () => {
      const { location } = answerTo(person, installation.url, client, { prompt: 'none' })
      expect((await location).searchParams.get('code')).toBeTruthy()
    })

    test('the issuer keeps users and clients, and a new browser signs in', async () => {
      person.agent.cookies.clear()
      expect(await tokensFor(person, installation.url, client)).toHaveProperty('refreshToken')
    })

    test('the issuer still rejects a token that was revoked before the restart', async () => {
      expect(await userinfoStatus(installation.url, revoked)).toBe(401)
    })

    test('the issuer still detects the reuse of a refresh token after the restart (C2)', async () => {
      expect(await userinfoStatus(installation.url, used.accessToken)).toBe(200)
      const { json } = await refresh(installation.url, client, used.refreshToken)
      expect(json.error).toBe('invalid_grant')
      expect(await userinfoStatus(installation.url, used.accessToken)).toBe(401)
    })
  })
})
