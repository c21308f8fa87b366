// GET|POST /consent: the user allows or denies what a third-party client requests (OIDC Core §3.1.2.4), or
// continues to a first-party client whose redirect URI another app could use (RFC 8252 §8.6).

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import { type Apis, scopeWords } from '../clients/api.ts'
import type { Client } from '../clients/client.ts'
import type { Consents } from '../clients/consent.ts'
import type { Clock } from '../clock.ts'
import { type Fields, formFields, queryFields, single } from '../http/form.ts'
import { pageFrame, sendPage } from '../http/page.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import { refuseCrossSite } from '../http/same-origin.ts'
import { consentPage } from '../pages/consent-page.ts'
import { continuePage } from '../pages/continue-page.ts'
import { sessionCookieName } from '../sessions/cookie.ts'
import type { ParkedRequest, ParkedRequests } from '../sessions/parked-request.ts'
import type { SignIn } from '../sessions/sign-in.ts'
import { resolveAudience } from '../tokens/audience.ts'
import { errorAnswer, sendAuthorizationResponse } from './authorization-response.ts'
import { ExpiredRequest } from './expired-request.ts'

/** False if the user only continues to a first-party client. */
const needsConsent = ({ request }: ParkedRequest, client: Client): boolean =>
  !client.firstParty || request.prompt.includes('consent')

export const createConsentEndpoint = (deps: {
  clock: Clock
  apis: Apis
  consents: Consents
  parkedRequests: ParkedRequests
  signIn: SignIn
  audit: Audit
  issuer: string
  defaultAudience: string
  absoluteTtlSeconds: number
}) => {
  const { clock, consents, parkedRequests, signIn, audit, issuer } = deps

  /**
   * The parked request that the fields carry, and the user of this browser.
   * @throws {ExpiredRequest}
   */
  const findWaiting = async (request: FastifyRequest, fields: Fields) => {
    const found = await parkedRequests.find(single(fields, 'request') ?? '')
    if (!found) throw new ExpiredRequest()
    return { ...found, signedIn: await signIn.fromCookie(request.cookies[sessionCookieName]) }
  }

  const show = async (request: FastifyRequest, reply: FastifyReply) => {
    const { sealed, parked, client, signedIn } = await findWaiting(request, queryFields(request))
    if (signedIn === undefined) return reply.redirect(`/login?request=${sealed}`, 303)
    const frame = pageFrame(request, parked.request.uiLocales)
    const { redirectUri, scope, resource } = parked.request
    const { user } = signedIn
    const audiences = resolveAudience(client, resource, { scope }, deps) ?? []
    const view = {
      ...frame,
      requestId: sealed,
      clientName: client.name,
      redirectHost: new URL(redirectUri).host || new URL(redirectUri).protocol,
      userLabel: user.email ?? user.username ?? user.name ?? user.id,
    }
    const page = needsConsent(parked, client)
      ? consentPage({
          ...view,
          scopes: scope,
          scopeWords: scopeWords(await deps.apis.list(), { scope, audiences, lang: frame.lang }),
          lifetimeSeconds: deps.absoluteTtlSeconds,
        })
      : continuePage(view)
    return sendPage(reply, frame, page, { formTo: redirectUri })
  }

  const decide = async (request: FastifyRequest, reply: FastifyReply) => {
    refuseCrossSite(request, issuer)
    const fields = formFields(request)
    const { sealed, parked, client, signedIn } = await findWaiting(request, fields)
    if (signedIn === undefined) return reply.redirect(`/login?request=${sealed}`, 303)
    const auditFacts = {
      actor: 'user' as const,
      userId: signedIn.user.id,
      clientId: client.id,
      sessionId: signedIn.session.id,
      ...auditContext(requestContext(request)),
    }
    if (single(fields, 'decision') !== 'allow') {
      if ((await parkedRequests.answer(parked)) === 'again') throw new ExpiredRequest()
      audit({ type: 'consent.denied', ...auditFacts })
      const answer = errorAnswer({ code: 'access_denied', description: 'The user denied the request.' })
      return sendAuthorizationResponse(request, reply, parked.request, answer, issuer)
    }
    if (needsConsent(parked, client)) {
      const { scope: scopes } = parked.request
      const grantedAt = clock.now()
      await consents.grant({ userId: signedIn.user.id, clientId: client.id, scopes, grantedAt })
      // Read again after the consent was stored: if the session ended before, its end did not see it.
      if ((await signIn.fromCookie(request.cookies[sessionCookieName])) === undefined) {
        await consents.withdraw(signedIn.user.id, client.id)
        return reply.redirect(`/login?request=${sealed}`, 303)
      }
      audit({ type: 'consent.granted', ...auditFacts })
    }
    const confirmed = parkedRequests.confirm(parked, signedIn.session.id)
    return reply.header('cache-control', 'no-store').redirect(`/authorize?resume=${confirmed}`, 303)
  }

  return { show, decide }
}
