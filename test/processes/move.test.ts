// An embedded installation that moves to PostgreSQL: its users stay signed in.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Installation, newInstallation, type Ran, type Served } from '../../harness/installation.ts'
import { newClient, newPerson, type Person } from '../support/served-person.ts'
import { isMissing, postgresDatabase, redisDatabase, type TestDatabase } from '../support/services.ts'
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

// Processes are slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const kinds = [
  { name: 'without Redis', missing: isMissing('postgres'), open: undefined },
  { name: 'with Redis', missing: isMissing('postgres') || isMissing('redis'), open: redisDatabase },
]

describe.each(kinds)('an embedded installation $name that moves to PostgreSQL', ({ missing, open }) => {
  describe.skipIf(missing)('in the order of an operator', () => {
    let redis: TestDatabase | undefined
    let target: TestDatabase
    let installation: Installation
    let client: ServedClient
    let person: Person
    let keys: string
    let valid: Awaited<ReturnType<typeof tokensFor>>
    let revoked: unknown
    let waiting: { code: string; verifier: string }
    let beside: Ran
    let rehearsed: Ran
    let moved: Ran
    let served: Served

    const publishedKeys = async () => (await fetch(`${installation.url}/.well-known/jwks.json`)).text()
    const move = (...options: string[]) => installation.command(['move', '--to', target.url, ...options])

    beforeAll(async () => {
      redis = await open?.()
      target = await postgresDatabase()
      installation = await newInstallation(redis && { REDIS_URL: redis.url })
      served = await installation.serve()
      const { url } = installation
      ;[client, person] = await Promise.all([newClient(installation, 'web'), newPerson(installation)])
      keys = await publishedKeys()
      valid = await tokensFor(person, url, client)
      revoked = (await tokensFor(person, url, client)).accessToken
      await post(`${url}/revoke`, { token: String(revoked) }, client)
      waiting = await codeFor(person, url, client)

      beside = await move()
      await served.stop()
      rehearsed = await move('--dry-run', '--json')
      moved = await installation.run(['move', '--to', target.url])
      served = await installation.serve({ DATABASE_URL: target.url })
    })
    afterAll(async () => {
      await installation?.remove()
      await Promise.all([target?.close(), redis?.close()])
    })

    test('the move refuses to run beside the server', () => {
      expect(beside).toMatchObject({ code: 1, stdout: '' })
      expect(beside.stderr).toBe(
        `dojang: Another process uses the database in ${installation.folder}/data. Stop the server, and run this command again.\n`,
      )
    })

    test('the dry run reports the rows of every table, and leaves an empty target', () => {
      expect(rehearsed).toMatchObject({
        code: 0,
        json: { dry_run: true, tables: expect.arrayContaining([{ table: 'signing_keys', rows: 1 }]) },
      })
      // The move after it would refuse a target with data.
      expect(moved.code, moved.stderr).toBe(0)
    })

    test('the move prints the rows of each table and the next steps, and no password (H9)', () => {
      expect(moved.stdout).toMatch(/^TABLE +ROWS\nusers +\d+\n/)
      expect(moved.stdout).toMatch(/^signing_keys +1$/m)
      expect(moved.stdout).toContain('1. Set DATABASE_URL')
      const { password } = new URL(target.url)
      if (password !== '')
        for (const text of [moved.stdout, moved.stderr]) expect(text).not.toContain(password)
    })

    test('the server on PostgreSQL keeps its keys, and tokens from before the move verify', async () => {
      expect(await publishedKeys()).toBe(keys)
      expect(await userinfoStatus(installation.url, valid.accessToken)).toBe(200)
    })

    test('the server on PostgreSQL accepts refresh tokens from before the move', async () => {
      const { status, json } = await refresh(installation.url, client, valid.refreshToken)
      expect(status).toBe(200)
      expect((await refresh(installation.url, client, json.refresh_token)).status).toBe(200)
    })

    test('the server on PostgreSQL keeps the browser session, and the user need not sign in again', async () => {
      const { location } = answerTo(person, installation.url, client, { prompt: 'none' })
      expect((await location).searchParams.get('code')).toBeTruthy()
    })

    test('the server on PostgreSQL redeems codes from before the move', async () => {
      const answer = await redeem(installation.url, client, waiting.code, waiting.verifier)
      expect(answer.status).toBe(200)
    })

    test('the server on PostgreSQL still rejects a token that was revoked before the move', async () => {
      expect(await userinfoStatus(installation.url, revoked)).toBe(401)
    })

    test('the server on PostgreSQL finds the sessions in the store where they were', () => {
      expect(served.output()).not.toContain('The sessions were in a different store until now')
    })

    test('a second move refuses the target, which is in use', async () => {
      const again = await move()
      expect(again).toMatchObject({ code: 1, stdout: '' })
      expect(again.stderr).toMatch(/^dojang: The target already holds data/)
    })
  })
})
