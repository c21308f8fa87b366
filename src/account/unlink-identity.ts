// POST /account/identities/unlink: removes a provider from the login methods. The provider gets a disconnect
// request later. A user adds a provider at POST /login/:provider.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { type Fields, single } from '../http/form.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import type { DisconnectRequests } from '../identities/disconnect-requests.ts'
import type { Identities } from '../identities/identity.ts'
import type { UserId } from '../ids.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import { isRecentlyAuthenticated } from '../sessions/session.ts'
import type { SignedIn } from '../sessions/sign-in.ts'
import { type BackToAccount, reauthenticate } from './action.ts'

export const createUnlinkAction = (deps: {
  clock: Clock
  identities: Identities
  disconnectRequests: Pick<DisconnectRequests, 'enqueue'>
  composeNotice: ComposeNotice
  audit: Audit
  show(
    request: FastifyRequest,
    reply: FastifyReply,
    signedIn: SignedIn,
    options: { problem: 'last_login_method'; status: number },
  ): Promise<FastifyReply>
  backToAccount: BackToAccount
}) => {
  /** Runs before the unlink. If the identity stays linked, the queue drops the request by itself. */
  const requestDisconnect = async (userId: UserId, provider: string, subject: string) => {
    const own = await deps.identities.listOfUser(userId)
    const identity = own.find((linked) => linked.provider === provider && linked.subject === subject)
    if (identity === undefined) return
    const { encryptedToken } = identity
    await deps.disconnectRequests.enqueue({
      provider,
      subject,
      requestedAt: deps.clock.now(),
      ...(encryptedToken !== undefined && { encryptedToken }),
    })
  }

  return async (request: FastifyRequest, reply: FastifyReply, signedIn: SignedIn, fields: Fields) => {
    const { user, session } = signedIn
    // A recent sign-in is required: a stranger at an open browser must not lock the user out (ASVS 7.5.1).
    if (!isRecentlyAuthenticated(session, deps.clock.now())) return reauthenticate(request, reply)
    const [provider, subject] = [single(fields, 'provider') ?? '', single(fields, 'subject') ?? '']
    await requestDisconnect(user.id, provider, subject)
    const mails = deps.composeNotice(user, { kind: 'provider_unlinked', provider })
    const outcome = await deps.identities.unlink(user.id, provider, subject, mails)
    if (outcome === 'last_login_method')
      return deps.show(request, reply, signedIn, { problem: 'last_login_method', status: 409 })
    if (outcome === 'unlinked')
      deps.audit({
        type: 'identity.unlinked',
        actor: 'user',
        userId: user.id,
        sessionId: session.id,
        ...auditContext(requestContext(request)),
        reason: provider,
      })
    return deps.backToAccount(request, reply, 'unlinked')
  }
}
