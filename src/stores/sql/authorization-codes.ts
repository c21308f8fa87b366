// The port AuthorizationCodes on SQL.
import type { Selectable } from 'kysely'
import type { AuthorizationCode, AuthorizationCodes } from '../../tokens/authorization-code.ts'
import type { Db } from './connection.ts'
import { json, withoutNulls } from './row.ts'
import type { AuthorizationCodesTable } from './schema.ts'

const columns = [
  'codeHash',
  'clientId',
  'userId',
  'sessionId',
  'redirectUri',
  'scope',
  'resource',
  'nonce',
  'codeChallenge',
  'authTime',
  'amr',
  'issuedAt',
  'expiresAt',
  'redeemedBy',
] as const

const toCode = (row: Selectable<AuthorizationCodesTable>): AuthorizationCode => withoutNulls(row)

export const createSqlAuthorizationCodes = (db: Db): AuthorizationCodes => {
  const find = async (codeHash: string) => {
    const row = await db
      .selectFrom('authorizationCodes')
      .select(columns)
      .where('codeHash', '=', codeHash)
      .executeTakeFirst()
    return row && toCode(row)
  }
  return {
    issue: async (code) => {
      const { scope, resource, amr } = code
      await db
        .insertInto('authorizationCodes')
        .values({ ...code, scope: json(scope), resource: json(resource), amr: json(amr) })
        .execute()
    },
    find,
    redeem: async (codeHash, familyId, now) => {
      const redeemed = await db
        .updateTable('authorizationCodes')
        .set({ redeemedBy: familyId })
        .where('codeHash', '=', codeHash)
        .where('redeemedBy', 'is', null)
        .where('expiresAt', '>', now)
        .returning('codeHash')
        .executeTakeFirst()
      if (redeemed) return { outcome: 'redeemed' }
      // A redeemed or expired code never becomes valid again, so this second read is safe.
      const code = await find(codeHash)
      return code?.redeemedBy === undefined || now >= code.expiresAt
        ? { outcome: 'gone' }
        : { outcome: 'reused', redeemedBy: code.redeemedBy }
    },
  }
}
