// The port Consents on SQL.
import { sql } from 'kysely'
import type { Consents } from '../../clients/consent.ts'
import type { Db } from './connection.ts'
import { json } from './row.ts'

export const createSqlConsents = (db: Db): Consents => {
  const select = () => db.selectFrom('consents').select(['userId', 'clientId', 'scopes', 'grantedAt'])
  return {
    find: (userId, clientId) =>
      select().where('userId', '=', userId).where('clientId', '=', clientId).executeTakeFirst(),
    grant: async ({ userId, clientId, scopes, grantedAt }) => {
      await db
        .insertInto('consents')
        .values({ userId, clientId, scopes: json(scopes), grantedAt })
        .onConflict((conflict) =>
          conflict.columns(['userId', 'clientId']).doUpdateSet({
            scopes: sql<string>`consents.scopes || (
              select coalesce(jsonb_agg(added.scope), '[]')
              from jsonb_array_elements(excluded.scopes) added(scope)
              where not consents.scopes @> added.scope)`,
            grantedAt: (eb) => eb.ref('excluded.grantedAt'),
          }),
        )
        .execute()
    },
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
