// The port Blacklist on SQL.
import { type Selectable, sql } from 'kysely'
import type { Blacklist, Revocation, RevocationKind } from '../../revocation/blacklist.ts'
import type { Db } from './connection.ts'
import { differencesOf } from './differences.ts'
import { prepare } from './prepare.ts'
import { json, withoutNulls } from './row.ts'
import type { BlacklistTable } from './schema.ts'

const columns = ['kind', 'value', 'cutoff', 'revokedAt', 'expiresAt'] as const

const toRevocation = (row: Selectable<BlacklistTable>): Revocation => withoutNulls(row)

export const createSqlBlacklist = (db: Db): Blacklist => {
  const live = (now: Date) => db.selectFrom('blacklist').select(columns).where('expiresAt', '>', now)
  // One statement for any number of names.
  const findNames = prepare(db, (values: { names: string; now: Date }) => {
    const kind = sql<RevocationKind>`elements.value ->> 0`
    const value = sql<string>`elements.value ->> 1`
    return db
      .selectFrom(differencesOf(db).elementsOf(values.names))
      .innerJoin('blacklist', (join) =>
        join.on('blacklist.kind', '=', kind).on('blacklist.value', '=', value),
      )
      .select(columns.map((column) => `blacklist.${column}` as const))
      .where('blacklist.expiresAt', '>', values.now)
  })

  return {
    add: async ({ kind, value, cutoff, revokedAt, expiresAt }) => {
      // An entry without a cut-off revokes all tokens, so it wins. Ignore the cut-off of an expired entry.
      await sql`
        insert into blacklist (kind, value, cutoff, revoked_at, expires_at)
        values (${kind}, ${value}, ${cutoff ?? null}, ${revokedAt}, ${expiresAt})
        on conflict (kind, value) do update set
          cutoff = case
            when blacklist.expires_at <= excluded.revoked_at then excluded.cutoff
            when blacklist.cutoff is null or excluded.cutoff is null then null
            else greatest(blacklist.cutoff, excluded.cutoff) end,
          revoked_at = greatest(blacklist.revoked_at, excluded.revoked_at),
          expires_at = greatest(blacklist.expires_at, excluded.expires_at)`.execute(db)
    },
    find: async (names, now) => {
      if (names.length === 0) return []
      const rows = await findNames({ names: json(names.map(({ kind, value }) => [kind, value])), now })
      return rows.map(toRevocation)
    },
    list: async (now, since) => {
      const query = since === undefined ? live(now) : live(now).where('revokedAt', '>=', since)
      const rows = await query.orderBy('revokedAt').orderBy('kind').orderBy('value').execute()
      return rows.map(toRevocation)
    },
  }
}
