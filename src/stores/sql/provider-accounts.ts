// The steps of the port Identities that write a user and an identity together, in one transaction.
import type { Identities, Identity } from '../../identities/identity.ts'
import { normalEmail } from '../../users/user.ts'
import type { Db } from './connection.ts'
import { json, violatedIndex } from './row.ts'
import { giveRoles, insertUser, nextCutOff } from './users.ts'

const toRow = (identity: Identity) => ({
  ...identity,
  email: identity.email ?? null,
  name: identity.name ?? null,
  encryptedToken: identity.encryptedToken ?? null,
  lockedAt: identity.lockedAt ?? null,
})

export const insertIdentities = (db: Db, identities: readonly Identity[]) =>
  db.insertInto('identities').values(identities.map(toRow))

/** The outcome for a value that is already in use. @throws {unknown} every other error again */
export const takenBy = (error: unknown) => {
  const index = violatedIndex(error)
  if (index === 'users_email_key') return 'email_taken'
  if (index === 'users_username_key') return 'username_taken'
  if (index === 'identities_pkey') return 'taken'
  throw error
}

export const register =
  (db: Db): Identities['register'] =>
  async (user, identities) => {
    try {
      await db.transaction().execute(async (trx) => {
        await insertUser(trx, user)
        await insertIdentities(trx, identities).execute()
      })
      return 'registered'
    } catch (error) {
      return takenBy(error)
    }
  }

/** The condition on `emailVerified` refuses an account whose owner verified the address in the meantime. */
export const takeOver =
  (db: Db): Identities['takeOver'] =>
  async ({ id, email, name, locale, claims, onboarded, roles, updatedAt }, identity) => {
    try {
      return await db.transaction().execute(async (trx) => {
        const user = await trx
          .updateTable('users')
          .set({
            emailVerified: true,
            username: null,
            usernameKey: null,
            name: name ?? null,
            locale: locale ?? null,
            passwordHash: null,
            claims: json(claims),
            onboarded,
            tokensValidAfter: nextCutOff(trx, updatedAt),
            updatedAt,
          })
          .where('id', '=', id)
          .where('email', '=', normalEmail(email))
          .where('emailVerified', '=', false)
          .returning('id')
          .executeTakeFirst()
        if (user === undefined) return 'refused'
        for (const table of ['identities', 'consents', 'userRoles'] as const)
          await trx.deleteFrom(table).where('userId', '=', id).execute()
        await giveRoles(trx, id, roles)
        await insertIdentities(trx, [identity]).execute()
        return 'taken_over'
      })
    } catch (error) {
      if (takenBy(error) === 'taken') return 'taken'
      throw error
    }
  }
