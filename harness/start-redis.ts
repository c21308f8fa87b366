// A throw-away Redis from the binary on this machine. Keeps nothing on disk, reachable from loopback only.
import { Redis } from 'ioredis'
import { randomToken } from '../src/secrets.ts'
import { freePort } from './free-port.ts'
import { onPath, removeFolder, type Service, serve, temporaryFolder } from './process.ts'

/** Enough that every test file of a run has a database of its own. */
export const redisDatabases = 512

export const redisBinary = (): string | undefined => onPath('redis-server') ?? onPath('valkey-server')

const answers = async (url: string): Promise<boolean> => {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: 1000,
  })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return (await redis.ping()) === 'PONG'
  } catch {
    return false
  } finally {
    redis.disconnect()
  }
}

/**
 * Starts a server of its own, for a whole run or for a test that stops it on purpose.
 * @param options.settings further lines of its configuration
 */
export const startRedis = async (
  binary: string,
  { password = randomToken(16), settings = [] }: { password?: string; settings?: readonly string[] } = {},
): Promise<Service> => {
  const folder = temporaryFolder()
  try {
    const port = await freePort()
    const url = `redis://:${password}@127.0.0.1:${port}`
    // By standard input, so that the password shows in no list of processes.
    const input = [
      'bind 127.0.0.1',
      `port ${port}`,
      `requirepass ${password}`,
      `databases ${redisDatabases}`,
      'save ""',
      'appendonly no',
      'daemonize no',
      ...settings,
      '',
    ].join('\n')
    const server = await serve(binary, ['-'], { cwd: folder, input, stopSignal: 'SIGTERM' }, () =>
      answers(url),
    )
    return {
      url,
      stop: async () => {
        await server.stop()
        removeFolder(folder)
      },
    }
  } catch (error) {
    removeFolder(folder)
    throw error
  }
}
