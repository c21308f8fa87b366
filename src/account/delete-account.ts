// GET|POST /account/delete: the user deletes their own account. This needs a recent sign-in (F18 in
// docs/security.md). The providers get disconnect requests later (identities/send-disconnect-requests.ts).
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { type Fields, single } from '../http/form.ts'
import { pageFrame, sendPage } from '../http/page.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { Identities } from '../identities/identity.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import { accountDeletedPage, deleteAccountPage } from '../pages/delete-account-page.ts'
import { cookieAttributes, sessionCookieName } from '../sessions/cookie.ts'
import type { EndSessions } from '../sessions/end.ts'
import { isRecentlyAuthenticated } from '../sessions/session.ts'
import type { SignedIn } from '../sessions/sign-in.ts'
import type { Users } from '../users/user.ts'

export interface AccountDeletion {
  /** Shows the page that asks for confirmation. */
  ask(request: FastifyRequest, reply: FastifyReply, signedIn: SignedIn): Promise<FastifyReply>
  /** Deletes the account if the user confirmed it. */
  act(request: FastifyRequest, reply: FastifyReply, signedIn: SignedIn, fields: Fields): Promise<FastifyReply>
}

export const createAccountDeletion = (deps: {
  clock: Clock
  users: Users
  identities: Identities
  endSessions: EndSessions
  composeNotice: ComposeNotice
  audit: Audit
}): AccountDeletion => {
  const { clock, users, identities, endSessions } = deps

  const ask = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { user, session }: SignedIn,
    options: { problem?: 'not_sure'; status?: number } = {},
  ) => {
    const frame = pageFrame(request)
    const providers = (await identities.listOfUser(user.id)).map(({ provider }) => provider)
    const { problem, status } = options
    const page = deleteAccountPage({
      ...frame,
      label: [user.name, user.username, user.email].filter(Boolean).join(' · '),
      providers: [...new Set(providers)],
      mustReauthenticate: !isRecentlyAuthenticated(session, clock.now()),
      ...(problem && { problem }),
    })
    return sendPage(reply, frame, page, { ...(status !== undefined && { status }) })
  }

  const act = async (
    request: FastifyRequest,
    reply: FastifyReply,
    signedIn: SignedIn,
    fields: Fields,
  ): Promise<FastifyReply> => {
    const { user, session } = signedIn
    if (!isRecentlyAuthenticated(session, clock.now()))
      return reply.header('cache-control', 'no-store').redirect('/account/delete', 303)
    if (single(fields, 'sure') !== 'yes')
      return ask(request, reply, signedIn, { problem: 'not_sure', status: 422 })

    // This browser stays signed in until the account is deleted, so that the user can retry after a failure.
    await endSessions.ofUser(user.id, session.id)
    await endSessions.families(session.families)
    await users.delete(user.id, clock.now(), deps.composeNotice(user, { kind: 'account_deleted' }))
    // Ends this session, and sessions that started during the deletion.
    await endSessions.everythingOf(user.id)
    deps.audit({
      type: 'user.deleted',
      actor: 'user',
      userId: user.id,
      sessionId: session.id,
      ...auditContext(requestContext(request)),
    })

    const frame = pageFrame(request)
    reply.clearCookie(sessionCookieName, cookieAttributes)
    reply.header('clear-site-data', '"cache", "storage"')
    return sendPage(reply, frame, accountDeletedPage(frame))
  }

  return { ask, act }
}
