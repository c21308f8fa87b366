// GET|POST /end-session (OIDC RP-Initiated Logout). A valid id_token_hint for the session of this browser
// ends the session at once. Without it, the user confirms the logout on a page. Without the cookie, the hint
// of a third-party client ends only the tokens of that client.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clients } from '../clients/client.ts'
import { type Fields, requestFields, single } from '../http/form.ts'
import { pageFrame, sendPage } from '../http/page.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import { isSameOrigin } from '../http/same-origin.ts'
import type { ClientId, SessionId } from '../ids.ts'
import { loggedOutPage, logoutPage } from '../pages/logout-page.ts'
import { cookieAttributes, sessionCookieName } from '../sessions/cookie.ts'
import type { EndSessions } from '../sessions/end.ts'
import type { RefreshTokens } from '../sessions/family.ts'
import type { SignedIn, SignIn } from '../sessions/sign-in.ts'
import type { IdTokenHint, ReadIdTokenHint } from '../tokens/id-token-hint.ts'
import { createFindPostLogoutRedirect, repeatedParams } from './post-logout-redirect.ts'

/** Sends the browser to the client, or shows that the logout is done. */
const finishLogout = (
  request: FastifyRequest,
  reply: FastifyReply,
  redirectTo: string | undefined,
  { signedIn, fromElsewhere }: { signedIn: SignedIn | undefined; fromElsewhere: boolean },
) => {
  reply.header('cache-control', 'no-store')
  // Keep the cookies if none arrived: a cross-site request may have omitted the SameSite cookie.
  if (signedIn !== undefined)
    reply.clearCookie(sessionCookieName, cookieAttributes).header('clear-site-data', '"cache", "storage"')
  if (redirectTo !== undefined) return reply.redirect(redirectTo, 303)
  const frame = pageFrame(request)
  return sendPage(
    reply,
    frame,
    loggedOutPage({ ...frame, isSignedOut: signedIn !== undefined || !fromElsewhere }),
  )
}

/** Asks the user to confirm the logout (§2). */
const askToConfirm = (
  request: FastifyRequest,
  reply: FastifyReply,
  fields: Fields,
  redirectTo: string | undefined,
) => {
  const frame = pageFrame(request)
  // Drop the parameters if the redirect URI was rejected.
  const params = { ...(redirectTo !== undefined && repeatedParams(fields)), ui_locales: frame.lang }
  return sendPage(reply, frame, logoutPage({ ...frame, params }), {
    ...(redirectTo !== undefined && { formTo: redirectTo }),
  })
}

export const createEndSessionEndpoint = (deps: {
  clients: Clients
  refreshTokens: RefreshTokens
  signIn: SignIn
  endSessions: EndSessions
  readIdTokenHint: ReadIdTokenHint
  audit: Audit
  issuer: string
}) => {
  const findPostLogoutRedirect = createFindPostLogoutRedirect(deps.clients)

  const readHint = async (fields: Fields): Promise<IdTokenHint | undefined> => {
    const text = single(fields, 'id_token_hint')
    return text === undefined ? undefined : deps.readIdTokenHint(text)
  }

  /** The session of the hint, unless this browser is signed in to another session. */
  const findHintedSession = async (hint: IdTokenHint | undefined, signedIn: SignedIn | undefined) => {
    const family = hint && (await deps.refreshTokens.find(hint.familyId))
    if (!family || family.userId !== hint.userId) return undefined
    return signedIn === undefined || signedIn.session.id === family.sessionId ? family.sessionId : undefined
  }

  /** A third-party client may keep an old ID token and send it without the user's browser. */
  const endOnlyFamily = async (
    request: FastifyRequest,
    { familyId, clientId, userId }: IdTokenHint,
    sessionId: SessionId,
  ) => {
    await deps.endSessions.family({ id: familyId, sessionId })
    const context = auditContext(requestContext(request))
    deps.audit({ type: 'token.revoked', actor: 'client', userId, clientId, familyId, ...context })
  }

  const isFirstParty = async (clientId: ClientId): Promise<boolean> =>
    (await deps.clients.find(clientId))?.firstParty === true

  const endSession = async (request: FastifyRequest, sessionId: SessionId, clientId?: ClientId) => {
    const ended = await deps.endSessions.session(sessionId)
    if (ended)
      deps.audit({
        type: 'logout',
        actor: 'user',
        userId: ended.userId,
        sessionId,
        ...(clientId !== undefined && { clientId }),
        ...auditContext(requestContext(request)),
      })
  }

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const fields = requestFields(request)
    const signedIn = await deps.signIn.fromCookie(request.cookies[sessionCookieName])
    const hint = await readHint(fields)
    const redirectTo = await findPostLogoutRedirect(fields, hint)
    const hintedSession = await findHintedSession(hint, signedIn)
    const ownForm = request.method === 'POST' && isSameOrigin(request, deps.issuer)
    // A cross-site POST has no SameSite=Lax cookie, so the browser may be signed in all the same.
    const fromElsewhere = request.method === 'POST' && !ownForm
    const confirmed = ownForm && single(fields, 'confirm') === 'yes'

    if (hint !== undefined && hintedSession !== undefined) {
      if (signedIn === undefined && !(await isFirstParty(hint.clientId)))
        await endOnlyFamily(request, hint, hintedSession)
      else await endSession(request, hintedSession, hint.clientId)
      return finishLogout(request, reply, redirectTo, { signedIn, fromElsewhere })
    }
    if (signedIn === undefined) {
      // The browser adds the cookie to the GET that follows.
      if (fromElsewhere && hint === undefined)
        return reply
          .header('cache-control', 'no-store')
          .redirect(`/end-session?${new URLSearchParams(repeatedParams(fields))}`, 303)
      return finishLogout(request, reply, hint || confirmed ? redirectTo : undefined, {
        signedIn,
        fromElsewhere,
      })
    }
    if (!confirmed) return askToConfirm(request, reply, fields, redirectTo)
    await endSession(request, signedIn.session.id)
    return finishLogout(request, reply, redirectTo, { signedIn, fromElsewhere })
  }
}
