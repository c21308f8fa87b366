// The port SigningKeys on SQL. An update locks the whole table, so that two rotations never see the same set.
import type { Insertable, Selectable } from 'kysely'
import type { SigningKey, SigningKeys } from '../../keys/signing-keys.ts'
import type { Db } from './connection.ts'
import { differencesOf } from './differences.ts'
import { json, withoutNulls } from './row.ts'
import type { SigningKeysTable } from './schema.ts'

const columns = [
  'kid',
  'alg',
  'publicJwk',
  'encryptedPrivateKey',
  'createdAt',
  'publishedAt',
  'activatesAt',
  'retiresAt',
  'removedAt',
  'revokedAt',
] as const

const toKey = (row: Selectable<SigningKeysTable>): SigningKey => withoutNulls(row)

const toRow = (key: SigningKey): Insertable<SigningKeysTable> => ({
  ...key,
  publicJwk: json(key.publicJwk),
  activatesAt: key.activatesAt ?? null,
  retiresAt: key.retiresAt ?? null,
  removedAt: key.removedAt ?? null,
  revokedAt: key.revokedAt ?? null,
})

export const createSqlSigningKeys = (db: Db): SigningKeys => {
  const list = async (on: Db) =>
    (await on.selectFrom('signingKeys').select(columns).orderBy('createdAt').orderBy('kid').execute()).map(
      toKey,
    )

  return {
    list: () => list(db),
    update: (change) =>
      db.transaction().execute(async (trx) => {
        // The lock allows other transactions to read but not to write.
        await differencesOf(db).lockSigningKeys?.execute(trx)
        const before = await list(trx)
        const known = new Set<SigningKey>(before)
        const changed = change(before).filter((key) => !known.has(key))
        for (const key of changed) {
          const row = toRow(key)
          await trx
            .insertInto('signingKeys')
            .values(row)
            .onConflict((conflict) => conflict.column('kid').doUpdateSet(row))
            .execute()
        }
        return changed.length === 0 ? before : list(trx)
      }),
  }
}
