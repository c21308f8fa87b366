// PostgreSQL and Redis as containers. testcontainers loads slowly, so only the start functions import it.
import { get } from 'node:http'
import { homedir } from 'node:os'
import { randomToken } from '../src/secrets.ts'
import type { Service } from './process.ts'
import { redisDatabases } from './start-redis.ts'

/** Where testcontainers looks too. Podman and others offer the same API at the address in DOCKER_HOST. */
const addresses = (env: NodeJS.ProcessEnv): string[] =>
  env.DOCKER_HOST
    ? [env.DOCKER_HOST]
    : [
        'unix:///var/run/docker.sock',
        `unix://${homedir()}/.docker/run/docker.sock`,
        ...(env.XDG_RUNTIME_DIR ? [`unix://${env.XDG_RUNTIME_DIR}/docker.sock`] : []),
      ]

const answersAt = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { protocol, pathname, hostname, port } = new URL(address)
    const target = protocol === 'unix:' ? { socketPath: pathname } : { host: hostname, port }
    const request = get({ ...target, path: '/_ping', timeout: 3000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => resolve(false))
    request.once('close', () => resolve(false))
  })

/** True if a Docker-compatible API answers. */
export const dockerAnswers = async (env: NodeJS.ProcessEnv = process.env): Promise<boolean> =>
  (await Promise.all(addresses(env).map(answersAt))).includes(true)

export const startPostgresContainer = async (): Promise<Service> => {
  const { GenericContainer, Wait } = await import('testcontainers')
  const password = randomToken(16)
  const container = await new GenericContainer('postgres:17-alpine')
    .withEnvironment({ POSTGRES_USER: 'dojang', POSTGRES_PASSWORD: password, POSTGRES_DB: 'postgres' })
    .withCommand(['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'max_connections=200'])
    .withExposedPorts(5432)
    // The image starts PostgreSQL twice: once to create the database, then to serve.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start()
  return {
    url: `postgres://dojang:${password}@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
    stop: async () => {
      await container.stop()
    },
  }
}

export const startRedisContainer = async (): Promise<Service> => {
  const { GenericContainer, Wait } = await import('testcontainers')
  const password = randomToken(16)
  const container = await new GenericContainer('redis:7-alpine')
    .withCommand([
      'redis-server',
      '--requirepass',
      password,
      '--databases',
      String(redisDatabases),
      '--save',
      '',
    ])
    .withExposedPorts(6379)
    .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
    .start()
  return {
    url: `redis://:${password}@${container.getHost()}:${container.getMappedPort(6379)}`,
    stop: async () => {
      await container.stop()
    },
  }
}
