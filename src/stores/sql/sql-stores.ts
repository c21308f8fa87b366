// Every port on one SQL database, and the deletion of expired rows, which Redis does by itself.
import { sql } from 'kysely'
import { secondsAfter } from '../../clock.ts'
import { rememberSignalsSeconds } from '../../identities/signals.ts'
import { keepDeadLettersSeconds } from '../../mail/mail-queue.ts'
import type { ExpiringStores, LastingStores } from '../stores.ts'
import { createSqlApis } from './apis.ts'
import { createSqlAuditLog } from './audit-log.ts'
import { createSqlAuthorizationCodes } from './authorization-codes.ts'
import { createSqlBlacklist } from './blacklist.ts'
import { createSqlClients } from './clients.ts'
import type { Db } from './connection.ts'
import { createSqlConsents } from './consents.ts'
import { differencesOf } from './differences.ts'
import { createSqlDisconnectRequests } from './disconnect-requests.ts'
import { createSqlEmailLinks } from './email-links.ts'
import { createSqlIdentities } from './identities.ts'
import { createSqlKnownVerifiers } from './known-verifiers.ts'
import { createSqlLinkConfirmations } from './link-confirmations.ts'
import { createSqlMailQueue } from './mail-queue.ts'
import { createSqlProviderSignals } from './provider-signals.ts'
import { createSqlRefreshTokens } from './refresh-tokens.ts'
import { createSqlRoles } from './roles.ts'
import { createSqlSessions } from './sessions.ts'
import { createSqlSigningKeys } from './signing-keys.ts'
import { createSqlThrottle } from './throttle.ts'
import { createSqlUsedOnce } from './used-once.ts'
import { createSqlUsers } from './users.ts'

export const createSqlLastingStores = (db: Db): LastingStores => ({
  users: createSqlUsers(db),
  identities: createSqlIdentities(db),
  roles: createSqlRoles(db),
  clients: createSqlClients(db),
  apis: createSqlApis(db),
  consents: createSqlConsents(db),
  signingKeys: createSqlSigningKeys(db),
  knownVerifiers: createSqlKnownVerifiers(db),
  auditLog: createSqlAuditLog(db),
  providerSignals: createSqlProviderSignals(db),
  disconnectRequests: createSqlDisconnectRequests(db),
  mailQueue: createSqlMailQueue(db),
  emailLinks: createSqlEmailLinks(db),
})

export const createSqlExpiringStores = (db: Db): ExpiringStores => ({
  sessions: createSqlSessions(db),
  refreshTokens: createSqlRefreshTokens(db),
  authorizationCodes: createSqlAuthorizationCodes(db),
  throttle: createSqlThrottle(db),
  usedOnce: createSqlUsedOnce(db),
  blacklist: createSqlBlacklist(db),
  linkConfirmations: createSqlLinkConfirmations(db),
})

/** Seconds that an expired code is kept, so that a late second use still finds its family. */
const keepCodesSeconds = 3600

/** Deletes expired rows to free space. No rule depends on it. Audit rows and signing keys are kept. */
export const tidy = async (db: Db, now: Date): Promise<void> => {
  await db.deleteFrom('sessions').where('expiresAt', '<=', now).execute()
  await db.deleteFrom('refreshFamilies').where('expiresAt', '<=', now).execute()
  await db
    .deleteFrom('authorizationCodes')
    .where('expiresAt', '<=', secondsAfter(now, -keepCodesSeconds))
    .execute()
  // Without waiting for a sign-in that has locked some of the rows, so that neither waits for the other.
  const { skipLocked } = differencesOf(db)
  await sql`delete from throttle_budgets where key in (
    select key from throttle_budgets where full_ms <= ${now.getTime()} ${skipLocked})`.execute(db)
  await db.deleteFrom('knownNetworks').where('expiresAt', '<=', now).execute()
  await db.deleteFrom('usedOnce').where('expiresAt', '<=', now).execute()
  await db.deleteFrom('emailLinks').where('expiresAt', '<=', now).execute()
  await db.deleteFrom('linkConfirmations').where('expiresAt', '<=', now).execute()
  await db.deleteFrom('blacklist').where('expiresAt', '<=', now).execute()
  await db
    .deleteFrom('providerSignals')
    .where('doneAt', '<=', secondsAfter(now, -rememberSignalsSeconds))
    .execute()
  await db.deleteFrom('mails').where('failedAt', '<=', secondsAfter(now, -keepDeadLettersSeconds)).execute()
}
