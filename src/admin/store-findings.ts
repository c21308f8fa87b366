// Checks the database, its clock, its migrations, and Redis.
import type { Clock } from '../clock.ts'
import type { Move } from '../stores/stores.ts'
import type { Finding } from './finding.ts'

export interface ExaminedDatabase {
  kind: 'sqlite' | 'postgres'
  /** The time by the database's clock. */
  now(): Promise<Date>
  /** Applies the missing migrations. Gives their names. */
  migrate(): Promise<string[]>
  migrationState(): Promise<{ applied: readonly string[]; pending: readonly string[] }>
  /** Copies the embedded database to a new file. Absent for PostgreSQL. */
  copyTo?: (file: string) => Promise<void>
  /** Closes the embedded database, and copies it to PostgreSQL. Absent for PostgreSQL. */
  moveTo?: (target: { databaseUrl: string; keep: boolean }) => Promise<Move>
}

export interface ExaminedRedis {
  maxmemoryPolicy(): Promise<string>
}

const databases = { sqlite: 'The embedded database (SQLite)', postgres: 'PostgreSQL' } as const
const largestClockDifferenceSeconds = 5

const secondsBetween = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / 1000

const clockFinding = async (database: ExaminedDatabase, clock: Clock): Promise<Finding> => {
  const before = clock.now()
  const databaseNow = await database.now()
  const after = clock.now()
  // The database may have read its clock at any moment between the question and the answer.
  const difference = Math.max(secondsBetween(databaseNow, before), secondsBetween(after, databaseNow), 0)
  if (difference <= largestClockDifferenceSeconds)
    return { check: 'clock', status: 'ok', message: 'The clocks of this machine and of the database agree.' }
  return {
    check: 'clock',
    status: 'fault',
    message: `The clocks of this machine and of the database differ by ${Math.round(difference)} s.`,
    advice: 'Set both clocks with NTP. Services reject tokens that seem to come from the future.',
  }
}

const migrationFinding = async (database: ExaminedDatabase): Promise<Finding> => {
  const { applied, pending } = await database.migrationState()
  if (pending.length === 0)
    return { check: 'migrations', status: 'ok', message: `All ${applied.length} migrations are applied.` }
  return {
    check: 'migrations',
    status: 'fault',
    message: `Migrations that are not applied: ${pending.join(', ')}.`,
    advice: 'Run "dojang migrate".',
  }
}

export const databaseFindings = async (database: ExaminedDatabase, clock: Clock): Promise<Finding[]> => {
  const time = await clockFinding(database, clock)
  const migrations = await migrationFinding(database)
  const answers: Finding = {
    check: 'database',
    status: 'ok',
    message: `${databases[database.kind]} answers.`,
  }
  return [answers, time, migrations]
}

export const redisFindings = async (redis: ExaminedRedis | undefined): Promise<Finding[]> => {
  if (redis === undefined)
    return [
      {
        check: 'redis',
        status: 'note',
        message: 'Redis is not used. The database keeps the sessions and refresh tokens.',
      },
    ]
  const policy = await redis.maxmemoryPolicy()
  if (policy === 'noeviction')
    return [{ check: 'redis', status: 'ok', message: 'Redis answers and never evicts data.' }]
  return [
    {
      check: 'redis',
      status: 'warning',
      message: `The maxmemory-policy of Redis is ${policy}, so it drops sessions and revocations when memory runs out.`,
      advice: 'Set "maxmemory-policy noeviction" in the configuration of Redis.',
    },
  ]
}
