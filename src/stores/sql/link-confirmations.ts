// The port LinkConfirmations on SQL.
import type { Selectable } from 'kysely'
import type { LinkConfirmation, LinkConfirmations } from '../../sessions/link-confirmation.ts'
import type { Db } from './connection.ts'
import type { LinkConfirmationsTable } from './provider-tables.ts'
import { withoutNulls } from './row.ts'

const columns = [
  'idHash',
  'browserHash',
  'provider',
  'subject',
  'email',
  'emailVerified',
  'name',
  'encryptedToken',
  'requestId',
  'createdAt',
  'expiresAt',
] as const

const toConfirmation = (row: Selectable<LinkConfirmationsTable>): LinkConfirmation => withoutNulls(row)

export const createSqlLinkConfirmations = (db: Db): LinkConfirmations => ({
  request: async ({ name, encryptedToken, requestId, ...confirmation }) => {
    const row = {
      ...confirmation,
      name: name ?? null,
      encryptedToken: encryptedToken ?? null,
      requestId: requestId ?? null,
    }
    await db
      .insertInto('linkConfirmations')
      .values(row)
      .onConflict((conflict) => conflict.column('idHash').doUpdateSet(row))
      .execute()
  },
  find: async (idHash) => {
    const row = await db
      .selectFrom('linkConfirmations')
      .select(columns)
      .where('idHash', '=', idHash)
      .executeTakeFirst()
    return row && toConfirmation(row)
  },
  take: async (idHash) => {
    const row = await db
      .deleteFrom('linkConfirmations')
      .where('idHash', '=', idHash)
      .returning(columns)
      .executeTakeFirst()
    return row && toConfirmation(row)
  },
})
