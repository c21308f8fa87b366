// Commands refuse to work on a different kind of session store than the server uses.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { randomToken } from '../../src/secrets.ts'
import { isMissing, redisDatabase, type TestDatabase } from '../support/services.ts'

// Processes are slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

describe.skipIf(isMissing('redis'))('a server that keeps its sessions in Redis', () => {
  let installation: Installation
  let redis: TestDatabase
  let onRedis: { env: { REDIS_URL: string } }
  const email = 'jane@example.com'
  const password = randomToken(16)

  const post = async (path: string, body: object) =>
    await fetch(`${installation.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  beforeAll(async () => {
    redis = await redisDatabase()
    onRedis = { env: { REDIS_URL: redis.url } }
    installation = await newInstallation()
    const made = await installation.command(['users', 'create', '--email', email, '--password-stdin'], {
      input: password,
    })
    expect(made, made.stderr).toMatchObject({ code: 0 })
  })
  afterAll(async () => {
    await installation?.remove()
    await redis?.close()
  })

  test('a command without REDIS_URL changes nothing and says what to set, and with it the command ends the session', async () => {
    const served = await installation.serve(onRedis.env)
    const signedIn = await post('/api/token', { email, password })
    expect(signedIn.status).toBe(200)
    const first = (await signedIn.json()) as { refresh: string }

    const refused = await installation.command(['users', 'disable', email])
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toBe(
      'dojang: The server keeps the sessions in Redis, but REDIS_URL is not set here. Set REDIS_URL to the value that the server has.\n',
    )
    const refreshed = await post('/api/token/refresh', { refresh: first.refresh })
    expect(refreshed.status).toBe(200)
    const { refresh } = (await refreshed.json()) as { refresh: string }

    expect(await installation.command(['users', 'disable', email], onRedis)).toMatchObject({ code: 0 })
    expect((await post('/api/token/refresh', { refresh })).status).toBe(401)
    expect(await served.stop()).toBe(0)
  })

  test('a server that starts with a different store warns, and commands follow it', async () => {
    const before = await installation.serve(onRedis.env)
    expect(await before.stop()).toBe(0)
    const moved = await installation.serve()
    await expect.poll(moved.output).toContain('The sessions were in a different store until now')
    expect(await installation.command(['users', 'list'])).toMatchObject({ code: 0 })
    const refused = await installation.command(['users', 'list'], onRedis)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/The server keeps the sessions in the database, but REDIS_URL is set here/)
    expect(await moved.stop()).toBe(0)

    const again = await installation.serve()
    expect(again.output()).not.toContain('The sessions were in a different store until now')
    expect(await again.stop()).toBe(0)
  })
})
