// The audit events that an issuer has written to its log so far.
import type { TestIssuer } from './issuer.ts'

export interface LoggedEvent {
  type: string
  familyId?: string
  userId?: string
  clientId?: string
  sessionId?: string
  reason?: string
}

/** The events about one family, user, client or session, oldest first. */
export const auditEvents = ({ logLines }: Pick<TestIssuer, 'logLines'>, aboutId: string): LoggedEvent[] =>
  logLines
    .flatMap((line) => (JSON.parse(line) as { audit?: LoggedEvent }).audit ?? [])
    .filter(({ familyId, userId, clientId, sessionId }) =>
      [familyId, userId, clientId, sessionId].includes(aboutId),
    )

export const eventTypes = (issuer: Pick<TestIssuer, 'logLines'>, aboutId: string): string[] =>
  auditEvents(issuer, aboutId).map(({ type }) => type)
