// The port MailQueue on SQL. Never in Redis: a promise to the user must not be lost.
import { sql } from 'kysely'
import type { MailQueue, MailRecord, QueuedMail } from '../../mail/mail-queue.ts'
import type { Db } from './connection.ts'
import { differencesOf } from './differences.ts'
import { withoutNulls } from './row.ts'
import type { MailsTable } from './schema.ts'

/** For other stores, in the transaction of the change that the mail tells of. */
export const insertMail = async (on: Db, { id, kind, userId, sealed, createdAt }: QueuedMail) => {
  await on
    .insertInto('mails')
    .values({ id, kind, userId: userId ?? null, sealed, attempts: 0, createdAt, dueAt: createdAt })
    .execute()
}

export const insertMails = async (on: Db, mails: readonly QueuedMail[]) => {
  for (const mail of mails) await insertMail(on, mail)
}

const toMail = (row: MailsTable): MailRecord => withoutNulls(row)

const oldestFirst = (a: MailRecord, b: MailRecord): number => a.createdAt.getTime() - b.createdAt.getTime()

const columns = [
  'id',
  'kind',
  'userId',
  'sealed',
  'attempts',
  'createdAt',
  'dueAt',
  'lastError',
  'failedAt',
] as const

export const createSqlMailQueue = (db: Db): MailQueue => ({
  enqueue: (mail) => insertMail(db, mail),
  lease: async (limit, now, leaseUntil) => {
    const { rows } = await sql<MailsTable>`
      with due as materialized (
        select id from mails where failed_at is null and due_at <= ${now}
        order by created_at limit ${limit} ${differencesOf(db).skipLocked})
      update mails set due_at = ${leaseUntil}, attempts = attempts + 1
      where id in (select id from due)
      returning ${sql.join(columns.map((column) => sql.ref(column)))}`.execute(db)
    return rows.map(toMail).sort(oldestFirst)
  },
  sent: async (id) => {
    await db.deleteFrom('mails').where('id', '=', id).execute()
  },
  postpone: async (id, at, error) => {
    await db.updateTable('mails').set({ dueAt: at, lastError: error }).where('id', '=', id).execute()
  },
  giveUp: async (id, now, error) => {
    await db.updateTable('mails').set({ failedAt: now, lastError: error }).where('id', '=', id).execute()
  },
  list: async (limit) => {
    const rows = await db
      .selectFrom('mails')
      .select(columns)
      .orderBy(sql`case when failed_at is null then 1 else 0 end`)
      .orderBy('createdAt')
      .limit(limit)
      .execute()
    return rows.map(toMail)
  },
  state: async () => {
    const { count } = db.fn
    const { waiting, failed, waitingSince } = await db
      .selectFrom('mails')
      .select([
        count('id').filterWhere('failedAt', 'is', null).as('waiting'),
        count('id').filterWhere('failedAt', 'is not', null).as('failed'),
        db.fn.min('createdAt').filterWhere('failedAt', 'is', null).as('waitingSince'),
      ])
      .executeTakeFirstOrThrow()
    return {
      waiting: Number(waiting),
      failed: Number(failed),
      ...(waitingSince !== null && { waitingSince: new Date(waitingSince) }),
    }
  },
  retry: async (now, id) => {
    const { numUpdatedRows } = await db
      .updateTable('mails')
      .set({ failedAt: null, attempts: 0, dueAt: now })
      .where('failedAt', 'is not', null)
      .$if(id !== undefined, (query) => query.where('id', '=', id ?? ''))
      .executeTakeFirst()
    return Number(numUpdatedRows)
  },
})
