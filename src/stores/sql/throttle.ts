// The port LoginAttempts on SQL. The insert locks the row, so concurrent first attempts take turns.
import { sql } from 'kysely'
import { decideAttempt, type LoginAttempts } from '../../throttle/login-attempts.ts'
import type { Db } from './connection.ts'

const longAgo = new Date(0)

export const createSqlLoginAttempts = (db: Db): LoginAttempts => ({
  attempt: (key, policy, now) =>
    db.transaction().execute(async (trx) => {
      const stored = await trx
        .insertInto('loginAttempts')
        // A counter that expires now has no effect, so the first attempt begins at zero.
        .values({ key, count: 0, nextAllowedAt: now, expiresAt: now })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ key }))
        .returning(['count', 'nextAllowedAt', 'expiresAt'])
        .executeTakeFirstOrThrow()
      const { attempt, next } = decideAttempt(stored, policy, now)
      if (next) await trx.updateTable('loginAttempts').set(next).where('key', '=', key).execute()
      return attempt
    }),
  reset: async (key) => {
    await db.deleteFrom('loginAttempts').where('key', '=', key).execute()
  },
  undo: async (key) => {
    await db
      .updateTable('loginAttempts')
      .set({ count: sql<number>`greatest(count - 1, 0)`, nextAllowedAt: longAgo })
      .where('key', '=', key)
      .execute()
  },
})
