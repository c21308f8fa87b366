// The port Users on SQL. Two unique indexes keep e-mail addresses and usernames unique. user-reads.ts reads.

import { type Insertable, type RawBuilder, sql } from 'kysely'
import type { UserId } from '../../ids.ts'
import { type NewUser, normalEmail, normalUsername, type UserChange, type Users } from '../../users/user.ts'
import type { Db } from './connection.ts'
import { differencesOf } from './differences.ts'
import { insertMails } from './mail-queue.ts'
import { json, violatedIndex } from './row.ts'
import type { UsersTable } from './schema.ts'
import { createUserReads } from './user-reads.ts'

export const takenBy = (index: string | undefined) => {
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

/** A cut-off at `time`, or just after the last one. */
export const nextCutOff = (db: Db, time: Date): RawBuilder<Date> =>
  sql`greatest(${time}, ${differencesOf(db).justAfter('tokens_valid_after')})`

const toChanges = (db: Db, change: UserChange, now: Date) => {
  const { roles: _, email, username, claims, tokensValidAfter, ...plain } = change
  return {
    ...plain,
    ...(tokensValidAfter && { tokensValidAfter: nextCutOff(db, tokensValidAfter) }),
    ...(email !== undefined && { email: email && normalEmail(email) }),
    ...(username !== undefined && { username, usernameKey: username && normalUsername(username) }),
    ...(claims && { claims: json(claims) }),
    updatedAt: now,
  }
}

/**
 * Gives the roles in this order, without the names that no role has. The lock keeps the roles until the
 * end.
 */
export const giveRoles = async (on: Db, userId: UserId, names: readonly string[]) => {
  const wanted = [...new Set(names)]
  if (wanted.length === 0) return
  const roles = await on
    .selectFrom('roles')
    .select('name')
    .where('name', 'in', wanted)
    .orderBy('name')
    .forKeyShare()
    .execute()
  const existing = new Set(roles.map(({ name }) => name))
  const rows = wanted
    .map((role, position) => ({ userId, role, position }))
    .filter(({ role }) => existing.has(role))
  if (rows.length > 0) await on.insertInto('userRoles').values(rows).execute()
}

/** Call it in a transaction. @throws the error of a unique index if the address or the username is taken */
export const insertUser = async (on: Db, user: NewUser): Promise<void> => {
  await on.insertInto('users').values(toRow(user)).execute()
  await giveRoles(on, user.id, user.roles)
}

export const createSqlUsers = (db: Db): Users => {
  return {
    ...createUserReads(db),
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
    change: async (id, change, now, mails = []) => {
      const { roles } = change
      const update = (on: Db) =>
        on
          .updateTable('users')
          .set(toChanges(db, change, now))
          .where('id', '=', id)
          .returning('id')
          .executeTakeFirst()
      try {
        // One statement needs no transaction.
        if (roles === undefined && mails.length === 0) return (await update(db)) ? 'changed' : 'unknown'
        return await db.transaction().execute(async (trx) => {
          // Lock the roles before the user, in the same order as the deletion of a role, to avoid a deadlock.
          if (roles !== undefined && roles.length > 0)
            await trx
              .selectFrom('roles')
              .select('name')
              .where('name', 'in', [...roles])
              .orderBy('name')
              .forKeyShare()
              .execute()
          if (!(await update(trx))) return 'unknown'
          if (roles !== undefined) {
            await trx.deleteFrom('userRoles').where('userId', '=', id).execute()
            await giveRoles(trx, id, roles)
          }
          await insertMails(trx, mails)
          return 'changed'
        })
      } catch (error) {
        const taken = takenBy(violatedIndex(error))
        if (taken === undefined) throw error
        return taken
      }
    },
    verifyEmail: async (id, email, now) =>
      (await db
        .updateTable('users')
        .set({ emailVerified: true, updatedAt: now })
        .where('id', '=', id)
        .where('email', '=', normalEmail(email))
        .returning('id')
        .executeTakeFirst()) !== undefined,
    replacePasswordHash: async (id, from, to) =>
      (await db
        .updateTable('users')
        .set({ passwordHash: to })
        .where('id', '=', id)
        .where('passwordHash', '=', from)
        .returning('id')
        .executeTakeFirst()) !== undefined,
    changePassword: async (read, passwordHash, cutOff, mails = []) => {
      // The conditions are those of hasEndedSince, so that the comparison and the change are one step.
      const update = (on: Db) =>
        on
          .updateTable('users')
          .set({ passwordHash, ...(cutOff && { tokensValidAfter: nextCutOff(db, cutOff) }) })
          .where('id', '=', read.id)
          .where('passwordHash', 'is not distinct from', read.passwordHash ?? null)
          .where('tokensValidAfter', 'is not distinct from', read.tokensValidAfter ?? null)
          .where('disabledAt', 'is', null)
          .returning('tokensValidAfter')
          .executeTakeFirst()
      const row = await db.transaction().execute(async (trx) => {
        const updated = await update(trx)
        if (updated !== undefined) await insertMails(trx, mails)
        return updated
      })
      if (row === undefined) return undefined
      return {
        ...read,
        passwordHash,
        ...(row.tokensValidAfter && { tokensValidAfter: row.tokensValidAfter }),
      }
    },
    delete: (id, now, mails = []) =>
      db.transaction().execute(async (trx) => {
        // Lock the user row, so that no identity is linked between the first statement and the last.
        const user = await trx
          .selectFrom('users')
          .select('id')
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst()
        if (user === undefined) return false
        await sql`
          insert into disconnect_requests (provider, subject, encrypted_token, attempts, requested_at, due_at)
          select provider, subject, encrypted_token, 0, cast(${now} as timestamptz), cast(${now} as timestamptz)
          from identities where user_id = ${id}
          on conflict (provider, subject) do update set encrypted_token = excluded.encrypted_token,
            attempts = 0, requested_at = excluded.requested_at, due_at = excluded.due_at`.execute(trx)
        await trx.deleteFrom('consents').where('userId', '=', id).execute()
        await trx.deleteFrom('users').where('id', '=', id).execute()
        await insertMails(trx, mails)
        return true
      }),
  }
}
