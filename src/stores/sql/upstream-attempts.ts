// The port UpstreamAttempts on SQL.
import type { Selectable } from 'kysely'
import type { LinkConfirmation, UpstreamAttempt, UpstreamAttempts } from '../../sessions/upstream-attempt.ts'
import type { Db } from './connection.ts'
import type { LinkConfirmationsTable, UpstreamAttemptsTable } from './provider-tables.ts'
import { withoutNulls } from './row.ts'

const attemptColumns = [
  'stateHash',
  'provider',
  'nonce',
  'codeVerifier',
  'browserHash',
  'requestId',
  'purpose',
  'sessionId',
  'confirmationId',
  'lang',
  'startedAt',
  'expiresAt',
] as const

const confirmationColumns = [
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

const toAttempt = (row: Selectable<UpstreamAttemptsTable>): UpstreamAttempt => withoutNulls(row)
const toConfirmation = (row: Selectable<LinkConfirmationsTable>): LinkConfirmation => withoutNulls(row)

export const createSqlUpstreamAttempts = (db: Db): UpstreamAttempts => ({
  begin: async (attempt) => {
    await db.insertInto('upstreamAttempts').values(attempt).execute()
  },
  take: async (stateHash, { browserHash, provider }) => {
    const row = await db
      .deleteFrom('upstreamAttempts')
      .where('stateHash', '=', stateHash)
      .where('browserHash', '=', browserHash)
      .where('provider', '=', provider)
      .returning(attemptColumns)
      .executeTakeFirst()
    if (row) return { outcome: 'taken', attempt: toAttempt(row) }
    const others = await db
      .selectFrom('upstreamAttempts')
      .select('stateHash')
      .where('stateHash', '=', stateHash)
      .executeTakeFirst()
    return { outcome: others ? 'foreign' : 'unknown' }
  },
  requestConfirmation: async (link) => {
    await db.insertInto('linkConfirmations').values(link).execute()
  },
  findConfirmation: async (idHash) => {
    const row = await db
      .selectFrom('linkConfirmations')
      .select(confirmationColumns)
      .where('idHash', '=', idHash)
      .executeTakeFirst()
    return row && toConfirmation(row)
  },
  takeConfirmation: async (idHash) => {
    const row = await db
      .deleteFrom('linkConfirmations')
      .where('idHash', '=', idHash)
      .returning(confirmationColumns)
      .executeTakeFirst()
    return row && toConfirmation(row)
  },
})
