// Fills the stores with many records, in the form in which the stores write them.
import { isDeepStrictEqual } from 'node:util'
import type { RefreshTokens } from '../src/sessions/family.ts'
import { maxSessionsPerUser, type Sessions } from '../src/sessions/session.ts'
import type { Db } from '../src/stores/sql/connection.ts'
import { json } from '../src/stores/sql/row.ts'
import { insertUser } from '../src/stores/sql/users.ts'
import { type Records, sessionsPerUser } from './scale-records.ts'

/** The numbers of the records to write. */
export interface Range {
  from: number
  to: number
}

/** Calls `write` for parts of the range, several of them at once. */
const inParts = async (
  { from, to }: Range,
  size: number,
  write: (numbers: readonly number[]) => Promise<unknown>,
): Promise<void> => {
  let next = from
  const writer = async () => {
    while (next < to) {
      const begin = next
      next = Math.min(to, begin + size)
      await write(Array.from({ length: next - begin }, (_, at) => begin + at))
    }
  }
  await Promise.all([writer(), writer(), writer()])
}

/** Users are always in SQL. */
export const fillUsers = (db: Db, records: Records, range: Range): Promise<void> =>
  inParts(range, 5000, (numbers) =>
    db.transaction().execute(async (trx) => {
      for (const number of numbers)
        if (number % sessionsPerUser === 0) await insertUser(trx, records.user(number))
    }),
  )

/** What one kind of store does for its sessions and families. */
export interface Filler {
  sessions(range: Range): Promise<void>
  families(range: Range): Promise<void>
}

/** One statement writes many rows. `checkFilled` compares rows with what the stores read. */
export const sqlFiller = (db: Db, records: Records): Filler => ({
  sessions: (range) =>
    inParts(range, 500, (numbers) =>
      db
        .insertInto('sessions')
        .values(
          numbers.map(records.session).map((session) => ({
            ...session,
            amr: json(session.amr),
            families: json(session.families),
          })),
        )
        .execute(),
    ),
  families: (range) =>
    inParts(range, 500, (numbers) =>
      db
        .insertInto('refreshFamilies')
        .values(
          numbers.map(records.family).map((family) => ({
            ...family,
            scope: json(family.scope),
            resource: json(family.resource),
            amr: json(family.amr),
          })),
        )
        .execute(),
    ),
})

/** Redis is fast enough for the store's own methods. */
export const redisFiller = (
  { sessions, refreshTokens }: { sessions: Sessions; refreshTokens: RefreshTokens },
  records: Records,
): Filler => ({
  sessions: (range) =>
    inParts(range, 100, (numbers) =>
      Promise.all(numbers.map((number) => sessions.start(records.session(number), maxSessionsPerUser))),
    ),
  families: (range) =>
    inParts(range, 100, (numbers) =>
      Promise.all(numbers.map((number) => refreshTokens.start(records.family(number)))),
    ),
})

/** @throws {Error} if the store reads another record than the one that was written */
export const checkFilled = async (
  { sessions, refreshTokens }: { sessions: Sessions; refreshTokens: RefreshTokens },
  records: Records,
  number: number,
): Promise<void> => {
  const [session, family] = [records.session(number), records.family(number)]
  const same =
    isDeepStrictEqual(await sessions.find(session.id), session) &&
    isDeepStrictEqual(await refreshTokens.find(family.id), family)
  if (!same) throw new Error(`The store reads record ${number} in another form than it was written.`)
}
