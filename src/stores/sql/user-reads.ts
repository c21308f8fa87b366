// Reads users with their roles and scopes. Reads of the same turn of the event loop share one statement.
import DataLoader from 'dataloader'
import { type Selectable, type SqlBool, sql } from 'kysely'
import type { ClientId, UserId } from '../../ids.ts'
import { normalEmail, normalUsername, type Users, type UserWithConsent } from '../../users/user.ts'
import type { Db } from './connection.ts'
import { differencesOf } from './differences.ts'
import { prepare } from './prepare.ts'
import { json, withoutNulls } from './row.ts'
import type { UsersTable } from './schema.ts'

const columns = [
  'id',
  'email',
  'emailVerified',
  'username',
  'name',
  'locale',
  'passwordHash',
  'claims',
  'onboarded',
  'disabledAt',
  'tokensValidAfter',
  'createdAt',
  'updatedAt',
] as const

type UserRow = Selectable<Pick<UsersTable, (typeof columns)[number]>> & {
  heldRoles: readonly [role: string, scopes: readonly string[]][]
}

const toUser = ({ heldRoles, ...row }: UserRow) => ({
  ...withoutNulls(row),
  roles: heldRoles.map(([role]) => role),
  scopes: [...new Set(heldRoles.flatMap(([, scopes]) => scopes))].sort(),
})

/** A user, and perhaps the client whose consent is read with the user. */
type Wanted = readonly [userId: UserId, clientId?: ClientId]

const createLoader = (db: Db) => {
  const { elementsOf, rolesOfUser } = differencesOf(db)
  const [userId, clientId] = [sql<string>`elements.value ->> 0`, sql<string>`elements.value ->> 1`]
  const read = prepare(db, (values: { wanted: string }) =>
    db
      .selectFrom(elementsOf(values.wanted))
      .innerJoin('users', (join) => join.on('users.id', '=', userId))
      .select(columns.map((column) => `users.${column}` as const))
      .select(rolesOfUser.as('heldRoles'))
      .select((eb) => [
        clientId.as('clientId'),
        eb
          .selectFrom('consents')
          .select('consents.scopes')
          .whereRef('consents.userId', '=', 'users.id')
          .where('consents.clientId', '=', clientId)
          .as('consentedScopes'),
      ]),
  )
  const keyOf = (id: string, client: string | null | undefined) => JSON.stringify([id, client ?? null])

  return new DataLoader<Wanted, UserWithConsent>(
    async (wanted) => {
      const rows = await read({ wanted: json(wanted) })
      const found = new Map(
        rows.map(({ clientId, consentedScopes, ...row }) => [
          keyOf(row.id, clientId),
          { user: toUser(row), ...(consentedScopes && { consent: { scopes: consentedScopes } }) },
        ]),
      )
      return wanted.map(([id, client]) => found.get(keyOf(id, client)) ?? {})
    },
    { cache: false, maxBatchSize: 256, batchScheduleFn: setImmediate },
  )
}

export const createUserReads = (db: Db): Pick<Users, 'find' | 'findWithConsent' | 'findByLogin' | 'list'> => {
  const { rolesOfUser } = differencesOf(db)
  const select = () => db.selectFrom('users').select(columns).select(rolesOfUser.as('heldRoles'))
  const loader = createLoader(db)

  return {
    find: async (id) => (await loader.load([id])).user,
    findWithConsent: (id, clientId) => loader.load([id, clientId]),
    findByLogin: async (login) => {
      const row = await (login.includes('@')
        ? select().where('email', '=', normalEmail(login))
        : select().where('usernameKey', '=', normalUsername(login))
      ).executeTakeFirst()
      return row && toUser(row)
    },
    list: async ({ after, limit }) => {
      const rows = await select()
        .where((eb) => (after === undefined ? eb.val<SqlBool>(true) : eb('id', '>', after)))
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(toUser)
    },
  }
}
