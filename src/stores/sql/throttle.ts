// The port Throttle on SQL: one row for each budget, and one for each network from which a user signed in.
// Times of budgets are numbers (ms), so that one statement can change several of them.
import { sql } from 'kysely'
import {
  type Budget,
  type FullTimes,
  maxNetworksPerUser,
  refusalOf,
  type Settlement,
  type Taken,
  type Throttle,
  tooManyRecords,
  type Use,
  type UserNetwork,
} from '../../throttle/throttle.ts'
import type { Db } from './connection.ts'
import { differencesOf } from './differences.ts'

/** Counting all rows takes some milliseconds, so an instance does it at most once in this time. */
const recountMs = 10_000

/** More than any budget, so that it is full without it. */
const allMs = 1e15

const readTimes = async (db: Db, keys: readonly string[]): Promise<FullTimes> => {
  const rows = await db
    .selectFrom('throttleBudgets')
    .select(['key', 'fullMs'])
    .where('key', 'in', keys)
    .execute()
  return new Map(rows.map(({ key, fullMs }) => [key, new Date(fullMs)]))
}

/**
 * Adds to the times of budgets, and returns the times before. A budget that is full counts from now. The rows
 * are locked in the order of their keys, so that two transactions never wait for each other.
 */
const addToTimes = async (db: Db, changes: ReadonlyMap<string, number>, now: Date): Promise<FullTimes> => {
  const nowMs = now.getTime()
  const sorted = [...changes].sort(([a], [b]) => (a < b ? -1 : 1))
  const rows = await db
    .insertInto('throttleBudgets')
    .values(sorted.map(([key, addMs]) => ({ key, fullMs: nowMs + addMs })))
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({
        fullMs: sql<number>`greatest(throttle_budgets.full_ms, ${nowMs}) + excluded.full_ms - ${nowMs}`,
      }),
    )
    .returning(['key', 'fullMs'])
    .execute()
  return new Map(rows.map(({ key, fullMs }) => [key, new Date(fullMs - (changes.get(key) ?? 0))]))
}

const isKnown = async (db: Db, { userId, network }: UserNetwork, now: Date): Promise<boolean> =>
  (await db
    .selectFrom('knownNetworks')
    .select('network')
    .where('userId', '=', userId)
    .where('network', '=', network)
    .where('expiresAt', '>', now)
    .executeTakeFirst()) !== undefined

const remember = async (db: Db, { userId, network, until }: NonNullable<Settlement['remember']>) => {
  const extended = await db
    .updateTable('knownNetworks')
    .set({ expiresAt: until })
    .where('userId', '=', userId)
    .where('network', '=', network)
    .returning('network')
    .executeTakeFirst()
  if (extended !== undefined) return
  await db.transaction().execute(async (trx) => {
    // A row lock cannot protect the number of rows.
    await differencesOf(trx).lockByName(`networks of ${userId}`)?.execute(trx)
    await trx
      .insertInto('knownNetworks')
      .values({ userId, network, expiresAt: until })
      .onConflict((conflict) => conflict.columns(['userId', 'network']).doUpdateSet({ expiresAt: until }))
      .execute()
    await trx
      .deleteFrom('knownNetworks')
      .where('userId', '=', userId)
      .where('network', 'not in', (eb) =>
        eb
          .selectFrom('knownNetworks')
          .select('network')
          .where('userId', '=', userId)
          .orderBy('expiresAt', 'desc')
          .orderBy('network')
          .limit(maxNetworksPerUser),
      )
      .execute()
  })
}

/** Ends a transaction without effect. */
class Refused extends Error {
  readonly taken: Taken

  constructor(taken: Taken) {
    super('a budget is spent')
    this.taken = taken
  }
}

const takeTogether = async (db: Db, budgets: readonly Budget[], now: Date): Promise<Taken | undefined> => {
  const uses = new Map(budgets.map(({ key, refillSeconds }) => [key, refillSeconds * 1000]))
  try {
    await db.transaction().execute(async (trx) => {
      const refusal = refusalOf(budgets, await addToTimes(trx, uses, now), now)
      if (refusal) throw new Refused({ outcome: 'refused', ...refusal })
    })
  } catch (error) {
    if (error instanceof Refused) return error.taken
    throw error
  }
  return undefined
}

export const createSqlThrottle = (db: Db): Throttle => {
  let records = { count: 0, countedAt: Number.NEGATIVE_INFINITY }

  /** May be wrong by the rows that other instances wrote since the last count. */
  const isFull = async (max: number, added: number, now: Date): Promise<boolean> => {
    if (Math.abs(now.getTime() - records.countedAt) >= recountMs) {
      const { count } = await db
        .selectFrom('throttleBudgets')
        .select(sql<number>`cast(count(*) as integer)`.as('count'))
        .where('fullMs', '>', now.getTime())
        .executeTakeFirstOrThrow()
      records = { count, countedAt: now.getTime() }
    }
    return records.count + added > max
  }

  const take = async (use: Use, now: Date): Promise<Taken> => {
    const { knownNetwork } = use
    const fromKnownNetwork = knownNetwork !== undefined && (await isKnown(db, knownNetwork, now))
    const budgets = fromKnownNetwork ? knownNetwork.budgets : use.budgets
    const stored = await readTimes(
      db,
      budgets.map(({ key }) => key),
    )
    const refusal = refusalOf(budgets, stored, now)
    // Only reads, because a flood of refused uses must not write.
    if (refusal) return { outcome: 'refused', ...refusal }
    const added = budgets.filter(({ key }) => !stored.has(key)).length
    const { maxRecords } = use
    if (!fromKnownNetwork && maxRecords !== undefined && added > 0 && (await isFull(maxRecords, added, now)))
      return tooManyRecords(now)
    const refused = await takeTogether(db, budgets, now)
    if (refused !== undefined) return refused
    records.count += added
    return { outcome: 'taken', budgets, fromKnownNetwork }
  }

  const settle = async ({ giveBack = [], reset = [], remember: network }: Settlement, now: Date) => {
    const changes = new Map([
      ...giveBack.map(({ key, refillSeconds }) => [key, -refillSeconds * 1000] as const),
      ...reset.map(({ key }) => [key, -allMs] as const),
    ])
    // Rows of full budgets stay until they are tidied, and mean the same as no row.
    if (changes.size > 0) await addToTimes(db, changes, now)
    if (network !== undefined) await remember(db, network)
  }

  return { take, settle }
}
