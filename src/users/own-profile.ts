// Changes what a user may change without an admin: on the account page, or in an app of the team.
import type { Audit, AuditEvent } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { User, UserChange, Users } from './user.ts'

/** Apps read the new values in the next ID token and at /userinfo. `null` removes a value. */
export type OwnProfile = Pick<UserChange, 'name' | 'locale' | 'onboarded'>

/** The request, for the audit log. */
export type ChangeOrigin = Pick<AuditEvent, 'clientId' | 'sessionId' | 'familyId' | 'ip' | 'requestId'>

/**
 * Stores and reports only what differs from the record, so that an unchanged form writes nothing. 'unknown':
 * the user was deleted in the meantime.
 */
export type ChangeOwnProfile = (
  user: User,
  given: OwnProfile,
  origin: ChangeOrigin,
) => Promise<'stored' | 'unknown'>

export const createChangeOwnProfile =
  (deps: { users: Users; clock: Clock; audit: Audit }): ChangeOwnProfile =>
  async (user, given, origin) => {
    const members = (Object.keys(given) as (keyof OwnProfile)[]).filter(
      (member) => given[member] !== (user[member] ?? null),
    )
    if (members.length === 0) return 'stored'
    const change: OwnProfile = Object.fromEntries(members.map((member) => [member, given[member]]))
    if ((await deps.users.change(user.id, change, deps.clock.now())) === 'unknown') return 'unknown'
    // The names of the members only: the audit log holds no personal data.
    deps.audit({
      type: 'user.changed',
      actor: 'user',
      userId: user.id,
      ...origin,
      reason: members.join(' '),
    })
    return 'stored'
  }
