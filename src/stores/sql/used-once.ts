// The port UsedOnce on SQL.
import type { UsedOnce } from '../../sessions/used-once.ts'
import type { Db } from './connection.ts'

export const createSqlUsedOnce = (db: Db): UsedOnce => ({
  use: async (id, _usedAt, expiresAt) => {
    const row = await db
      .insertInto('usedOnce')
      .values({ id, expiresAt })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst()
    return row === undefined ? 'again' : 'first'
  },
  isUsed: async (id) =>
    (await db.selectFrom('usedOnce').select('id').where('id', '=', id).executeTakeFirst()) !== undefined,
})
