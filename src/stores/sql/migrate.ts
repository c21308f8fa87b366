// Applies the migrations that this version needs. They only go forward, and a released one is never edited.
import { type Migration, Migrator } from 'kysely/migration'
import * as users from '../../../migrations/0001-users.ts'
import * as clients from '../../../migrations/0002-clients.ts'
import * as signingKeys from '../../../migrations/0003-signing-keys.ts'
import * as auditEvents from '../../../migrations/0004-audit-events.ts'
import * as identities from '../../../migrations/0005-identities.ts'
import * as expiringState from '../../../migrations/0006-expiring-state.ts'
import * as installation from '../../../migrations/0007-installation.ts'
import * as recordVersions from '../../../migrations/0008-record-versions.ts'
import * as throttle from '../../../migrations/0009-throttle.ts'
import * as usedOnce from '../../../migrations/0010-used-once.ts'
import * as names from '../../../migrations/0011-names-of-admins-and-networks.ts'
import * as refreshGrace from '../../../migrations/0012-refresh-grace.ts'
import * as mails from '../../../migrations/0013-mails.ts'
import * as emailLinks from '../../../migrations/0014-email-links.ts'
import * as tokenTypes from '../../../migrations/0015-token-types-of-apis.ts'
import * as oneSession from '../../../migrations/0016-one-session-and-scope-texts.ts'
import { Unavailable } from '../../unavailable.ts'
import type { Db } from './connection.ts'
import { isBusyCode } from './sqlite/sqlite-error.ts'

const migrations: Record<string, Migration> = {
  '0001-users': users,
  '0002-clients': clients,
  '0003-signing-keys': signingKeys,
  '0004-audit-events': auditEvents,
  '0005-identities': identities,
  '0006-expiring-state': expiringState,
  '0007-installation': installation,
  '0008-record-versions': recordVersions,
  '0009-throttle': throttle,
  '0010-used-once': usedOnce,
  '0011-names-of-admins-and-networks': names,
  '0012-refresh-grace': refreshGrace,
  '0013-mails': mails,
  '0014-email-links': emailLinks,
  '0015-token-types-of-apis': tokenTypes,
  '0016-one-session-and-scope-texts': oneSession,
}

const migrator = (db: Db) => new Migrator({ db, provider: { getMigrations: async () => migrations } })

export interface MigrationState {
  applied: string[]
  pending: string[]
}

/** Attempts to get the migration lock. Each ends with a timeout while another instance migrates. */
const maxAttempts = 24

/** A statement timeout of PostgreSQL (57014), or a busy SQLite. */
const isTimeout = (error: unknown): boolean => {
  if (!(error instanceof Unavailable) || !(error.cause instanceof Error) || !('code' in error.cause))
    return false
  const { code } = error.cause
  return code === '57014' || (typeof code === 'number' && isBusyCode(code))
}

/**
 * Applies all pending migrations or none. If several instances start together, only one applies them.
 * @returns the names of the migrations that this call applied
 * @throws {Unavailable} if the database is down, or another instance keeps the lock for all attempts
 */
export const migrate = async (db: Db): Promise<string[]> => {
  for (let attempt = 1; ; attempt += 1) {
    const { error, results } = await migrator(db).migrateToLatest()
    if (error === undefined)
      return (results ?? [])
        .filter(({ status }) => status === 'Success')
        .map(({ migrationName }) => migrationName)
    if (attempt === maxAttempts || !isTimeout(error)) throw error
  }
}

export const migrationState = async (db: Db): Promise<MigrationState> => {
  const all = await migrator(db).getMigrations()
  const names = (applied: boolean) =>
    all.filter(({ executedAt }) => (executedAt !== undefined) === applied).map(({ name }) => name)
  return { applied: names(true), pending: names(false) }
}
