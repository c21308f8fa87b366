// The port Users on SQL. Uniqueness is two unique indexes; roles and what they grant come with the user, in one query.

import { type Insertable, type Selectable, type SqlBool, sql, type Updateable } from 'kysely'
import type { UserId } from '../../ids.ts'
import { type NewUser, normalEmail, normalUsername, type UserChange, type Users } from '../../users/user.ts'
import type { Db } from './connection.ts'
import { json, violatedIndex, withoutNulls } from './row.ts'
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

/** One subquery and no unnesting: this is read at every mint, and planning is what it costs. */
const held = sql<readonly [role: string, scopes: readonly string[]][]>`(
  select coalesce(jsonb_agg(jsonb_build_array(roles.name, roles.scopes) order by held.position), '[]')
  from user_roles held join roles on roles.name = held.role
  where held.user_id = users.id)`

type UserRow = Selectable<Pick<UsersTable, (typeof columns)[number]>> & {
  held: readonly [role: string, scopes: readonly string[]][]
}

const toUser = ({ held, ...row }: UserRow) => ({
  ...withoutNulls(row),
  roles: held.map(([role]) => role),
  scopes: [...new Set(held.flatMap(([, scopes]) => scopes))].sort(),
})

/** Names that are no role are left out: the lock keeps a role from being deleted while it is given. */
const existingRoles = (names: readonly string[]) => sql`
  select roles.name, wanted.position
  from jsonb_array_elements_text(${json([...new Set(names)])}::jsonb) with ordinality wanted(name, position)
  join roles on roles.name = wanted.name`

const takenBy = (index: string | undefined) => {
  if (index === 'users_email_key') return 'email_taken'
  return index === 'users_username_key' ? 'username_taken' : undefined
}

const toRow = (user: NewUser): Insertable<UsersTable> => ({
  id: user.id,
  email: user.email === undefined ? null : normalEmail(user.email),
  emailVerified: user.emailVerified,
  username: user.username ?? null,
  usernameKey: user.username === undefined ? null : normalUsername(user.username),
  name: user.name ?? null,
  locale: user.locale ?? null,
  passwordHash: user.passwordHash ?? null,
  claims: json(user.claims),
  onboarded: user.onboarded,
  disabledAt: user.disabledAt ?? null,
  tokensValidAfter: user.tokensValidAfter ?? null,
  createdAt: user.createdAt,
  updatedAt: user.updatedAt,
})

const toChanges = (change: UserChange, now: Date): Updateable<UsersTable> => {
  const { roles: _, email, username, claims, ...plain } = change
  return {
    ...plain,
    ...(email !== undefined && { email: email && normalEmail(email) }),
    ...(username !== undefined && { username, usernameKey: username && normalUsername(username) }),
    ...(claims && { claims: json(claims) }),
    updatedAt: now,
  }
}

const giveRoles = (on: Db, userId: UserId, names: readonly string[]) =>
  sql`insert into user_roles (user_id, role, position)
    select ${userId}, chosen.name, chosen.position from (${existingRoles(names)} for key share of roles) chosen`.execute(
    on,
  )

/** Inside a transaction; the unique indexes refuse what is taken. */
export const insertUser = async (on: Db, user: NewUser): Promise<void> => {
  await on.insertInto('users').values(toRow(user)).execute()
  if (user.roles.length > 0) await giveRoles(on, user.id, user.roles)
}

export const createSqlUsers = (db: Db): Users => {
  const select = () => db.selectFrom('users').select(columns).select(held.as('held'))

  return {
    create: async (user) => {
      try {
        await db.transaction().execute((trx) => insertUser(trx, user))
        return 'created'
      } catch (error) {
        const taken = takenBy(violatedIndex(error))
        if (taken === undefined) throw error
        return taken
      }
    },
    find: async (id) => {
      const row = await select().where('id', '=', id).executeTakeFirst()
      return row && toUser(row)
    },
    findByLogin: async (login) => {
      const row = await (login.includes('@')
        ? select().where('email', '=', normalEmail(login))
        : select().where('usernameKey', '=', normalUsername(login))
      ).executeTakeFirst()
      return row && toUser(row)
    },
    change: async (id, change, now) => {
      const update = (on: Db) =>
        on
          .updateTable('users')
          .set(toChanges(change, now))
          .where('id', '=', id)
          .returning('id')
          .executeTakeFirst()
      try {
        if (change.roles === undefined) return (await update(db)) ? 'changed' : 'unknown'
        const wanted = change.roles
        return await db.transaction().execute(async (trx) => {
          // Roles first, then the user, as a deletion of a role does: in one order nobody waits in a circle.
          await sql`${existingRoles(wanted)} for key share of roles`.execute(trx)
          if (!(await update(trx))) return 'unknown'
          await trx.deleteFrom('userRoles').where('userId', '=', id).execute()
          await giveRoles(trx, id, wanted)
          return 'changed'
        })
      } catch (error) {
        const taken = takenBy(violatedIndex(error))
        if (taken === undefined) throw error
        return taken
      }
    },
    replacePasswordHash: async (id, from, to) =>
      (await db
        .updateTable('users')
        .set({ passwordHash: to })
        .where('id', '=', id)
        .where('passwordHash', '=', from)
        .returning('id')
        .executeTakeFirst()) !== undefined,
    list: async ({ after, limit }) => {
      const rows = await select()
        .where((eb) => (after === undefined ? eb.val<SqlBool>(true) : eb('id', '>', after)))
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(toUser)
    },
    delete: async (id, now) => {
      const { rows } = await sql`
        with disconnect_requests_made as (
            insert into disconnect_requests (provider, subject, encrypted_token, attempts, requested_at, due_at)
            select provider, subject, encrypted_token, 0, ${now}::timestamptz, ${now}::timestamptz
            from identities where user_id = ${id}
            on conflict (provider, subject) do update set encrypted_token = excluded.encrypted_token,
              attempts = 0, requested_at = excluded.requested_at, due_at = excluded.due_at),
          gone as (delete from users where id = ${id} returning id),
          forgotten as (delete from consents where user_id = ${id})
        select id from gone`.execute(db)
      return rows.length > 0
    },
  }
}
