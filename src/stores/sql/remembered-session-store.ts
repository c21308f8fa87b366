// The port RememberedSessionStore on SQL.
import type { RememberedSessionStore } from '../../sessions/session-store.ts'
import type { Db } from './connection.ts'

/** The table has one row. */
const id = 1

export const createSqlRememberedSessionStore = (db: Db): RememberedSessionStore => ({
  read: async () =>
    (await db.selectFrom('installation').select('sessionStore').executeTakeFirst())?.sessionStore,
  write: async (sessionStore) => {
    await db
      .insertInto('installation')
      .values({ id, sessionStore })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ sessionStore }))
      .execute()
  },
})
