// Checks what only the process with the stores can see. cli/doctor-command.ts checks the rest.
import { type Finding, findingsOf } from './finding.ts'
import { noInput } from './input.ts'
import { type KeyFindingsDeps, keyFindings } from './key-findings.ts'
import { type MailFindingsDeps, mailFindings } from './mail-findings.ts'
import { type Operation, operation } from './operation.ts'
import { type ExaminedSessionStore, sessionStoreFindings } from './session-store-findings.ts'
import {
  databaseFindings,
  type ExaminedDatabase,
  type ExaminedRedis,
  redisFindings,
} from './store-findings.ts'

/** `applied`: the migrations of this call. `current`: the newest one in the database. */
export interface Migrated {
  applied: string[]
  current: string | null
}

export interface DoctorOperations {
  'doctor.report': Operation<typeof noInput, Finding[]>
  migrate: Operation<typeof noInput, Migrated>
}

/** The parts of the installation that no port shows. */
export interface Installation {
  database: ExaminedDatabase
  /** Absent: token state is in the database. */
  redis?: ExaminedRedis
  sessionStore: ExaminedSessionStore
}

export interface DoctorDeps extends KeyFindingsDeps, MailFindingsDeps {
  installation: Installation
}

export const createDoctorOperations = (deps: DoctorDeps): DoctorOperations => ({
  'doctor.report': operation(noInput, async () => {
    const database = await findingsOf('database', () =>
      databaseFindings(deps.installation.database, deps.clock),
    )
    const hasTables = database.some(({ check, status }) => check === 'migrations' && status === 'ok')
    const { redis, sessionStore } = deps.installation
    return [
      ...database,
      ...(await findingsOf('redis', () => redisFindings(redis))),
      ...(hasTables ? await findingsOf('session store', () => sessionStoreFindings(sessionStore)) : []),
      ...(hasTables ? await findingsOf('signing keys', () => keyFindings(deps)) : []),
      ...(hasTables ? await findingsOf('mail', () => mailFindings(deps)) : []),
    ]
  }),
  migrate: operation(noInput, async () => {
    const { database } = deps.installation
    const applied = await database.migrate()
    return { applied, current: (await database.migrationState()).applied.at(-1) ?? null }
  }),
})
