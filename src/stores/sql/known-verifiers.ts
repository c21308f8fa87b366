// The port KnownVerifiers on SQL.
import { secondsAfter } from '../../clock.ts'
import { isRefused, type KnownVerifiers, knownForSeconds } from '../../keys/known-verifiers.ts'
import type { Db } from './connection.ts'
import { differencesOf } from './differences.ts'
import { json } from './row.ts'

/** An older version wrote no network. */
const withNetwork = <Row extends { network: string | null }>(row: Row): Row & { network: string } => ({
  ...row,
  network: row.network ?? '',
})

export const createSqlKnownVerifiers = (db: Db): KnownVerifiers => ({
  record: ({ name, kids, network, seenAt }) =>
    db.transaction().execute(async (trx) => {
      // Calls run one after the other, because a row lock cannot protect the count of rows.
      await differencesOf(db).lockByName('known verifiers')?.execute(trx)
      const forgottenBefore = secondsAfter(seenAt, -knownForSeconds)
      await trx.deleteFrom('knownVerifiers').where('seenAt', '<=', forgottenBefore).execute()
      const known = await trx.selectFrom('knownVerifiers').select(['name', 'network']).execute()
      if (isRefused({ name, network }, known.map(withNetwork))) return 'full'
      await trx
        .insertInto('knownVerifiers')
        .values({ name, kids: json(kids), network, seenAt })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ kids: json(kids), network, seenAt })
            .where('knownVerifiers.seenAt', '<=', seenAt),
        )
        .execute()
      return 'accepted'
    }),
  list: async () => {
    const columns = ['name', 'kids', 'network', 'seenAt'] as const
    const rows = await db.selectFrom('knownVerifiers').select(columns).orderBy('name').execute()
    return rows.map(withNetwork)
  },
})
