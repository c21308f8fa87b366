// The port Changes on SQL. Triggers count the changes of each topic in the table `record_versions`
// (migration 0008), and `check` compares the counts. SQLite and PostgreSQL differ in how they avoid the read.
import type { Kysely } from 'kysely'
import { type Announcer, type Changes, createAnnouncer, type Topic } from '../../changes.ts'
import type { Schema } from './schema.ts'

export interface SqlChanges extends Changes {
  /**
   * Calls the listeners of each topic that changed since they last succeeded. The first call announces every
   * topic. @throws {Unavailable}, or the error of a listener; the next call tries again
   */
  check(): Promise<void>
  /** A server calls `check` at this interval. */
  checkEverySeconds: number
  close(): Promise<void>
}

export interface RecordVersions extends Changes {
  /** Announces the topic if this version is newer than the known one. @throws the error of a listener */
  hear(topic: Topic, version: number): Promise<void>
  /** Reads and announces the versions. @throws {Unavailable}, or the error of a listener */
  read(): Promise<void>
}

export const createRecordVersions = (db: Kysely<Schema>): RecordVersions => {
  const { subscribe, announce }: Announcer = createAnnouncer()
  const known = new Map<Topic, number>()

  const notice = async (topic: Topic, version: number) => {
    await announce(topic)
    // Only now, so that a listener that failed is called again.
    known.set(topic, version)
  }

  return {
    subscribe,
    hear: async (topic, version) => {
      if (version > (known.get(topic) ?? -1)) await notice(topic, version)
    },
    read: async () => {
      const rows = await db.selectFrom('recordVersions').select(['topic', 'version']).execute()
      const calls = rows
        .map(({ topic, version }) => ({ topic, version: Number(version) }))
        // An older version is a change too: the database was restored.
        .filter(({ topic, version }) => known.get(topic) !== version)
        .map(({ topic, version }) => notice(topic, version))
      for (const result of await Promise.allSettled(calls))
        if (result.status === 'rejected') throw result.reason
    },
  }
}
