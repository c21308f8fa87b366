// The types of the tables for Kysely, with the columns of migrations/ in camelCase. Lists and objects are
// jsonb. They are written as JSON text, because the two drivers treat arrays differently.
import type { ColumnType, Generated } from 'kysely'
import type { Topic } from '../../changes.ts'
import type { ScopeTexts } from '../../clients/api.ts'
import type { GrantType, RefreshPolicy, ResponseMode } from '../../clients/client.ts'
import type { LinkPurpose } from '../../email-links/email-link.ts'
import type { PublicKeyJwk } from '../../keys/signing-keys.ts'
import type { MailKind } from '../../mail/mail-queue.ts'
import type { RevocationKind } from '../../revocation/blacklist.ts'
import type { Family } from '../../sessions/family.ts'
import type { SessionFamily } from '../../sessions/session.ts'
import type { SessionStore } from '../../sessions/session-store.ts'
import type { ClaimValue } from '../../users/user.ts'
import type {
  DisconnectRequestsTable,
  IdentitiesTable,
  LinkConfirmationsTable,
  ProviderSignalsTable,
} from './provider-tables.ts'

type Json<Value> = ColumnType<Value, string, string>
type Strings = Json<readonly string[]>
/** A bigint, which one driver reads as a string and the other as a number. */
type Whole = ColumnType<string | number | bigint, number, number>

export interface UsersTable {
  id: string
  email: string | null
  emailVerified: boolean
  username: string | null
  usernameKey: string | null
  name: string | null
  locale: string | null
  passwordHash: string | null
  claims: Json<Readonly<Record<string, ClaimValue>>>
  onboarded: boolean
  disabledAt: Date | null
  tokensValidAfter: Date | null
  createdAt: Date
  updatedAt: Date
}

export interface ClientsTable {
  id: string
  name: string
  secretHash: string | null
  previousSecretHash: string | null
  previousSecretExpiresAt: Date | null
  redirectUris: Strings
  postLogoutRedirectUris: Strings
  origins: Strings
  grants: Json<readonly GrantType[]>
  scopes: Strings
  audiences: Strings
  defaultAudience: string | null
  introspects: Strings
  firstParty: boolean
  pkceRequired: boolean
  responseModes: Json<readonly ResponseMode[]>
  refreshPolicy: Json<RefreshPolicy>
  oneSession: boolean
  createdAt: Date
}

export interface SigningKeysTable {
  kid: string
  alg: 'RS256'
  publicJwk: Json<PublicKeyJwk>
  encryptedPrivateKey: string
  createdAt: Date
  publishedAt: Date
  activatesAt: Date | null
  retiresAt: Date | null
  removedAt: Date | null
  revokedAt: Date | null
}

export interface AuditEventsTable {
  /** The order of rows with the same time. */
  position: Generated<string>
  id: string
  at: Date
  type: string
  actor: string
  userId: string | null
  clientId: string | null
  sessionId: string | null
  familyId: string | null
  keyId: string | null
  ip: string | null
  requestId: string | null
  reason: string | null
  admin: string | null
}

export interface SessionsTable {
  id: string
  userId: string
  secretHash: string | null
  authTime: Date
  amr: Strings
  startedAt: Date
  lastSeenAt: Date
  expiresAt: Date
  families: Json<readonly SessionFamily[]>
  userAgent: string | null
  ip: string | null
}

export interface RefreshFamiliesTable {
  id: string
  clientId: string
  userId: string
  sessionId: string
  startedBy: Family['startedBy']
  scope: Strings
  resource: Strings
  authTime: Date
  amr: Strings
  generation: Whole
  salt: string
  startedAt: Date
  rotatedAt: Date
  rotationNetwork: string | null
  rotationUserAgent: string | null
  replays: Whole
  replayedGeneration: ColumnType<string | number | bigint | null, number | undefined, number>
  replayRun: number
  idleExpiresAt: Date
  expiresAt: Date
  revokedAt: Date | null
}

export interface AuthorizationCodesTable {
  codeHash: string
  clientId: string
  userId: string
  sessionId: string
  redirectUri: string
  scope: Strings
  resource: Strings
  nonce: string | null
  codeChallenge: string | null
  authTime: Date
  amr: Strings
  issuedAt: Date
  expiresAt: Date
  redeemedBy: string | null
}

export interface UsedOnceTable {
  id: string
  expiresAt: Date
}

export interface BlacklistTable {
  kind: RevocationKind
  value: string
  cutoff: Date | null
  revokedAt: Date
  expiresAt: Date
}

export interface EmailLinksTable {
  tokenHash: string
  purpose: LinkPurpose
  userId: string
  email: string
  accountHash: string
  createdAt: Date
  expiresAt: Date
}

export interface MailsTable {
  id: string
  kind: MailKind
  userId: string | null
  sealed: string
  attempts: number
  createdAt: Date
  dueAt: Date
  lastError: string | null
  failedAt: Date | null
}

export interface Schema {
  users: UsersTable
  roles: { name: string; scopes: Strings }
  userRoles: { userId: string; role: string; position: number }
  clients: ClientsTable
  apis: {
    audience: string
    name: string
    scopes: Strings
    scopeTexts: Json<ScopeTexts>
    accessTokenTtlSeconds: number | null
    tokenType: 'JWT' | null
    claims: Strings
    createdAt: Date
  }
  consents: { userId: string; clientId: string; scopes: Strings; grantedAt: Date }
  signingKeys: SigningKeysTable
  knownVerifiers: { name: string; kids: Strings; network: string | null; seenAt: Date }
  auditEvents: AuditEventsTable
  sessions: SessionsTable
  refreshFamilies: RefreshFamiliesTable
  authorizationCodes: AuthorizationCodesTable
  throttleBudgets: { key: string; fullMs: number }
  knownNetworks: { userId: string; network: string; expiresAt: Date }
  usedOnce: UsedOnceTable
  blacklist: BlacklistTable
  providerSignals: ProviderSignalsTable
  disconnectRequests: DisconnectRequestsTable
  mails: MailsTable
  emailLinks: EmailLinksTable
  identities: IdentitiesTable
  linkConfirmations: LinkConfirmationsTable
  recordVersions: { topic: Topic; version: Whole }
  installation: { id: number; sessionStore: SessionStore }
}
