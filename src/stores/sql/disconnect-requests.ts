// The port DisconnectRequests on SQL. Always SQL: what was promised to a person must not be lost.
import { sql } from 'kysely'
import type { DisconnectRequest, DisconnectRequests } from '../../identities/disconnect-requests.ts'
import type { Db } from './connection.ts'
import { withoutNulls } from './row.ts'

export const createSqlDisconnectRequests = (db: Db): DisconnectRequests => ({
  enqueue: async ({ provider, subject, encryptedToken, requestedAt }) => {
    const facts = { encryptedToken: encryptedToken ?? null, attempts: 0, requestedAt, dueAt: requestedAt }
    await db
      .insertInto('disconnectRequests')
      .values({ provider, subject, ...facts })
      .onConflict((conflict) => conflict.columns(['provider', 'subject']).doUpdateSet(facts))
      .execute()
  },
  lease: async (limit, now, leaseUntil) => {
    const { rows } = await sql<DisconnectRequest & { encryptedToken: string | null }>`
      with due as materialized (
        select provider, subject from disconnect_requests
        where due_at <= ${now} order by requested_at limit ${limit} for update skip locked)
      update disconnect_requests taken set due_at = ${leaseUntil}, attempts = taken.attempts + 1
      from due where taken.provider = due.provider and taken.subject = due.subject
      returning taken.provider, taken.subject, taken.encrypted_token, taken.attempts, taken.requested_at`.execute(
      db,
    )
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
