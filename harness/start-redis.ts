// A temporary Redis from the binary of this machine. It writes nothing to disk and listens on loopback only.
import { Redis } from 'ioredis'
import { randomToken } from '../src/secrets.ts'
import { freePort } from './free-port.ts'
import { onPath, type Service, serve, startInTemporaryFolder } from './process.ts'

/** Enough databases that each test file of a run has its own. */
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
 * Starts a server that only the caller uses: for a whole run, or for a test that stops it.
 * @param options.settings more lines of its configuration
 */
export const startRedis = (
  binary: string,
  { password = randomToken(16), settings = [] }: { password?: string; settings?: readonly string[] } = {},
): Promise<Service> =>
  startInTemporaryFolder(async (folder) => {
    const port = await freePort()
    const url = `redis://:${password}@127.0.0.1:${port}`
    // Sent to standard input, so that the password is not visible in the list of processes.
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
    const { stop } = await serve(binary, ['-'], { cwd: folder, input, stopSignal: 'SIGTERM' }, () =>
      answers(url),
    )
    return { url, stop }
  })
