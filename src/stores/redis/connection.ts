// The one place that opens Redis and says what its failures mean. Knows no key and no record.
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { Unavailable } from '../../unavailable.ts'

export interface RedisConnection {
  /**
   * One round trip. A command that fails may still have been done: its answer was lost.
   * @throws {Unavailable} for every failure but a mistake of ours (a wrong script or command)
   */
  run<Answer>(command: (redis: Redis) => Promise<Answer>): Promise<Answer>
  /** @throws {Unavailable} unless the server answers */
  ping(): Promise<void>
  close(): Promise<void>
}

const timeoutMs = 2000
/** A server that says nothing this long is given up, and with it everything that waits for it. */
const silenceMs = 3000

/** Codes of Redis for a command that can never work. LOADING, READONLY, OOM, CLUSTERDOWN, NOAUTH, … are troubles. */
const isMistake = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === 'ReplyError' &&
  /^(ERR|WRONGTYPE|CROSSSLOT|NOSCRIPT)\b/.test(error.message)

/** ioredis hangs the command on its errors, password and all: only the sentence goes on. */
const withoutArguments = (error: unknown): Error =>
  new Error(error instanceof Error ? error.message : 'unknown failure')

/**
 * Opens a connection that repairs itself. Never rejects and never crashes: while the server is away every call is
 * Unavailable at once, nothing is queued and nothing is sent twice.
 * @param url redis: or rediss:, with user, password and database number if need be
 */
export const openRedis = (url: string): RedisConnection => {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    socketTimeout: silenceMs,
    // A command whose answer was lost may have been done; only its caller knows if it may be said again.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 5), 1000),
    // After a failover the old primary still answers, as a replica: find the new one.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  })

  let lastTrouble: unknown
  redis.on('error', (error) => {
    lastTrouble = error
  })

  // The first commands wait for the first attempt to connect; later ones never wait for a connection.
  const firstAttempt = Promise.race([
    redis.connect().catch(() => {}),
    delay(timeoutMs, undefined, { ref: false }),
  ])

  const run: RedisConnection['run'] = async (command) => {
    await firstAttempt
    const wasReady = redis.status === 'ready'
    try {
      return await command(redis)
    } catch (error) {
      const cause = withoutArguments(wasReady ? error : (lastTrouble ?? error))
      throw isMistake(error) ? cause : new Unavailable('the token store', { cause })
    }
  }

  return {
    run,
    ping: async () => {
      await run((redis) => redis.ping())
    },
    close: async () => {
      if (redis.status === 'ready') await redis.quit().catch(() => {})
      redis.disconnect()
    },
  }
}
