// The port Users on SQL. Two unique indexes keep e-mail addresses and usernames unique. One query reads a
// user with the roles and their scopes.

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

/** Runs for every token. Planning takes most of the time, so this is one subquery that is simple to plan. */
const heldRoles = sql<readonly [role: string, scopes: readonly string[]][]>`(
  select coalesce(jsonb_agg(jsonb_build_array(roles.name, roles.scopes) order by held.position), '[]')
  from user_roles held join roles on roles.name = held.role
  where held.user_id = users.id)`

type UserRow = Selectable<Pick<UsersTable, (typeof columns)[number]>> & {
  heldRoles: readonly [role: string, scopes: readonly string[]][]
}

const toUser = ({ heldRoles, ...row }: UserRow) => ({
  ...withoutNulls(row),
  roles: heldRoles.map(([role]) => role),
  scopes: [...new Set(heldRoles.flatMap(([, scopes]) => scopes))].sort(),
})

/** The roles with these names, in this order. A name without a role is ignored. */
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

/** The lock prevents the deletion of a role during the insert. */
const giveRoles = (on: Db, userId: UserId, names: readonly string[]) =>
  sql`insert into user_roles (user_id, role, position)
    select ${userId}, chosen.name, chosen.position from (${existingRoles(names)} for key share of roles) chosen`.execute(
    on,
  )

/** Call it in a transaction. @throws the error of a unique index if the address or the username is taken */
export const insertUser = async (on: Db, user: NewUser): Promise<void> => {
  await on.insertInto('users').values(toRow(user)).execute()
  if (user.roles.length > 0) await giveRoles(on, user.id, user.roles)
}

export const createSqlUsers = (db: Db): Users => {
  const select = () => db.selectFrom('users').select(columns).select(heldRoles.as('heldRoles'))

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
          // Lock the roles before the user, in the same order as the deletion of a role, to avoid a deadlock.
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
        with new_disconnect_requests as (
            insert into disconnect_requests (provider, subject, encrypted_token, attempts, requested_at, due_at)
            select provider, subject, encrypted_token, 0, ${now}::timestamptz, ${now}::timestamptz
            from identities where user_id = ${id}
            on conflict (provider, subject) do update set encrypted_token = excluded.encrypted_token,
              attempts = 0, requested_at = excluded.requested_at, due_at = excluded.due_at),
          deleted_user as (delete from users where id = ${id} returning id),
          deleted_consents as (delete from consents where user_id = ${id})
        select id from deleted_user`.execute(db)
      return rows.length > 0
    },
  }
}
