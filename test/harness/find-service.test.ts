import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findService } from '../../harness/find-service.ts'
import type { Service } from '../../harness/process.ts'
import { dockerAnswers } from '../../harness/start-container.ts'

const said: string[] = []
beforeEach(() => {
  said.length = 0
  vi.spyOn(console, 'warn').mockImplementation((text: string) => void said.push(text))
})
afterEach(() => {
  vi.restoreAllMocks()
})

const service = (url: string): Service => ({ url, stop: async () => {} })

/** Where there is all of it, unless told otherwise. */
const look = (changes: Partial<Parameters<typeof findService>[0]> = {}, env: NodeJS.ProcessEnv = {}) =>
  findService(
    {
      ...{ name: 'Redis', variable: 'TEST_REDIS_URL', debianPackage: 'redis-server' },
      docker: Promise.resolve(true),
      inContainer: async () => service('redis://container'),
      binary: '/usr/bin/redis-server',
      fromBinary: async () => service('redis://binary'),
      ...changes,
    },
    env,
  )

const noDocker = { docker: Promise.resolve(false) }
const fails = () => Promise.reject(new Error('no image'))

test('a given URL comes first, then Docker, then a binary, and nothing is said of what is not there', async () => {
  expect(await look({}, { TEST_REDIS_URL: 'redis://given' })).toMatchObject({ url: 'redis://given' })
  expect(await look()).toMatchObject({ url: 'redis://container' })
  expect(await look(noDocker)).toMatchObject({ url: 'redis://binary' })
  expect(said).toEqual([])
})

test('what does not start is said, and the next is tried', async () => {
  expect(await look({ inContainer: fails })).toMatchObject({ url: 'redis://binary' })
  expect(said).toEqual(['Redis in Docker could not be started: no image'])
})

test('nothing at all is one loud line that says how to have it', async () => {
  expect(await look({ ...noDocker, binary: undefined })).toBeUndefined()
  expect(said).toHaveLength(1)
  expect(said[0]).toMatch(
    /SKIPPED: every test on Redis.*Docker.*apt-get install redis-server.*TEST_REDIS_URL/,
  )
})

test('with CI=true nothing at all is a failure', async () => {
  await expect(look({ ...noDocker, binary: undefined }, { CI: 'true' })).rejects.toThrow(
    /No Redis for the tests: .*redis-server/,
  )
  await expect(look({ ...noDocker, fromBinary: fails }, { CI: 'true' })).rejects.toThrow(/No Redis/)
})

test('a Docker that is not there, or does not answer, is found out within seconds', async () => {
  const begin = performance.now()
  expect(typeof (await dockerAnswers())).toBe('boolean')
  expect(performance.now() - begin).toBeLessThan(10_000)
})
