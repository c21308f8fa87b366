// Checks the database, its clock, its migrations, and Redis.
import type { Clock } from '../clock.ts'
import type { Finding } from './finding.ts'

export interface ExaminedDatabase {
  kind: 'pglite' | 'postgres'
  /** The time by the database's clock. */
  now(): Promise<Date>
  /** Applies the missing migrations. Gives their names. */
  migrate(): Promise<string[]>
  migrationState(): Promise<{ applied: readonly string[]; pending: readonly string[] }>
}

export interface ExaminedRedis {
  maxmemoryPolicy(): Promise<string>
}

const databases = { pglite: 'the embedded PostgreSQL (PGlite)', postgres: 'PostgreSQL' } as const
const largestClockDifferenceSeconds = 5

const secondsBetween = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / 1000

const clockFinding = async (database: ExaminedDatabase, clock: Clock): Promise<Finding> => {
  const before = clock.now()
  const databaseNow = await database.now()
  const after = clock.now()
  // Between the question and the answer any time is right.
  const difference = Math.max(secondsBetween(databaseNow, before), secondsBetween(after, databaseNow), 0)
  if (difference <= largestClockDifferenceSeconds)
    return { check: 'clock', status: 'ok', message: 'This machine and the database agree.' }
  return {
    check: 'clock',
    status: 'fault',
    message: `This machine and the database differ by ${Math.round(difference)} s.`,
    advice: 'Let NTP set the clocks of both; tokens from the future are refused.',
  }
}

const migrationFinding = async (database: ExaminedDatabase): Promise<Finding> => {
  const { applied, pending } = await database.migrationState()
  if (pending.length === 0)
    return { check: 'migrations', status: 'ok', message: `All ${applied.length} are applied.` }
  return {
    check: 'migrations',
    status: 'fault',
    message: `Not applied: ${pending.join(', ')}.`,
    advice: 'Run "dojang migrate".',
  }
}

export const databaseFindings = async (database: ExaminedDatabase, clock: Clock): Promise<Finding[]> => {
  const time = await clockFinding(database, clock)
  const migrations = await migrationFinding(database)
  const answers: Finding = {
    check: 'database',
    status: 'ok',
    message: `Answers: ${databases[database.kind]}.`,
  }
  return [answers, time, migrations]
}

export const redisFindings = async (redis: ExaminedRedis | undefined): Promise<Finding[]> => {
  if (redis === undefined)
    return [{ check: 'redis', status: 'note', message: 'Not used: token state lives in the database.' }]
  const policy = await redis.maxmemoryPolicy()
  if (policy === 'noeviction')
    return [{ check: 'redis', status: 'ok', message: 'Answers, and evicts nothing.' }]
  return [
    {
      check: 'redis',
      status: 'warning',
      message: `Its maxmemory-policy is ${policy}: when memory is short it forgets sessions and revocations.`,
      advice: 'Set "maxmemory-policy noeviction".',
    },
  ]
}
