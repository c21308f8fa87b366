// A process hears of changed records, by whichever process or connection they were changed.
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEmptySqlite } from '../../harness/empty-database.ts'
import { type Changes, topics } from '../../src/changes.ts'
import { openSql, type SqlDatabase } from '../../src/stores/sql/connection.ts'
import { migrate } from '../../src/stores/sql/migrate.ts'
import { createSqlLastingStores } from '../../src/stores/sql/sql-stores.ts'
import type { LastingStores } from '../../src/stores/stores.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { isMissing, postgresDatabase } from '../support/services.ts'
import { aClient, aKey, anApi } from './records.ts'

/** The process that writes, and the one that listens. */
interface Opened {
  writer: LastingStores
  changes: Changes
  /** Hears of everything so far without waiting. */
  check(): Promise<void>
  close(): Promise<void>
}

const inMemory = async (): Promise<Opened> => {
  const stores = memoryStores()
  return { writer: stores, changes: stores.changes, check: async () => {}, close: async () => {} }
}

const onSql = (writer: SqlDatabase, listener: SqlDatabase, drop?: () => Promise<void>): Opened => ({
  writer: createSqlLastingStores(writer.db),
  changes: listener.changes,
  check: listener.changes.check,
  close: async () => {
    await Promise.all([writer.close(), listener.close()])
    await drop?.()
  },
})

const onSqlite = async (): Promise<Opened> => {
  const writer = await openEmptySqlite()
  return onSql(writer, await openSql({ dataDir: writer.dataDir }))
}

const onPostgres = async (): Promise<Opened> => {
  const database = await postgresDatabase()
  const [writer, listener] = await Promise.all([
    openSql({ databaseUrl: database.url }),
    openSql({ databaseUrl: database.url }),
  ])
  await migrate(writer.db)
  return onSql(writer, listener, database.close)
}

const backends = [
  { name: 'memory', missing: false, open: inMemory },
  { name: 'SQLite', missing: false, open: onSqlite },
  { name: 'PostgreSQL', missing: isMissing('postgres'), open: onPostgres },
]

const subscribeToAll = (changes: Changes): string[] => {
  const heard: string[] = []
  for (const topic of topics) changes.subscribe(topic, () => void heard.push(topic))
  return heard
}

const [client, api, key] = [aClient(), anApi(), aKey()]

/** Each write depends on the one before it. */
const writes: [string, string, (stores: LastingStores) => Promise<unknown>][] = [
  ['creates a client', 'clients', ({ clients }) => clients.create(client)],
  ['changes a client', 'clients', ({ clients }) => clients.change(client.id, { name: 'New' })],
  ['deletes a client', 'clients', ({ clients }) => clients.delete(client.id)],
  ['creates an API', 'apis', ({ apis }) => apis.create(api)],
  ['changes an API', 'apis', ({ apis }) => apis.change(api.audience, { name: 'New' })],
  ['deletes an API', 'apis', ({ apis }) => apis.delete(api.audience)],
  ['adds a key', 'keys', ({ signingKeys }) => signingKeys.update((keys) => [...keys, key])],
  [
    'changes a key',
    'keys',
    ({ signingKeys }) =>
      signingKeys.update((keys) => keys.map((each) => ({ ...each, retiresAt: new Date() }))),
  ],
]

for (const { name, missing, open } of backends)
  describe.skipIf(missing)(`changes in ${name}`, () => {
    let opened: Opened
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.close())

    test('a process hears of each change by another process, and of nothing else', async () => {
      const heard = subscribeToAll(opened.changes)
      await opened.check()
      for (const [what, topic, write] of writes) {
        heard.length = 0
        await write(opened.writer)
        await opened.check()
        expect([...new Set(heard)], what).toEqual([topic])
      }
      heard.length = 0
      await opened.writer.roles.create({ name: 'editor', scopes: [] })
      await opened.check()
      expect(heard).toEqual([])
    })

    test('a listener reads the new record when it hears of it', async () => {
      const { clients } = opened.writer
      const seen: (string | undefined)[] = []
      opened.changes.subscribe('clients', async () => void seen.push((await clients.find(client.id))?.name))
      await clients.create(client)
      await opened.check()
      await clients.change(client.id, { name: 'New' })
      await opened.check()
      expect(seen.at(-1)).toBe('New')
    })
  })

describe.each(backends.slice(1))('the check of $name', ({ missing, open }) => {
  describe.skipIf(missing)('with two connections', () => {
    let opened: Opened
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.close())

    test('the first check announces every topic, and the next one nothing', async () => {
      const heard = subscribeToAll(opened.changes)
      await opened.check()
      expect(heard.sort()).toEqual([...topics])
      await opened.check()
      expect(heard).toHaveLength(topics.length)
    })

    test('a listener that failed is called by the next check again, and the others are not', async () => {
      const heard = subscribeToAll(opened.changes)
      let failures = 1
      opened.changes.subscribe('keys', async () => {
        failures -= 1
        if (failures >= 0) throw new Error('The keys could not be read.')
      })
      await expect(opened.check()).rejects.toThrow('could not be read')
      heard.length = 0
      await opened.check()
      expect(heard).toEqual(['keys'])
      expect(failures).toBe(-1)
    })
  })
})

describe.skipIf(isMissing('postgres'))('notifications of PostgreSQL', () => {
  let opened: Opened
  let db: SqlDatabase['db']
  const names: string[] = []
  beforeEach(async () => {
    const database = await postgresDatabase()
    const [writer, listener] = [
      await openSql({ databaseUrl: database.url }),
      await openSql({ databaseUrl: database.url }),
    ]
    await migrate(writer.db)
    opened = onSql(writer, listener, database.close)
    db = writer.db
    names.length = 0
    const { clients } = opened.writer
    opened.changes.subscribe('clients', async () => {
      for (const { name } of await clients.list()) names.push(name)
    })
    await opened.check()
  })
  afterEach(() => opened.close())

  test('a change is heard without a check, also after the connection that listens was lost', async () => {
    const { clients } = opened.writer
    await clients.create(aClient({ name: 'first' }))
    await expect.poll(() => names).toContain('first')
    const { rows } = await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query = 'listen dojang_changes'`.execute(db)
    expect(rows).toHaveLength(1)
    await clients.create(aClient({ name: 'second' }))
    await expect.poll(() => names).toContain('second')
  })

  test('the next check hears of a change whose notification never arrived', async () => {
    // As behind a pooler that drops notifications: the change is counted and nobody is told.
    await sql`alter table clients disable trigger count_change`.execute(db)
    await opened.writer.clients.create(aClient({ name: 'silent' }))
    await sql`update record_versions set version = version + 1 where topic = 'clients'`.execute(db)
    expect(names).not.toContain('silent')
    await opened.check()
    expect(names).toContain('silent')
  })
})
