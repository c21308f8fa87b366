// The port RefreshTokens on SQL. A normal rotation is one UPDATE, a compare-and-swap. In every other case the
// row is locked, and the rules of sessions/family.ts decide.
import { type Selectable, sql } from 'kysely'
import {
  type Acceptance,
  type Decision,
  decideAcceptance,
  decideRotation,
  type Family,
  type RefreshAttempt,
  type RefreshTokens,
  type Rotation,
} from '../../sessions/family.ts'
import type { Db } from './connection.ts'
import { prepare } from './prepare.ts'
import { json, withoutNulls } from './row.ts'
import type { RefreshFamiliesTable } from './schema.ts'

const columns = [
  'id',
  'clientId',
  'userId',
  'sessionId',
  'startedBy',
  'scope',
  'resource',
  'authTime',
  'amr',
  'generation',
  'salt',
  'startedAt',
  'rotatedAt',
  'rotationNetwork',
  'rotationUserAgent',
  'replays',
  'replayedGeneration',
  'replayRun',
  'idleExpiresAt',
  'expiresAt',
  'revokedAt',
] as const

const toFamily = (row: Selectable<RefreshFamiliesTable>): Family => {
  const { replayedGeneration, ...members } = withoutNulls(row)
  return {
    ...members,
    generation: Number(row.generation),
    replays: Number(row.replays),
    ...(replayedGeneration !== undefined && { replayedGeneration: Number(replayedGeneration) }),
  }
}

export const createSqlRefreshTokens = (db: Db): RefreshTokens => {
  /** Updates a family only if it is active and the generation is the newest one. */
  const updateCurrent = (values: RefreshAttempt & { id: string }) =>
    db
      .updateTable('refreshFamilies')
      .set({ idleExpiresAt: sql<Date>`least(${values.idleExpiresAt}, expires_at)` })
      .where('id', '=', values.id)
      .where('generation', '=', values.generation)
      .where('revokedAt', 'is', null)
      .where('expiresAt', '>', values.now)
      .where('idleExpiresAt', '>', values.now)
      .returning('id')

  const find = prepare(db, (values: { id: string }) =>
    db.selectFrom('refreshFamilies').select(columns).where('id', '=', values.id),
  )
  const rotateCurrent = prepare(db, (values: RefreshAttempt & { id: string; next: number }) =>
    updateCurrent(values).set({
      generation: values.next,
      rotatedAt: values.now,
      rotationNetwork: values.network,
      rotationUserAgent: values.userAgent,
    }),
  )
  const keepCurrent = prepare(db, updateCurrent)

  const decideLocked = <Outcome extends Rotation | Acceptance>(
    id: string,
    attempt: RefreshAttempt,
    decide: (family: Family, attempt: RefreshAttempt) => Decision<Outcome>,
  ): Promise<Outcome | 'gone'> =>
    db.transaction().execute(async (trx) => {
      const row = await trx
        .selectFrom('refreshFamilies')
        .select(columns)
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst()
      if (row === undefined) return 'gone'
      const { outcome, changes } = decide(toFamily(row), attempt)
      if (Object.keys(changes).length > 0)
        await trx.updateTable('refreshFamilies').set(changes).where('id', '=', id).execute()
      return outcome
    })

  return {
    start: async (family) => {
      const { scope, resource, amr } = family
      await db
        .insertInto('refreshFamilies')
        .values({ ...family, scope: json(scope), resource: json(resource), amr: json(amr) })
        .execute()
    },
    find: async (id) => {
      const [row] = await find({ id })
      return row && toFamily(row)
    },
    rotate: async (id, attempt) => {
      const rotated = await rotateCurrent({ ...attempt, id, next: attempt.generation + 1 })
      return rotated.length > 0 ? 'rotated' : decideLocked(id, attempt, decideRotation)
    },
    acceptCurrent: async (id, attempt) => {
      const accepted = await keepCurrent({ ...attempt, id })
      return accepted.length > 0 ? 'accepted' : decideLocked(id, attempt, decideAcceptance)
    },
    revoke: async (id, now) =>
      (await db
        .updateTable('refreshFamilies')
        .set({ revokedAt: now })
        .where('id', '=', id)
        .where('revokedAt', 'is', null)
        .returning('id')
        .executeTakeFirst()) !== undefined,
  }
}
