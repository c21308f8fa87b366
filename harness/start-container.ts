// PostgreSQL and Redis as containers. testcontainers loads slowly, so only the start functions import it.
import { execFile } from 'node:child_process'
import { randomToken } from '../src/secrets.ts'
import type { Service } from './process.ts'
import { redisDatabases } from './start-redis.ts'

export const dockerAnswers = (): Promise<boolean> =>
  new Promise((resolve) => {
    execFile(
      'docker',
      ['info', '--format', '{{.ServerVersion}}'],
      { timeout: 3000, killSignal: 'SIGKILL' },
      (error, output) => resolve(error === null && output.trim() !== ''),
    )
  })

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
