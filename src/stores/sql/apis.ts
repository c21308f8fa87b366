// The port Apis on SQL.
import type { Selectable } from 'kysely'
import type { Api, Apis } from '../../clients/api.ts'
import type { Db } from './connection.ts'
import { json, withoutNulls } from './row.ts'
import type { Schema } from './schema.ts'

const columns = [
  'audience',
  'name',
  'scopes',
  'scopeTexts',
  'accessTokenTtlSeconds',
  'tokenType',
  'claims',
  'createdAt',
] as const

const toApi = (row: Selectable<Schema['apis']>): Api => withoutNulls(row)

export const createSqlApis = (db: Db): Apis => {
  const select = () => db.selectFrom('apis').select(columns)
  return {
    create: async (api) =>
      (await db
        .insertInto('apis')
        .values({
          ...api,
          scopes: json(api.scopes),
          scopeTexts: json(api.scopeTexts),
          claims: json(api.claims),
        })
        .onConflict((conflict) => conflict.column('audience').doNothing())
        .returning('audience')
        .executeTakeFirst()) === undefined
        ? 'exists'
        : 'created',
    find: async (audience) => {
      const row = await select().where('audience', '=', audience).executeTakeFirst()
      return row && toApi(row)
    },
    list: async () => (await select().orderBy('audience').execute()).map(toApi),
    change: async (audience, { scopes, scopeTexts, claims, ...plain }) =>
      (await db
        .updateTable('apis')
        // Always set one column, so that an empty change is still valid SQL.
        .set({
          audience,
          ...plain,
          ...(scopes && { scopes: json(scopes) }),
          ...(scopeTexts && { scopeTexts: json(scopeTexts) }),
          ...(claims && { claims: json(claims) }),
        })
        .where('audience', '=', audience)
        .returning('audience')
        .executeTakeFirst()) !== undefined,
    delete: async (audience) =>
      (await db
        .deleteFrom('apis')
        .where('audience', '=', audience)
        .returning('audience')
        .executeTakeFirst()) !== undefined,
  }
}
