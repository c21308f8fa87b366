// The port Clients on SQL. A deletion also deletes the consents, because another app may get the id later.
import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Client, ClientChange, Clients } from '../../clients/client.ts'
import type { Db } from './connection.ts'
import { differencesOf } from './differences.ts'
import { json, withoutNulls } from './row.ts'
import type { ClientsTable } from './schema.ts'

const columns = [
  'id',
  'name',
  'secretHash',
  'previousSecretHash',
  'previousSecretExpiresAt',
  'redirectUris',
  'postLogoutRedirectUris',
  'origins',
  'grants',
  'scopes',
  'audiences',
  'defaultAudience',
  'introspects',
  'firstParty',
  'pkceRequired',
  'refreshPolicy',
  'responseModes',
  'oneSession',
  'createdAt',
] as const satisfies (keyof ClientsTable)[]

const jsonMembers = [
  'redirectUris',
  'postLogoutRedirectUris',
  'origins',
  'grants',
  'scopes',
  'audiences',
  'introspects',
  'refreshPolicy',
  'responseModes',
] as const

const toChanges = (change: ClientChange): Updateable<ClientsTable> => {
  const { redirectUris, postLogoutRedirectUris, origins, grants, scopes, ...others } = change
  const { audiences, introspects, refreshPolicy, responseModes, ...plain } = others
  const lists = { redirectUris, postLogoutRedirectUris, origins, grants, scopes, audiences, introspects }
  const changed = Object.entries({ ...lists, refreshPolicy, responseModes }).filter(
    ([, value]) => value !== undefined,
  )
  return { ...plain, ...Object.fromEntries(changed.map(([name, value]) => [name, json(value)])) }
}

const toClient = (row: Selectable<ClientsTable>): Client => withoutNulls(row)

const toRow = (client: Client): Insertable<ClientsTable> => {
  const lists = Object.fromEntries(jsonMembers.map((name) => [name, json(client[name])])) as Record<
    (typeof jsonMembers)[number],
    string
  >
  return { ...client, ...lists }
}

export const createSqlClients = (db: Db): Clients => {
  const select = () => db.selectFrom('clients').select(columns)
  return {
    create: async (client) =>
      (await db
        .insertInto('clients')
        .values(toRow(client))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returning('id')
        .executeTakeFirst()) === undefined
        ? 'exists'
        : 'created',
    find: async (id) => {
      const row = await select().where('id', '=', id).executeTakeFirst()
      return row && toClient(row)
    },
    findByOrigin: async (origin) => {
      const rows = await select()
        .where(differencesOf(db).contains('clients.origins', origin))
        .orderBy('id')
        .execute()
      return rows.map(toClient)
    },
    list: async () => (await select().orderBy('id').execute()).map(toClient),
    change: async (id, change) =>
      (await db
        .updateTable('clients')
        // Always set one column, so that an empty change is still valid SQL.
        .set({ id, ...toChanges(change) })
        .where('id', '=', id)
        .returning('id')
        .executeTakeFirst()) !== undefined,
    delete: (id) =>
      db.transaction().execute(async (trx) => {
        const deleted = await trx
          .deleteFrom('clients')
          .where('id', '=', id)
          .returning('id')
          .executeTakeFirst()
        if (deleted === undefined) return false
        await trx.deleteFrom('consents').where('clientId', '=', id).execute()
        return true
      }),
  }
}
