// The port Identities on SQL. The primary key ensures that an identity belongs to only one user.
import type { Selectable } from 'kysely'
import type { Identities, Identity } from '../../identities/identity.ts'
import type { UserId } from '../../ids.ts'
import { type AccessFacts, hasEndedSince } from '../../users/user.ts'
import type { Db } from './connection.ts'
import { insertMails } from './mail-queue.ts'
import { insertIdentities, register, takenBy, takeOver } from './provider-accounts.ts'
import type { IdentitiesTable } from './provider-tables.ts'
import { withoutNulls } from './row.ts'

const columns = [
  'provider',
  'subject',
  'userId',
  'email',
  'emailVerified',
  'name',
  'encryptedToken',
  'linkedAt',
  'lastUsedAt',
  'lockedAt',
] as const

const toIdentity = (row: Selectable<Pick<IdentitiesTable, (typeof columns)[number]>>): Identity =>
  withoutNulls(row)

const select = (db: Db) => db.selectFrom('identities').select(columns)

/** A sign-in updates these facts of an identity, but not `linkedAt` and `lockedAt`. */
const factsOf = ({ email, emailVerified, name, lastUsedAt }: Identity) => ({
  email: email ?? null,
  emailVerified,
  name: name ?? null,
  lastUsedAt,
})

/** Locks the user's row, so that nothing ends the user's access before the transaction ends. */
const lockUser = async (trx: Db, userId: UserId): Promise<AccessFacts | undefined> => {
  const row = await trx
    .selectFrom('users')
    .select(['passwordHash', 'tokensValidAfter', 'disabledAt'])
    .where('id', '=', userId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row && withoutNulls(row)
}

/** The insert updates an identity of the same user, and returns no row for an identity of another user. */
const link =
  (db: Db): Identities['link'] =>
  (identity, read, mails = []) =>
    db.transaction().execute(async (trx) => {
      if (hasEndedSince(read, await lockUser(trx, identity.userId))) return 'ended'
      const row = await insertIdentities(trx, [identity])
        .onConflict((conflict) =>
          conflict
            .columns(['provider', 'subject'])
            .doUpdateSet((eb) => ({
              ...factsOf(identity),
              encryptedToken: eb.fn.coalesce('excluded.encryptedToken', 'identities.encryptedToken'),
            }))
            .whereRef('identities.userId', '=', 'excluded.userId'),
        )
        .returning('linkedAt')
        .executeTakeFirst()
      if (row === undefined) return 'taken'
      // An update keeps the earlier time.
      if (row.linkedAt.getTime() === identity.linkedAt.getTime()) await insertMails(trx, mails)
      return 'linked'
    })

const add =
  (db: Db): Identities['add'] =>
  async (read, identities, mails) => {
    try {
      return await db.transaction().execute(async (trx) => {
        if (hasEndedSince(read, await lockUser(trx, read.id))) return 'ended'
        await insertIdentities(trx, identities).execute()
        await insertMails(trx, mails)
        return 'added'
      })
    } catch (error) {
      if (takenBy(error) === 'taken') return 'taken'
      throw error
    }
  }

const use =
  (db: Db): Identities['use'] =>
  async (identity) =>
    (await db
      .updateTable('identities')
      .set({
        ...factsOf(identity),
        ...(identity.encryptedToken !== undefined && { encryptedToken: identity.encryptedToken }),
      })
      .where('provider', '=', identity.provider)
      .where('subject', '=', identity.subject)
      .where('userId', '=', identity.userId)
      .where('lockedAt', 'is', null)
      .returning('userId')
      .executeTakeFirst()) !== undefined

const unlink =
  (db: Db): Identities['unlink'] =>
  (userId, provider, subject, mails = []) =>
    db.transaction().execute(async (trx) => {
      // Lock the user row, so that two concurrent unlinks cannot remove the last login method.
      const user = await lockUser(trx, userId)
      const own = await trx
        .selectFrom('identities')
        .select(['provider', 'subject'])
        .where('userId', '=', userId)
        .execute()
      const isOwn = own.some((each) => each.provider === provider && each.subject === subject)
      if (user === undefined || !isOwn) return 'unknown'
      if (user.passwordHash === undefined && own.length === 1) return 'last_login_method'
      await trx
        .deleteFrom('identities')
        .where('provider', '=', provider)
        .where('subject', '=', subject)
        .where('userId', '=', userId)
        .execute()
      await insertMails(trx, mails)
      return 'unlinked'
    })

/** Skips rows that another worker is leasing, so that concurrent calls get different identities. */
const leaseForCheck =
  (db: Db): Identities['leaseForCheck'] =>
  async (provider, before, now, limit) => {
    const rows = await db
      .with('due', (due) =>
        due
          .selectFrom('identities')
          .select(['provider', 'subject'])
          .where('provider', '=', provider)
          .where((eb) => eb.fn.coalesce('checkedAt', 'linkedAt'), '<', before)
          .where('lastUsedAt', '<', before)
          .orderBy((eb) => eb.fn.coalesce('checkedAt', 'linkedAt'))
          .limit(limit)
          .forUpdate()
          .skipLocked(),
      )
      .updateTable('identities')
      .set({ checkedAt: now })
      .where((eb) =>
        eb(
          eb.refTuple('provider', 'subject'),
          'in',
          eb.selectFrom('due').select(['provider', 'subject']).$asTuple('provider', 'subject'),
        ),
      )
      .returning(columns)
      .execute()
    return rows.map(toIdentity)
  }

export const createSqlIdentities = (db: Db): Identities => ({
  find: async (provider, subject) => {
    const row = await select(db)
      .where('provider', '=', provider)
      .where('subject', '=', subject)
      .executeTakeFirst()
    return row && toIdentity(row)
  },
  listOfUser: async (userId) => {
    const rows = await select(db)
      .where('userId', '=', userId)
      .orderBy('provider')
      .orderBy('subject')
      .execute()
    return rows.map(toIdentity)
  },
  link: link(db),
  add: add(db),
  use: use(db),
  register: register(db),
  takeOver: takeOver(db),
  unlink: unlink(db),
  forget: async (provider, subject) => {
    const row = await db
      .deleteFrom('identities')
      .where('provider', '=', provider)
      .where('subject', '=', subject)
      .returning(columns)
      .executeTakeFirst()
    return row && toIdentity(row)
  },
  lock: async (provider, subject, lockedAt) => {
    await db
      .updateTable('identities')
      .set({ lockedAt: lockedAt ?? null })
      .where('provider', '=', provider)
      .where('subject', '=', subject)
      .execute()
  },
  leaseForCheck: leaseForCheck(db),
})
