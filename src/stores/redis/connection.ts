// Opens Redis and decides which of its errors mean that it is unavailable. Does not know keys or records.
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { Unavailable } from '../../unavailable.ts'

export interface RedisConnection {
  /**
   * Runs a command without retries. A command that fails may still have run, because its answer can get lost.
   * @throws {Unavailable} for every failure except a programming error (a wrong script or command)
   */
  run<Answer>(command: (redis: Redis) => Promise<Answer>): Promise<Answer>
  /** @throws {Unavailable} unless the server answers */
  ping(): Promise<void>
  close(): Promise<void>
}

const timeoutMs = 2000
/** After this time without data the connection is closed, and every waiting command fails. */
const silenceMs = 3000

/** The codes of a command that can never work. Other errors (LOADING, READONLY, OOM, …) are temporary. */
const isProgrammingError = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === 'ReplyError' &&
  /^(ERR|WRONGTYPE|CROSSSLOT|NOSCRIPT)\b/.test(error.message)

/**
 * Commands of one turn of the event loop share a write to the socket, and Redis answers them together. The
 * automatic pipelining of ioredis does the same, but all commands hang after it has lost a connection.
 */
const sharedWrites = (redis: Redis) => {
  let held: Redis['stream'] | undefined
  return () => {
    const { stream } = redis
    // Undefined before the first connection.
    if (stream === undefined || stream === held) return
    held = stream
    stream.cork()
    setImmediate(() => {
      held = undefined
      stream.uncork()
    })
  }
}

/** Keeps only the message. ioredis attaches the arguments of the command, and one may be a password. */
const withoutArguments = (error: unknown): Error =>
  new Error(error instanceof Error ? error.message : 'unknown failure')

/**
 * Opens a connection that reconnects by itself. It does not throw if Redis is down. Until Redis is back,
 * every call fails with `Unavailable` at once. No command is queued or sent twice.
 * @param url a redis: or rediss: URL, with user, password and database number if they are needed
 */
export const openRedis = (url: string): RedisConnection => {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    socketTimeout: silenceMs,
    // A command that timed out may have run. Only the caller knows whether a retry is safe.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 5), 1000),
    // After a failover the old primary is a read-only replica. Reconnecting finds the new primary.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  })

  let lastConnectionError: unknown
  redis.on('error', (error) => {
    lastConnectionError = error
  })

  // Commands wait until the first attempt to connect has ended. Later commands never wait.
  const firstAttempt = Promise.race([
    redis.connect().catch(() => {}),
    delay(timeoutMs, undefined, { ref: false }),
  ])

  const shareWrite = sharedWrites(redis)

  const run: RedisConnection['run'] = async (command) => {
    await firstAttempt
    const wasReady = redis.status === 'ready'
    shareWrite()
    try {
      return await command(redis)
    } catch (error) {
      const cause = withoutArguments(wasReady ? error : (lastConnectionError ?? error))
      throw isProgrammingError(error) ? cause : new Unavailable('the token store', { cause })
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
