// Reports audit events about a person at a provider. Each reason starts with the provider's id.
import type { Audit, AuditEventType } from '../audit.ts'
import type { UserId } from '../ids.ts'
import type { ProviderPerson } from '../sessions/provider-person.ts'

/** The facts of the request that signs a person in. */
export interface SignInContext {
  ip: string
  requestId: string
  /** The language of a new user. */
  locale: string
}

export type AuditPerson = (
  type: Extract<
    AuditEventType,
    'identity.linked' | 'identity.refused' | 'login.failed' | 'user.registered' | 'user.taken_over'
  >,
  event: { person: ProviderPerson; context: SignInContext; userId?: UserId; reason?: string },
) => void

export const createAuditPerson =
  (audit: Audit): AuditPerson =>
  (type, { person: { provider }, context: { ip, requestId }, userId, reason }) =>
    audit({
      type,
      actor: 'user',
      ...(userId !== undefined && { userId }),
      ip,
      requestId,
      reason: reason === undefined ? provider : `${provider}: ${reason}`,
    })
