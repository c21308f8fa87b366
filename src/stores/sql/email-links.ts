// The port EmailLinks on SQL. Never in Redis, because a link changes a user in the same transaction.
import { type EmailLink, type EmailLinks, isUsable, type LinkEffect } from '../../email-links/email-link.ts'
import type { UserId } from '../../ids.ts'
import type { Db } from './connection.ts'
import { insertMail, insertMails } from './mail-queue.ts'
import { violatedIndex, withoutNulls } from './row.ts'
import { insertUser, nextCutOff, takenBy } from './users.ts'

const columns = ['tokenHash', 'purpose', 'userId', 'email', 'accountHash', 'createdAt', 'expiresAt'] as const

/** A user has one link for each purpose, so a new link ends the earlier one. */
const insertLink = async (on: Db, { userId, purpose, ...link }: EmailLink) => {
  await on
    .insertInto('emailLinks')
    .values({ userId, purpose, ...link })
    .onConflict((conflict) => conflict.columns(['userId', 'purpose']).doUpdateSet(link))
    .execute()
}

const find = (on: Db, tokenHash: string): Promise<EmailLink | undefined> =>
  on.selectFrom('emailLinks').select(columns).where('tokenHash', '=', tokenHash).executeTakeFirst()

/** Locks the user's row, so that the account cannot change before the transaction ends. */
const lockUser = async (trx: Db, userId: UserId) => {
  const row = await trx
    .selectFrom('users')
    .select(['id', 'email', 'emailVerified', 'passwordHash', 'tokensValidAfter', 'disabledAt'])
    .where('id', '=', userId)
    .forUpdate()
    .executeTakeFirst()
  return row && withoutNulls(row)
}

const changesOf = (trx: Db, link: EmailLink, effect: LinkEffect, now: Date) => {
  const verified = { emailVerified: true, updatedAt: now }
  switch (effect.purpose) {
    case 'confirm_email':
      return verified
    case 'change_email':
      return { ...verified, email: link.email }
    case 'reset_password':
      return { ...verified, passwordHash: effect.passwordHash, tokensValidAfter: nextCutOff(trx, now) }
  }
}

const redeem =
  (db: Db): EmailLinks['redeem'] =>
  async (tokenHash, effect, mails, now) => {
    try {
      return await db.transaction().execute(async (trx) => {
        const link = await find(trx, tokenHash)
        // Lock the user before the link, in the same order as the deletion of a user, to avoid a deadlock.
        const user = link && (await lockUser(trx, link.userId))
        if (link === undefined || !isUsable(link, effect.purpose, user, now)) return 'dead'
        const { numDeletedRows } = await trx
          .deleteFrom('emailLinks')
          .where('tokenHash', '=', tokenHash)
          .executeTakeFirst()
        if (numDeletedRows === 0n) return 'dead'
        await trx
          .updateTable('users')
          .set(changesOf(trx, link, effect, now))
          .where('id', '=', link.userId)
          .execute()
        if (effect.purpose === 'reset_password' && user?.emailVerified === false)
          for (const table of ['identities', 'consents'] as const)
            await trx.deleteFrom(table).where('userId', '=', link.userId).execute()
        await insertMails(trx, mails)
        return 'redeemed'
      })
    } catch (error) {
      if (violatedIndex(error) === 'users_email_key') return 'email_taken'
      throw error
    }
  }

export const createSqlEmailLinks = (db: Db): EmailLinks => ({
  issue: (link, mail) =>
    db.transaction().execute(async (trx) => {
      await insertLink(trx, link)
      await insertMail(trx, mail)
    }),
  register: async (user, link, mail) => {
    try {
      await db.transaction().execute(async (trx) => {
        await insertUser(trx, user)
        await insertLink(trx, link)
        await insertMail(trx, mail)
      })
      return 'created'
    } catch (error) {
      const taken = takenBy(violatedIndex(error))
      if (taken === undefined) throw error
      return taken
    }
  },
  find: (tokenHash) => find(db, tokenHash),
  end: async (userId, purpose) => {
    await db.deleteFrom('emailLinks').where('userId', '=', userId).where('purpose', '=', purpose).execute()
  },
  redeem: redeem(db),
})
