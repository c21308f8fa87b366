// The port ParkedRequests on SQL.
import type { Selectable } from 'kysely'
import type { ParkedRequest, ParkedRequests } from '../../sessions/parked-request.ts'
import type { Db } from './connection.ts'
import { json, withoutNulls } from './row.ts'
import type { ParkedRequestsTable } from './schema.ts'

const columns = ['idHash', 'request', 'parkedAt', 'expiresAt', 'consentedBySession'] as const

const toRequest = (row: Selectable<ParkedRequestsTable>): ParkedRequest => withoutNulls(row)

export const createSqlParkedRequests = (db: Db): ParkedRequests => ({
  park: async (parked) => {
    await db
      .insertInto('parkedRequests')
      .values({ ...parked, request: json(parked.request) })
      .execute()
  },
  find: async (idHash) => {
    const row = await db
      .selectFrom('parkedRequests')
      .select(columns)
      .where('idHash', '=', idHash)
      .executeTakeFirst()
    return row && toRequest(row)
  },
  consent: async (idHash, sessionId) =>
    (await db
      .updateTable('parkedRequests')
      .set({ consentedBySession: sessionId })
      .where('idHash', '=', idHash)
      .returning('idHash')
      .executeTakeFirst()) !== undefined,
  take: async (idHash) => {
    const row = await db
      .deleteFrom('parkedRequests')
      .where('idHash', '=', idHash)
      .returning(columns)
      .executeTakeFirst()
    return row && toRequest(row)
  },
})
