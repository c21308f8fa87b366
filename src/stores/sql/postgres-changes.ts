// Changes in PostgreSQL. The triggers notify the listening connection of each process (LISTEN, NOTIFY).
import type { Kysely } from 'kysely'
import pg from 'pg'
import { heardWithinSeconds, type Topic, topics } from '../../changes.ts'
import { createRecordVersions, type SqlChanges } from './changes.ts'
import type { Schema } from './schema.ts'

/** How long PostgreSQL may take to answer before `check` continues without notifications. */
const answerTimeoutMs = 3000

/** The first `check` opens the connection that listens. */
export const createPostgresChanges = (db: Kysely<Schema>, connectionString: string): SqlChanges => {
  const { subscribe, hear, read } = createRecordVersions(db)
  let listening: Promise<pg.Client> | undefined
  let isClosed = false

  const isTopic = (word: string): word is Topic => topics.some((topic) => topic === word)

  /** A listener that fails is called again by the next check. */
  const receive = (payload = '') => {
    const [topic = '', version] = payload.split(' ')
    if (isTopic(topic)) hear(topic, Number(version)).catch(() => {})
  }

  const listen = async (): Promise<pg.Client> => {
    const client = new pg.Client({
      connectionString,
      application_name: 'dojang',
      keepAlive: true,
      connectionTimeoutMillis: answerTimeoutMs,
      query_timeout: answerTimeoutMs,
    })
    client.on('notification', ({ payload }) => receive(payload))
    // Without a listener a lost connection would end the process.
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query('listen dojang_changes')
    } catch (error) {
      client.end().catch(() => {})
      throw error
    }
    client.once('end', () => {
      listening = undefined
      // Connects again at once, and reads what changed without the connection.
      if (!isClosed) check().catch(() => {})
    })
    return client
  }

  const check = async () => {
    // Listen first, so that no change falls between the read and the first notification.
    if (!isClosed) listening ??= listen()
    const opening = listening
    await opening?.catch(() => {
      if (listening === opening) listening = undefined
    })
    await read()
  }

  return {
    subscribe,
    check,
    // Only for notifications that do not arrive, for example through PgBouncer in transaction mode.
    checkEverySeconds: heardWithinSeconds,
    close: async () => {
      isClosed = true
      await (await listening?.catch(() => undefined))?.end()
    },
  }
}
