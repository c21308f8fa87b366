// Shows whether the database accepts writes: a full disk or a read-only replica answers reads only.
import { type Clock, secondsAfter } from '../../clock.ts'
import type { Db } from './connection.ts'

/** Longer than any pause between two probes, so that there is at most one row. */
const keepSeconds = 3600

/** @throws {Unavailable} if the database does not accept a write */
export const createSqlWriteProbe =
  (db: Db, clock: Clock): (() => Promise<void>) =>
  async () => {
    const expiresAt = secondsAfter(clock.now(), keepSeconds)
    await db
      .insertInto('usedOnce')
      .values({ id: 'write-probe', expiresAt })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ expiresAt }))
      .execute()
  }
