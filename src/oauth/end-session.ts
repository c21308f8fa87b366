// GET|POST /end-session (OIDC RP-Initiated Logout). A hint that we signed for the session of this browser is the
// client's proof, and ends it; anything less asks the person.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Client, Clients } from '../clients/client.ts'
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

export const createEndSessionEndpoint = (deps: {
  clients: Clients
  refreshTokens: RefreshTokens
  signIn: SignIn
  endSessions: EndSessions
  readIdTokenHint: ReadIdTokenHint
  audit: Audit
  issuer: string
}) => {
  const { clients, refreshTokens, signIn, endSessions, audit, issuer } = deps

  /** Where to go afterwards: only to what the client registered, byte for byte. */
  const returnUri = async (fields: Fields, hint: IdTokenHint | undefined): Promise<string | undefined> => {
    const uri = single(fields, 'post_logout_redirect_uri')
    const clientId = single(fields, 'client_id')
    if (hint && clientId !== undefined && clientId !== hint.clientId) return undefined
    const id = hint?.clientId ?? clientId
    const client: Client | undefined = id === undefined ? undefined : await clients.find(id)
    if (uri === undefined || !client?.postLogoutRedirectUris.includes(uri)) return undefined
    const state = single(fields, 'state')
    return state === undefined
      ? uri
      : `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`
  }

  const end = async (request: FastifyRequest, sessionId: SessionId, clientId: ClientId | undefined) => {
    const ended = await endSessions.session(sessionId)
    if (ended)
      audit({
        type: 'logout',
        actor: 'user',
        userId: ended.userId,
        sessionId,
        ...(clientId !== undefined && { clientId }),
        ...auditContext(requestContext(request)),
      })
  }

  /** Of a browser that showed no session nothing is taken: another site may have sent it here without its cookie. */
  const leave = (
    request: FastifyRequest,
    reply: FastifyReply,
    to: string | undefined,
    signedIn: SignedIn | undefined,
  ) => {
    reply.header('cache-control', 'no-store')
    if (signedIn !== undefined)
      reply.clearCookie(sessionCookieName, cookieAttributes).header('clear-site-data', '"cache", "storage"')
    if (to !== undefined) return reply.redirect(to, 303)
    const frame = pageFrame(request)
    return sendPage(reply, frame, loggedOutPage(frame))
  }

  /** What the question, and the way to it, carry along: never the hint, which names a person. */
  const carried = (fields: Fields): Record<string, string> =>
    Object.fromEntries(
      ['post_logout_redirect_uri', 'state', 'client_id', 'ui_locales'].flatMap((name) => {
        const value = single(fields, name)
        return value === undefined ? [] : [[name, value]]
      }),
    )

  const ask = (request: FastifyRequest, reply: FastifyReply, fields: Fields, to: string | undefined) => {
    const frame = pageFrame(request)
    // What leads nowhere is not repeated.
    const params = { ...(to !== undefined && carried(fields)), ui_locales: frame.lang }
    return sendPage(reply, frame, logoutPage({ ...frame, params }), {
      ...(to !== undefined && { formTo: to }),
    })
  }

  /** The session that the hint proves, unless this browser is signed in to another one. */
  const provenSession = async (hint: IdTokenHint | undefined, signedIn: SignedIn | undefined) => {
    const family = hint && (await refreshTokens.find(hint.familyId))
    if (!family || family.userId !== hint.userId) return undefined
    return signedIn === undefined || signedIn.session.id === family.sessionId ? family.sessionId : undefined
  }

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const fields = requestFields(request)
    const signedIn = await signIn.fromCookie(request.cookies[sessionCookieName])
    const hintText = single(fields, 'id_token_hint')
    const hint = hintText === undefined ? undefined : await deps.readIdTokenHint(hintText)
    const to = await returnUri(fields, hint)
    const proven = await provenSession(hint, signedIn)
    const confirmed =
      request.method === 'POST' && single(fields, 'confirm') === 'yes' && isSameOrigin(request, issuer)

    if (proven !== undefined) {
      await end(request, proven, hint?.clientId)
      return leave(request, reply, to, signedIn)
    }
    if (signedIn === undefined) {
      const fromElsewhere = request.method === 'POST' && !isSameOrigin(request, issuer)
      // A cross-site POST comes without our SameSite=Lax cookie; the redirect to a GET brings it.
      if (fromElsewhere && hint === undefined)
        return reply
          .header('cache-control', 'no-store')
          .redirect(`/end-session?${new URLSearchParams(carried(fields))}`, 303)
      return leave(request, reply, hint || confirmed ? to : undefined, signedIn)
    }
    if (!confirmed) return ask(request, reply, fields, to)
    await end(request, signedIn.session.id, undefined)
    return leave(request, reply, to, signedIn)
  }
}
