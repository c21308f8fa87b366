// All ports of an issuer. sql/ implements all of them, redis/ the expiring ones, and open-issuer.ts chooses.

import type { AuditLog } from '../audit.ts'
import type { Changes } from '../changes.ts'
import type { Apis } from '../clients/api.ts'
import type { Clients } from '../clients/client.ts'
import type { Consents } from '../clients/consent.ts'
import type { EmailLinks } from '../email-links/email-link.ts'
import type { DisconnectRequests } from '../identities/disconnect-requests.ts'
import type { Identities } from '../identities/identity.ts'
import type { ProviderSignals } from '../identities/signals.ts'
import type { KnownVerifiers } from '../keys/known-verifiers.ts'
import type { SigningKeys } from '../keys/signing-keys.ts'
import type { MailQueue } from '../mail/mail-queue.ts'
import type { Blacklist } from '../revocation/blacklist.ts'
import type { RefreshTokens } from '../sessions/family.ts'
import type { LinkConfirmations } from '../sessions/link-confirmation.ts'
import type { Sessions } from '../sessions/session.ts'
import type { UsedOnce } from '../sessions/used-once.ts'
import type { Throttle } from '../throttle/throttle.ts'
import type { AuthorizationCodes } from '../tokens/authorization-code.ts'
import type { Roles } from '../users/role.ts'
import type { Users } from '../users/user.ts'

/** Records that must not be lost. They are always in SQL. */
export interface LastingStores {
  users: Users
  identities: Identities
  roles: Roles
  clients: Clients
  apis: Apis
  consents: Consents
  signingKeys: SigningKeys
  knownVerifiers: KnownVerifiers
  auditLog: AuditLog
  providerSignals: ProviderSignals
  disconnectRequests: DisconnectRequests
  mailQueue: MailQueue
  emailLinks: EmailLinks
}

/** State that expires. It is in SQL or in Redis, with the same behaviour. */
export interface ExpiringStores {
  sessions: Sessions
  refreshTokens: RefreshTokens
  authorizationCodes: AuthorizationCodes
  throttle: Throttle
  usedOnce: UsedOnce
  blacklist: Blacklist
  linkConfirmations: LinkConfirmations
}

export interface TableRows {
  table: string
  rows: number
}

/** The result of a copy of the embedded database to PostgreSQL. */
export type Move =
  | { outcome: 'moved'; tables: TableRows[] }
  /** A server or another command has the file open. */
  | { outcome: 'source_in_use'; dataDir: string }
  | { outcome: 'source_is_empty'; dataDir: string }
  /** The role may not create tables. */
  | { outcome: 'target_forbids_tables' }
  /** `table` is one of the tables that hold data. */
  | { outcome: 'target_holds_data'; table: string }

export type Stores = LastingStores & ExpiringStores & { changes: Changes }
