// Every port on one SQL database, and the tidying that Redis does by itself.
import { secondsAfter } from '../../clock.ts'
import { rememberSignalsSeconds } from '../../identities/signals.ts'
import type { ExpiringStores, LastingStores } from '../stores.ts'
import { sqlApis } from './apis.ts'
import { sqlAuditLog } from './audit-log.ts'
import { sqlAuthorizationCodes } from './authorization-codes.ts'
import { sqlBlacklist } from './blacklist.ts'
import { sqlClients } from './clients.ts'
import type { Db } from './connection.ts'
import { sqlConsents } from './consents.ts'
import { sqlProviderGoodbyes } from './disconnect-requests.ts'
import { sqlIdentities } from './identities.ts'
import { sqlKnownVerifiers } from './known-verifiers.ts'
import { sqlLoginAttempts } from './login-attempts.ts'
import { sqlParkedRequests } from './parked-requests.ts'
import { sqlProviderSignals } from './provider-signals.ts'
import { sqlRefreshTokens } from './refresh-tokens.ts'
import { sqlRoles } from './roles.ts'
import { sqlSessions } from './sessions.ts'
import { sqlSigningKeys } from './signing-keys.ts'
import { sqlUpstreamAttempts } from './upstream-attempts.ts'
import { sqlUsers } from './users.ts'

export const sqlLastingStores = (db: Db): LastingStores => ({
  users: sqlUsers(db),
  identities: sqlIdentities(db),
  roles: sqlRoles(db),
  clients: sqlClients(db),
  apis: sqlApis(db),
  consents: sqlConsents(db),
  signingKeys: sqlSigningKeys(db),
  knownVerifiers: sqlKnownVerifiers(db),
  auditLog: sqlAuditLog(db),
  providerSignals: sqlProviderSignals(db),
  providerGoodbyes: sqlProviderGoodbyes(db),
})

export const sqlExpiringStores = (db: Db): ExpiringStores => ({
  sessions: sqlSessions(db),
  refreshTokens: sqlRefreshTokens(db),
  authorizationCodes: sqlAuthorizationCodes(db),
  parkedRequests: sqlParkedRequests(db),
  loginAttempts: sqlLoginAttempts(db),
  blacklist: sqlBlacklist(db),
  upstreamAttempts: sqlUpstreamAttempts(db),
})

/** A code that comes back this long after its end is still known, and by which family it was redeemed. */
const keepCodesSeconds = 3600

/** Deletes rows whose life is over; no rule depends on it. Audit rows and signing keys stay. */
export const tidy = async (db: Db, now: Date): Promise<void> => {
  await db.deleteFrom('sessions').where('expiresAt', '<=', now).execute()
  await db.deleteFrom('refreshFamilies').where('expiresAt', '<=', now).execute()
  await db
    .deleteFrom('authorizationCodes')
    .where('expiresAt', '<=', secondsAfter(now, -keepCodesSeconds))
    .execute()
  await db.deleteFrom('parkedRequests').where('expiresAt', '<=', now).execute()
  await db.deleteFrom('loginAttempts').where('forgottenAt', '<=', now).execute()
  await db.deleteFrom('upstreamAttempts').where('expiresAt', '<=', now).execute()
  await db.deleteFrom('offeredLinks').where('expiresAt', '<=', now).execute()
  await db.deleteFrom('revocations').where('expiresAt', '<=', now).execute()
  await db
    .deleteFrom('providerSignals')
    .where('doneAt', '<=', secondsAfter(now, -rememberSignalsSeconds))
    .execute()
}
