// Two issuers as processes of their own on one PostgreSQL and one Redis, as a fleet runs them.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Installation, newInstallation, type Served } from '../support/installation.ts'
import { claimsOf, pkce } from '../support/issuer.ts'
import { newClient, newPerson, type Person } from '../support/served-person.ts'
import { isMissing, postgresDatabase, redisDatabase, type TestDatabase } from '../support/services.ts'

describe.skipIf(isMissing('postgres') || isMissing('redis'))(
  'two issuers on one PostgreSQL and one Redis',
  () => {
    let stores: TestDatabase[]
    let one: Installation
    let other: Installation
    let servedOne: Served
    let client: { id: string; secret: string }
    let person: Person

    beforeAll(async () => {
      stores = [await postgresDatabase(), await redisDatabase()]
      const env = {
        DATABASE_URL: stores[0]?.url,
        REDIS_URL: stores[1]?.url,
        KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      }
      one = await newInstallation(env)
      other = await newInstallation({ ...env, ISSUER: one.url })
      // Both at once on an empty database: migrations and the first key happen once.
      ;[servedOne] = await Promise.all([one.serve(), other.serve()])
      client = await newClient(one, 'web')
      person = await newPerson(one)
    })
    afterAll(async () => {
      await one?.remove()
      await other?.remove()
      for (const store of stores ?? []) await store.close()
    })

    const token = async (at: Installation, fields: Record<string, string>) => {
      const response = await fetch(`${at.url}/token`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: client.id, client_secret: client.secret, ...fields }),
      })
      return { status: response.status, json: (await response.json()) as Record<string, string> }
    }

    const code = async () => {
      const { verifier, challenge } = pkce()
      const query = new URLSearchParams({
        ...{ response_type: 'code', client_id: client.id, redirect_uri: 'https://app.example/cb' },
        ...{ scope: 'openid offline_access', code_challenge: challenge, code_challenge_method: 'S256' },
      })
      const back = await person.visit(new URL(`/authorize?${query}`, one.url))
      return {
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        code_verifier: verifier,
      }
    }

    const signedIn = async () => (await token(one, await code())).json

    test('D10: both show the same keys, made once', async () => {
      const sets = await Promise.all(
        [one, other].map(async ({ url }) => (await fetch(`${url}/.well-known/jwks.json`)).text()),
      )
      expect(sets[0]).toBe(sets[1])
      expect(JSON.parse(sets[0] ?? '').keys).toHaveLength(1)
    })

    test('A4: of 50 parallel redemptions across both exactly one succeeds', async () => {
      const fields = await code()
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => token(index % 2 ? one : other, fields)),
      )
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
      for (const { status, json } of answers)
        if (status !== 200) expect([status, json.error]).toEqual([400, 'invalid_grant'])
    })

    test('C1: 40 parallel refreshes across both make one lineage', async () => {
      const { refresh_token = '' } = await signedIn()
      const refresh = { grant_type: 'refresh_token', refresh_token }
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) => token(index % 2 ? one : other, refresh)),
      )
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
      const successors = new Set(answers.map(({ json }) => json.refresh_token))
      expect(successors.size).toBe(1)
      const [next = ''] = successors
      expect((await token(other, { grant_type: 'refresh_token', refresh_token: next })).status).toBe(200)
    })

    test('C10: a client whose connection dies before the answer asks again and goes on', async () => {
      const { refresh_token = '' } = await signedIn()
      const body = new URLSearchParams({
        ...{ grant_type: 'refresh_token', refresh_token, client_id: client.id, client_secret: client.secret },
      }).toString()
      await new Promise<void>((resolve, reject) => {
        const { hostname, port } = new URL(one.url)
        const socket = connect(Number(port), hostname, () => {
          const head = `POST /token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n\r\n`
          socket.end(`${head}${body}`)
        })
        socket.once('error', reject)
        // The first byte of the answer: it was done, and the client never reads it.
        socket.once('readable', () => {
          socket.destroy()
          resolve()
        })
      })
      const retried = await token(other, { grant_type: 'refresh_token', refresh_token })
      expect(retried.status).toBe(200)
      const next = await token(one, {
        grant_type: 'refresh_token',
        refresh_token: retried.json.refresh_token ?? '',
      })
      expect(next.status).toBe(200)
    })

    test('a logout at one is felt at the other', async () => {
      const { access_token = '', refresh_token = '' } = await signedIn()
      await fetch(`${one.url}/revoke`, {
        method: 'POST',
        body: new URLSearchParams({
          token: refresh_token,
          client_id: client.id,
          client_secret: client.secret,
        }),
      })
      expect((await token(other, { grant_type: 'refresh_token', refresh_token })).json.error).toBe(
        'invalid_grant',
      )
      const me = await fetch(`${other.url}/userinfo`, {
        headers: { authorization: `Bearer ${access_token}` },
      })
      expect(me.status).toBe(401)
    })

    test('I2: SIGTERM finishes what is under way; a restart keeps sessions, refresh tokens, users and keys', async () => {
      const before = await signedIn()
      const pending = Array.from({ length: 10 }, () =>
        token(one, { grant_type: 'refresh_token', refresh_token: before.refresh_token ?? '' }).catch(
          () => undefined,
        ),
      )
      expect(await servedOne.stop()).toBe(0)
      const answers = (await Promise.all(pending)).filter((answer) => answer !== undefined)
      for (const { status } of answers) expect([200, 503]).toContain(status)
      servedOne = await one.serve()
      const after = await token(one, {
        grant_type: 'refresh_token',
        refresh_token: before.refresh_token ?? '',
      })
      expect(after.status).toBe(200)
      expect(claimsOf(after.json.access_token ?? '').sid).toBe(claimsOf(before.access_token ?? '').sid)
      expect((await person.agent.get('/account')).status).toBe(200)
    })
  },
)
