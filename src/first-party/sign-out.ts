// Ends the session that a token of a first-party app names, with all its families.
import type { FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Client } from '../clients/client.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { FamilyId, UserId } from '../ids.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { Family } from '../sessions/family.ts'

export interface Ending {
  familyId: FamilyId
  userId: UserId
  client: Client
  /** Absent if the store does not have the family any more. */
  family?: Family | undefined
}

export type SignOut = (ending: Ending, request: FastifyRequest) => Promise<void>

export const createSignOut =
  ({ endSessions, audit }: { endSessions: EndSessions; audit: Audit }): SignOut =>
  async ({ familyId, userId, client, family }, request) => {
    if (family) await endSessions.session(family.sessionId, familyId)
    // The family of this request ends last. Its tokens stay valid until then, so the client can retry.
    await endSessions.families([{ familyId }])
    audit({
      type: 'logout',
      actor: 'user',
      userId,
      clientId: client.id,
      familyId,
      ...(family && { sessionId: family.sessionId }),
      ...auditContext(requestContext(request)),
    })
  }
