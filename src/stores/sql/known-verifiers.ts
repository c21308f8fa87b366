// The port KnownVerifiers on SQL.
import { secondsAfter } from '../../clock.ts'
import { type KnownVerifiers, knownForSeconds, maxKnownVerifiers } from '../../keys/known-verifiers.ts'
import type { Db } from './connection.ts'
import { differencesOf } from './differences.ts'
import { json } from './row.ts'

export const createSqlKnownVerifiers = (db: Db): KnownVerifiers => ({
  record: ({ name, kids, seenAt }) =>
    db.transaction().execute(async (trx) => {
      // Calls run one after the other, because a row lock cannot protect the count of rows.
      await differencesOf(db).lockByName('known verifiers')?.execute(trx)
      const forgottenBefore = secondsAfter(seenAt, -knownForSeconds)
      await trx.deleteFrom('knownVerifiers').where('seenAt', '<=', forgottenBefore).execute()
      const others = await trx.selectFrom('knownVerifiers').select('name').where('name', '!=', name).execute()
      if (others.length >= maxKnownVerifiers) return 'full'
      await trx
        .insertInto('knownVerifiers')
        .values({ name, kids: json(kids), seenAt })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ kids: json(kids), seenAt })
            .where('knownVerifiers.seenAt', '<=', seenAt),
        )
        .execute()
      return 'accepted'
    }),
  list: () => db.selectFrom('knownVerifiers').select(['name', 'kids', 'seenAt']).orderBy('name').execute(),
})
