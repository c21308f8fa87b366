// The port Sessions on SQL. The families of a session are in its row, so that one row lock protects them.
import type { Selectable } from 'kysely'
import {
  type Joining,
  type Session,
  type SessionFamily,
  type Sessions,
  userOfSession,
} from '../../sessions/session.ts'
import type { Db } from './connection.ts'
import { differencesOf } from './differences.ts'
import { prepare } from './prepare.ts'
import { json, withoutNulls } from './row.ts'
import type { SessionsTable } from './schema.ts'

const columns = [
  'id',
  'userId',
  'secretHash',
  'authTime',
  'amr',
  'startedAt',
  'lastSeenAt',
  'expiresAt',
  'families',
  'userAgent',
  'ip',
] as const

const toSession = (row: Selectable<SessionsTable>): Session => withoutNulls(row)

const oldestFirst = (sessions: Session[]): Session[] =>
  sessions.sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime() || (a.id < b.id ? -1 : 1))

export const createSqlSessions = (db: Db): Sessions => {
  const select = (on: Db) => on.selectFrom('sessions').select(columns)

  const find = prepare(db, (values: { id: string }) => select(db).where('id', '=', values.id))

  const addFamily = (families: readonly SessionFamily[], family: SessionFamily, limit: number) => {
    const all = [...families.filter(({ familyId }) => familyId !== family.familyId), family]
    const ofClient = all.filter(({ clientId }) => clientId === family.clientId)
    const displaced = ofClient.slice(0, Math.max(0, ofClient.length - limit))
    return { displaced, kept: all.filter((one) => !displaced.includes(one)) }
  }

  /** Locks the session, so that no other call changes its families before the transaction ends. */
  const lockFamilies = (trx: Db, id: string) =>
    trx.selectFrom('sessions').select('families').where('id', '=', id).forUpdate().executeTakeFirst()

  const writeFamilies = (trx: Db, id: string, families: readonly SessionFamily[]) =>
    trx
      .updateTable('sessions')
      .set({ families: json(families) })
      .where('id', '=', id)
      .execute()

  /** Calls for one user run one after the other, because a row lock cannot protect a set of rows. */
  const lockSessionsOf = (trx: Db, userId: string) =>
    differencesOf(db).lockByName(`sessions of ${userId}`)?.execute(trx)

  const join = async (trx: Db, id: string, family: SessionFamily, limit: number): Promise<Joining> => {
    const row = await lockFamilies(trx, id)
    if (row === undefined) return { outcome: 'ended' }
    const { displaced, kept } = addFamily(row.families, family, limit)
    await writeFamilies(trx, id, kept)
    return { outcome: 'joined', displaced }
  }

  return {
    start: (session, limit) =>
      db.transaction().execute(async (trx) => {
        await lockSessionsOf(trx, session.userId)
        const displaced = await trx
          .deleteFrom('sessions')
          .where('id', 'in', (eb) =>
            eb
              .selectFrom('sessions')
              .select('id')
              .where('userId', '=', session.userId)
              .where('secretHash', session.secretHash === undefined ? 'is' : 'is not', null)
              .orderBy('startedAt', 'desc')
              .orderBy('id', 'desc')
              // SQLite takes no OFFSET without a LIMIT.
              .limit(Number.MAX_SAFE_INTEGER)
              .offset(Math.max(0, limit - 1)),
          )
          .returning(columns)
          .execute()
        await trx
          .insertInto('sessions')
          .values({ ...session, amr: json(session.amr), families: json(session.families) })
          .execute()
        return oldestFirst(displaced.map(toSession))
      }),
    find: async (id) => {
      const [row] = await find({ id })
      return row && toSession(row)
    },
    join: (id, family, limit) => db.transaction().execute((trx) => join(trx, id, family, limit)),
    joinAlone: async (id, family, limit) => {
      const userId = userOfSession(id)
      if (userId === undefined) return { outcome: 'ended' }
      return db.transaction().execute(async (trx) => {
        await lockSessionsOf(trx, userId)
        const joining = await join(trx, id, family, limit)
        if (joining.outcome === 'ended') return joining
        const all = await trx
          .selectFrom('sessions')
          .select(['id', 'families'])
          .where('userId', '=', userId)
          .orderBy('startedAt')
          .orderBy('id')
          .execute()
        const others = all.filter(
          (other) => other.id !== id && other.families.some(({ clientId }) => clientId === family.clientId),
        )
        return { ...joining, others: others.map((other) => other.id) }
      })
    },
    leave: (id, familyId) =>
      db.transaction().execute(async (trx) => {
        const row = await lockFamilies(trx, id)
        const left = row?.families.filter((family) => family.familyId !== familyId)
        if (left !== undefined && left.length < (row?.families.length ?? 0))
          await writeFamilies(trx, id, left)
      }),
    renew: async (id, { secretHash, authTime, amr }) =>
      (await db
        .updateTable('sessions')
        .set({ secretHash, authTime, amr: json(amr), lastSeenAt: authTime })
        .where('id', '=', id)
        .returning('id')
        .executeTakeFirst()) === undefined
        ? 'ended'
        : 'renewed',
    touch: async (id, now) => {
      await db
        .updateTable('sessions')
        .set({ lastSeenAt: now })
        .where('id', '=', id)
        .where('lastSeenAt', '<', now)
        .execute()
    },
    end: async (id) => {
      const row = await db.deleteFrom('sessions').where('id', '=', id).returning(columns).executeTakeFirst()
      return row && toSession(row)
    },
    endAll: async (userId, keep) => {
      let query = db.deleteFrom('sessions').where('userId', '=', userId)
      if (keep !== undefined) query = query.where('id', '<>', keep)
      return oldestFirst((await query.returning(columns).execute()).map(toSession))
    },
    listOfUser: async (userId) => {
      const rows = await select(db).where('userId', '=', userId).execute()
      return oldestFirst(rows.map(toSession))
    },
  }
}
