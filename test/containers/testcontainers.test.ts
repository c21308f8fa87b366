// harness/start-container.ts: testcontainers starts real containers through a Docker-compatible API.
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { serve } from '../../harness/process.ts'
import { dockerAnswers, startPostgresContainer, startRedisContainer } from '../../harness/start-container.ts'
import { podman, run } from './engine.ts'

const root = new URL('../..', import.meta.url).pathname

describe.skipIf(inject('engineFolder') === '')('PostgreSQL and Redis in containers, for the tests', () => {
  const socket = join(inject('engineFolder'), 'podman.sock')
  let service: Awaited<ReturnType<typeof serve>>
  const running = async () => (await podman('ps', '--format', '{{.Image}}')).split('\n').filter(Boolean)

  beforeAll(async () => {
    vi.stubEnv('DOCKER_HOST', `unix://${socket}`)
    // The lock file of testcontainers then goes with the engine.
    vi.stubEnv('TMPDIR', inject('engineFolder'))
    // The image of Ryuk is not here. The tests stop their containers themselves.
    vi.stubEnv('TESTCONTAINERS_RYUK_DISABLED', 'true')
    const args = ['system', 'service', '--time=0', `unix://${socket}`]
    service = await serve('podman', args, { cwd: root, stopSignal: 'SIGTERM' }, dockerAnswers)
  })
  afterAll(() => service?.stop())

  test('testcontainers starts PostgreSQL, which answers queries, and stops it', async () => {
    const postgres = await startPostgresContainer()
    expect(await running()).toContain('docker.io/library/postgres:17-alpine')
    const client = new pg.Client({ connectionString: postgres.url })
    await client.connect()
    const { rows } = await client.query('select current_user as name, 6 * 7 as answer')
    await client.end()
    await postgres.stop()
    expect(rows).toEqual([{ name: 'dojang', answer: 42 }])
    expect(await running()).not.toContain('docker.io/library/postgres:17-alpine')
  })

  test('testcontainers starts Redis, which requires the password, and stops it', async () => {
    const redis = await startRedisContainer()
    const client = new Redis(redis.url)
    const stranger = new Redis(redis.url.replace(/:[^:@]+@/, ''), { retryStrategy: () => null })
    stranger.on('error', () => {})
    expect(await client.set('seal', 'red')).toBe('OK')
    await expect(stranger.get('seal')).rejects.toThrow()
    for (const one of [client, stranger]) one.disconnect()
    await redis.stop()
    expect(await running()).not.toContain('docker.io/library/redis:7-alpine')
  })

  test('npm test starts both in containers, and a contract of the stores passes on them', async () => {
    const since = new Date().toISOString()
    const args = ['run', 'test/contracts/authorization-codes.test.ts', '--reporter=json', '--root', root]
    const printed = await run('vitest', args, { TEST_DATABASE_URL: '', TEST_REDIS_URL: '' })
    const { success, numPassedTests } = JSON.parse(printed.slice(printed.indexOf('{"')))
    expect(success).toBe(true)
    expect(numPassedTests).toBeGreaterThan(10)
    const filters = ['--stream=false', '--since', since, '--filter', 'event=create']
    const created = await podman('events', ...filters, '--format', '{{.Image}}')
    expect(created).toContain('postgres:17-alpine')
    expect(created).toContain('redis:7-alpine')
  })
})
