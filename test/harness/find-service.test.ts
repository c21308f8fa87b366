import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { findService } from '../../harness/find-service.ts'
import { freePort } from '../../harness/free-port.ts'
import { removeFolder, type Service, temporaryFolder } from '../../harness/process.ts'
import { dockerAnswers } from '../../harness/start-container.ts'

const warnings: string[] = []
beforeEach(() => {
  warnings.length = 0
  vi.spyOn(console, 'warn').mockImplementation((text: string) => void warnings.push(text))
})
afterEach(() => {
  vi.restoreAllMocks()
})

const service = (url: string): Service => ({ url, stop: async () => {} })

/** Looks for Redis where Docker and a binary are both available, unless `changes` says otherwise. */
const look = (changes: Partial<Parameters<typeof findService>[0]> = {}, env: NodeJS.ProcessEnv = {}) =>
  findService(
    {
      name: 'Redis',
      variable: 'TEST_REDIS_URL',
      debianPackage: 'redis-server',
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

test('findService prefers a given URL, then Docker, then a binary, without a warning', async () => {
  expect(await look({}, { TEST_REDIS_URL: 'redis://given' })).toMatchObject({ url: 'redis://given' })
  expect(await look()).toMatchObject({ url: 'redis://container' })
  expect(await look(noDocker)).toMatchObject({ url: 'redis://binary' })
  expect(warnings).toEqual([])
})

test('findService warns when Docker does not start the service, and then uses the binary', async () => {
  expect(await look({ inContainer: fails })).toMatchObject({ url: 'redis://binary' })
  expect(warnings).toEqual(['Redis in Docker could not be started: no image'])
})

test('findService warns once and says how to get the service when it finds none', async () => {
  expect(await look({ ...noDocker, binary: undefined })).toBeUndefined()
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toMatch(
    /SKIPPED: every test on Redis.*Docker.*apt-get install redis-server.*TEST_REDIS_URL/,
  )
})

test('findService throws when CI=true and it finds no service', async () => {
  await expect(look({ ...noDocker, binary: undefined }, { CI: 'true' })).rejects.toThrow(
    /No Redis for the tests: .*redis-server/,
  )
  await expect(look({ ...noDocker, fromBinary: fails }, { CI: 'true' })).rejects.toThrow(/No Redis/)
})

describe('dockerAnswers', () => {
  /** An API at a socket in a temporary folder, with this answer to a ping. */
  const apiAt = async (status: number): Promise<string> => {
    const folder = temporaryFolder()
    const socket = join(folder, 'docker.sock')
    const server = createServer((request, response) =>
      response.writeHead(request.url === '/_ping' ? status : 404).end('OK'),
    )
    await new Promise<void>((resolve) => server.listen(socket, resolve))
    onTestFinished(() => {
      server.close()
      removeFolder(folder)
    })
    return `unix://${socket}`
  }

  test('dockerAnswers is true if the API at DOCKER_HOST answers, also without a docker program', async () => {
    expect(await dockerAnswers({ DOCKER_HOST: await apiAt(200) })).toBe(true)
  })

  test('dockerAnswers is false if the API fails or nothing listens', async () => {
    expect(await dockerAnswers({ DOCKER_HOST: await apiAt(500) })).toBe(false)
    expect(await dockerAnswers({ DOCKER_HOST: 'unix:///nonexistent/docker.sock' })).toBe(false)
    expect(await dockerAnswers({ DOCKER_HOST: `tcp://127.0.0.1:${await freePort()}` })).toBe(false)
  })
})
