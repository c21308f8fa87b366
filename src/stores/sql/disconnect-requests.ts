// The port DisconnectRequests on SQL. Never in Redis: a promise to the user must not be lost.
import { sql } from 'kysely'
import type { DisconnectRequest, DisconnectRequests } from '../../identities/disconnect-requests.ts'
import type { Db } from './connection.ts'
import { differencesOf } from './differences.ts'
import { withoutNulls } from './row.ts'

export const createSqlDisconnectRequests = (db: Db): DisconnectRequests => ({
  enqueue: async ({ provider, subject, encryptedToken, requestedAt }) => {
    const request = { encryptedToken: encryptedToken ?? null, attempts: 0, requestedAt, dueAt: requestedAt }
    await db
      .insertInto('disconnectRequests')
      .values({ provider, subject, ...request })
      .onConflict((conflict) => conflict.columns(['provider', 'subject']).doUpdateSet(request))
      .execute()
  },
  lease: async (limit, now, leaseUntil) => {
    const { rows } = await sql<DisconnectRequest & { encryptedToken: string | null }>`
      with due as materialized (
        select provider, subject from disconnect_requests
        where due_at <= ${now} order by requested_at limit ${limit} ${differencesOf(db).skipLocked})
      update disconnect_requests set due_at = ${leaseUntil}, attempts = attempts + 1
      where (provider, subject) in (select provider, subject from due)
      returning provider, subject, encrypted_token, attempts, requested_at`.execute(db)
    return rows
      .map((row): DisconnectRequest => withoutNulls(row))
      .sort((a, b) => a.requestedAt.getTime() - b.requestedAt.getTime())
  },
  postpone: async (provider, subject, at) => {
    await db
      .updateTable('disconnectRequests')
      .set({ dueAt: at })
      .where('provider', '=', provider)
      .where('subject', '=', subject)
      .execute()
  },
  done: async (provider, subject) => {
    await db
      .deleteFrom('disconnectRequests')
      .where('provider', '=', provider)
      .where('subject', '=', subject)
      .execute()
  },
})
