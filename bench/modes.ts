// The ways to run the issuer that the benchmark compares.
import type { Stores } from './durable-stores.ts'
import { type Installation, newInstallation } from './installation.ts'

export interface Mode {
  name: string
  workers: number
  /** True on PostgreSQL and Redis, false on SQLite. */
  fleet: boolean
}

export const modes: readonly Mode[] = [
  { name: 'embedded', workers: 1, fleet: false },
  { name: 'fleet', workers: 1, fleet: true },
  { name: 'fleet-2', workers: 2, fleet: true },
  { name: 'embedded-2', workers: 2, fleet: false },
]

export interface NewInstallation {
  installation: Installation
  /** The name of its PostgreSQL database. */
  database: string | undefined
}

let created = 0

/** A new, empty installation. In a fleet it gets its own database in PostgreSQL and in Redis. */
export const installMode = async (
  { workers, fleet }: Mode,
  stores: Stores | undefined,
): Promise<NewInstallation> => {
  if (!fleet) return { installation: await newInstallation(workers, {}), database: undefined }
  if (stores === undefined) throw new Error('The programs of PostgreSQL and Redis are not on this machine.')
  created += 1
  const database = `bench_${created}`
  const installation = await newInstallation(workers, {
    DATABASE_URL: await stores.postgres.createDatabase(database),
    REDIS_URL: stores.redis.url(created),
  })
  return { installation, database }
}
