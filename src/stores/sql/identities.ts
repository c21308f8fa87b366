// The port Identities on SQL. The primary key ensures that an identity belongs to only one user.
import type { Selectable } from 'kysely'
import { secondsAfter } from '../../clock.ts'
import type { Identities, Identity } from '../../identities/identity.ts'
import { normalEmail } from '../../users/user.ts'
import type { Db } from './connection.ts'
import type { IdentitiesTable } from './provider-tables.ts'
import { isMissingReference, violatedIndex, withoutNulls } from './row.ts'
import { insertUser } from './users.ts'

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

const toRow = (identity: Identity) => ({
  ...identity,
  email: identity.email ?? null,
  name: identity.name ?? null,
  encryptedToken: identity.encryptedToken ?? null,
  lockedAt: identity.lockedAt ?? null,
})

const select = (db: Db) => db.selectFrom('identities').select(columns)

const insert = (db: Db, identity: Identity) => db.insertInto('identities').values(toRow(identity))

/** The outcome for a value that is already in use. @throws {unknown} every other error again */
const takenBy = (error: unknown) => {
  const index = violatedIndex(error)
  if (index === 'users_email_key') return 'email_taken'
  if (index === 'identities_pkey') return 'taken'
  throw error
}

/** The insert updates an identity of the same user, and returns no row for an identity of another user. */
const link =
  (db: Db): Identities['link'] =>
  async (identity) => {
    try {
      const row = await insert(db, identity)
        .onConflict((conflict) =>
          conflict
            .columns(['provider', 'subject'])
            .doUpdateSet((eb) => ({
              email: eb.ref('excluded.email'),
              emailVerified: eb.ref('excluded.emailVerified'),
              name: eb.ref('excluded.name'),
              encryptedToken: eb.fn.coalesce('excluded.encryptedToken', 'identities.encryptedToken'),
              lastUsedAt: eb.ref('excluded.lastUsedAt'),
            }))
            .whereRef('identities.userId', '=', 'excluded.userId'),
        )
        .returning('userId')
        .executeTakeFirst()
      return row ? 'linked' : 'taken'
    } catch (error) {
      if (isMissingReference(error)) return 'unknown'
      throw error
    }
  }

const register =
  (db: Db): Identities['register'] =>
  async (user, identity) => {
    try {
      await db.transaction().execute(async (trx) => {
        await insertUser(trx, user)
        await insert(trx, identity).execute()
      })
      return 'registered'
    } catch (error) {
      return takenBy(error)
    }
  }

/** The condition on `emailVerified` refuses an account whose owner verified the address in the meantime. */
const takeOver =
  (db: Db): Identities['takeOver'] =>
  async (identity) => {
    try {
      return await db.transaction().execute(async (trx) => {
        const user = await trx
          .updateTable('users')
          .set((eb) => ({
            passwordHash: null,
            emailVerified: true,
            tokensValidAfter: eb.fn<Date>('greatest', [
              'tokensValidAfter',
              eb.val(secondsAfter(identity.linkedAt, -1)),
            ]),
            updatedAt: identity.linkedAt,
          }))
          .where('id', '=', identity.userId)
          .where('email', '=', normalEmail(identity.email))
          .where('emailVerified', '=', false)
          .returning('id')
          .executeTakeFirst()
        if (user === undefined) return 'refused'
        await trx.deleteFrom('identities').where('userId', '=', identity.userId).execute()
        await insert(trx, identity).execute()
        return 'taken_over'
      })
    } catch (error) {
      if (takenBy(error) === 'taken') return 'taken'
      throw error
    }
  }

const unlink =
  (db: Db): Identities['unlink'] =>
  (userId, provider, subject) =>
    db.transaction().execute(async (trx) => {
      // Lock the user row, so that two concurrent unlinks cannot remove the last login method.
      const user = await trx
        .selectFrom('users')
        .select('passwordHash')
        .where('id', '=', userId)
        .forNoKeyUpdate()
        .executeTakeFirst()
      const own = await trx
        .selectFrom('identities')
        .select(['provider', 'subject'])
        .where('userId', '=', userId)
        .execute()
      const isOwn = own.some((each) => each.provider === provider && each.subject === subject)
      if (user === undefined || !isOwn) return 'unknown'
      if (user.passwordHash === null && own.length === 1) return 'last_login_method'
      await trx
        .deleteFrom('identities')
        .where('provider', '=', provider)
        .where('subject', '=', subject)
        .where('userId', '=', userId)
        .execute()
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
  used: async (provider, subject, now) => {
    await db
      .updateTable('identities')
      .set({ lastUsedAt: now })
      .where('provider', '=', provider)
      .where('subject', '=', subject)
      .execute()
  },
})
