// Link confirmations: people at a provider whose address an account already has. Owns record and port.
import { hashToken } from '../secrets.ts'
import type { ProviderPerson } from './provider-person.ts'

/** An identity at a provider that waits for the user's confirmation, because an account has its address. */
export interface LinkConfirmation extends ProviderPerson {
  /** The hash of the id that the browser has. */
  idHash: string
  browserHash: string
  /** The address of the existing account. */
  email: string
  /** The text of the parked request to continue afterwards. */
  requestId?: string
  createdAt: Date
  expiresAt: Date
}

export interface LinkConfirmations {
  /** Replaces an earlier confirmation with the same id. */
  request(confirmation: LinkConfirmation): Promise<void>
  find(idHash: string): Promise<LinkConfirmation | undefined>
  /** Deletes and returns the link confirmation. Only one concurrent call gets it. */
  take(idHash: string): Promise<LinkConfirmation | undefined>
}

/**
 * A person at a provider has at most one link confirmation, however often they sign in. The id is not secret:
 * the cookie of the browser protects the confirmation.
 */
export const linkConfirmationId = ({ provider, subject }: ProviderPerson): string =>
  hashToken(`${provider}:${subject}`)
