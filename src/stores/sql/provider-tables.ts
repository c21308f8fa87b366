// The part of schema.ts for providers: identities, link confirmations, signals and disconnect requests.
import type { Generated } from 'kysely'
import type { ProviderAction } from '../../identities/signals.ts'

export interface ProviderSignalsTable {
  /** The order of arrival. */
  position: Generated<string>
  id: string
  provider: string
  subject: string
  action: ProviderAction
  occurredAt: Date
  receivedAt: Date
  leasedUntil: Date | null
  doneAt: Date | null
}

export interface DisconnectRequestsTable {
  provider: string
  subject: string
  encryptedToken: string | null
  attempts: number
  requestedAt: Date
  dueAt: Date
}

export interface IdentitiesTable {
  provider: string
  subject: string
  userId: string
  email: string | null
  emailVerified: boolean
  name: string | null
  encryptedToken: string | null
  linkedAt: Date
  lastUsedAt: Date
  lockedAt: Date | null
  checkedAt: Date | null
}

export interface LinkConfirmationsTable {
  idHash: string
  browserHash: string
  provider: string
  subject: string
  email: string
  emailVerified: boolean
  name: string | null
  encryptedToken: string | null
  requestId: string | null
  createdAt: Date
  expiresAt: Date
}
