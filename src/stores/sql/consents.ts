// The port Consents on SQL.
import type { Consents } from '../../clients/consent.ts'
import type { Db } from './connection.ts'
import { json } from './row.ts'

export const createSqlConsents = (db: Db): Consents => {
  const select = () => db.selectFrom('consents').select(['userId', 'clientId', 'scopes', 'grantedAt'])
  return {
    find: (userId, clientId) =>
      select().where('userId', '=', userId).where('clientId', '=', clientId).executeTakeFirst(),
    grant: ({ userId, clientId, scopes, grantedAt }) =>
      db.transaction().execute(async (trx) => {
        // The insert locks the row, so that two concurrent grants add both their scopes.
        const { scopes: before } = await trx
          .insertInto('consents')
          .values({ userId, clientId, scopes: json([]), grantedAt })
          .onConflict((conflict) => conflict.columns(['userId', 'clientId']).doUpdateSet({ grantedAt }))
          .returning('scopes')
          .executeTakeFirstOrThrow()
        await trx
          .updateTable('consents')
          .set({ scopes: json([...new Set([...before, ...scopes])]) })
          .where('userId', '=', userId)
          .where('clientId', '=', clientId)
          .execute()
      }),
    listOfUser: (userId) => select().where('userId', '=', userId).orderBy('clientId').execute(),
    withdraw: async (userId, clientId) =>
      (await db
        .deleteFrom('consents')
        .where('userId', '=', userId)
        .where('clientId', '=', clientId)
        .returning('userId')
        .executeTakeFirst()) !== undefined,
  }
}
