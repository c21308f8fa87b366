// What an examination asks of the database besides its records (admin/doctor.ts).
import { sql } from 'kysely'
import type { SqlDatabase } from './connection.ts'
import { migrate, migrationState } from './migrate.ts'

export const databaseState = ({ db, kind }: SqlDatabase) => ({
  kind,
  /** The time by the database's own clock. */
  now: async (): Promise<Date> => {
    const { rows } = await sql<{ now: Date | string }>`select clock_timestamp() as now`.execute(db)
    const [row] = rows
    if (row === undefined) throw new Error('The database did not tell its time.')
    return new Date(row.now)
  },
  migrate: () => migrate(db),
  migrationState: () => migrationState(db),
})
