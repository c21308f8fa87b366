// GET|POST /authorize: answers with a code, or parks the request and sends the person to sign in or consent; those pages
// lead back here with ?resume=. Meets login/ only through the parked request.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Client, Clients } from '../clients/client.ts'
import { type Consents, covers } from '../clients/consent.ts'
import { type Clock, secondsAfter } from '../clock.ts'
import { type Fields, requestFields, single } from '../http/form.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import { hashToken, randomToken } from '../secrets.ts'
import { sessionCookieName } from '../sessions/cookie.ts'
import {
  type AuthorizationRequest,
  type FindParkedRequest,
  type ParkedRequest,
  type ParkedRequests,
  parkedRequestTtlSeconds,
} from '../sessions/parked-request.ts'
import type { SignedIn, SignIn } from '../sessions/sign-in.ts'
import { type AuthorizationCodes, authorizationCodeTtlSeconds } from '../tokens/authorization-code.ts'
import type { ReadIdTokenHint } from '../tokens/id-token-hint.ts'
import { readAuthorizationRequest, readReturnAddress } from './authorization-request.ts'
import { errorAnswer, sendAuthorizationResponse } from './authorization-response.ts'
import { loginRequired, OAuthError } from './errors.ts'
import { ExpiredRequest } from './expired-request.ts'

export interface AuthorizeDeps {
  clock: Clock
  clients: Clients
  consents: Consents
  signIn: SignIn
  parkedRequests: ParkedRequests
  findParkedRequest: FindParkedRequest
  authorizationCodes: AuthorizationCodes
  readIdTokenHint: ReadIdTokenHint
  audit: Audit
  issuer: string
  defaultAudience: string
}

type Step = 'answer' | 'login' | 'register' | 'consent'

/** Does the person have to prove who they are (again)? Not twice for one request: `parkedAt` is when it was asked. */
const mustSignIn = (
  { prompt, maxAgeSeconds }: AuthorizationRequest,
  signedIn: SignedIn | undefined,
  now: Date,
  parkedAt: Date | undefined,
): boolean => {
  if (signedIn === undefined) return true
  const { authTime } = signedIn.session
  if (parkedAt !== undefined && authTime >= parkedAt) return false
  if (prompt.some((value) => value === 'login' || value === 'select_account' || value === 'create'))
    return true
  return maxAgeSeconds !== undefined && now.getTime() - authTime.getTime() > maxAgeSeconds * 1000
}

export const createAuthorizeEndpoint = (deps: AuthorizeDeps) => {
  const { clock, clients, consents, signIn, parkedRequests, authorizationCodes, audit, issuer } = deps

  const park = async (asked: AuthorizationRequest): Promise<string> => {
    const id = randomToken()
    const now = clock.now()
    await parkedRequests.park({
      idHash: hashToken(id),
      request: asked,
      parkedAt: now,
      expiresAt: secondsAfter(now, parkedRequestTtlSeconds),
    })
    return id
  }

  const nextStep = async (
    asked: AuthorizationRequest,
    client: Client,
    signedIn: SignedIn | undefined,
    parked: ParkedRequest | undefined,
  ): Promise<Step> => {
    if (mustSignIn(asked, signedIn, clock.now(), parked?.parkedAt) || signedIn === undefined)
      return asked.prompt.includes('create') ? 'register' : 'login'
    if (parked?.consentedBySession === signedIn.session.id) return 'answer'
    if (asked.prompt.includes('consent')) return 'consent'
    if (client.firstParty) return 'answer'
    // Any app can claim a loopback port or a scheme of its own: only https proves which one asks (RFC 8252 §8.6).
    if (!asked.redirectUri.startsWith('https://')) return 'consent'
    return covers(await consents.find(signedIn.user.id, client.id), asked.scope) ? 'answer' : 'consent'
  }

  const issueCode = async (
    request: FastifyRequest,
    asked: AuthorizationRequest,
    { session, user }: SignedIn,
  ) => {
    const code = randomToken()
    const now = clock.now()
    await authorizationCodes.issue({
      codeHash: hashToken(code),
      clientId: asked.clientId,
      userId: user.id,
      sessionId: session.id,
      redirectUri: asked.redirectUri,
      scope: asked.scope,
      resource: asked.resource,
      ...(asked.nonce !== undefined && { nonce: asked.nonce }),
      ...(asked.codeChallenge !== undefined && { codeChallenge: asked.codeChallenge }),
      authTime: session.authTime,
      amr: session.amr,
      issuedAt: now,
      expiresAt: secondsAfter(now, authorizationCodeTtlSeconds),
    })
    audit({
      type: 'code.issued',
      actor: 'user',
      userId: user.id,
      clientId: asked.clientId,
      sessionId: session.id,
      ...auditContext(requestContext(request)),
    })
    return code
  }

  const refusals = {
    login: 'login_required',
    register: 'interaction_required',
    consent: 'consent_required',
  } as const

  /** The person that the client expects. A hint that is not ours names nobody whom prompt=none could find. */
  const withHint = async (fields: Fields, asked: AuthorizationRequest): Promise<AuthorizationRequest> => {
    const text = single(fields, 'id_token_hint')
    const hint = text === undefined ? undefined : await deps.readIdTokenHint(text)
    if (hint !== undefined) return { ...asked, hintedUserId: hint.userId }
    if (text !== undefined && asked.prompt.includes('none')) throw loginRequired()
    return asked
  }

  /** Takes the request as far as it goes now. */
  const proceed = async (
    request: FastifyRequest,
    reply: FastifyReply,
    asked: AuthorizationRequest,
    client: Client,
    resumed?: { id: string; parked: ParkedRequest },
  ) => {
    const recognised = await signIn.fromCookie(request.cookies[sessionCookieName])
    const expected = asked.hintedUserId === undefined || recognised?.user.id === asked.hintedUserId
    const signedIn = expected ? recognised : undefined
    // Asked for one person, another one signed in: to ask again would go round in circles.
    if (!expected && resumed && recognised && recognised.session.authTime >= resumed.parked.parkedAt) {
      await parkedRequests.take(resumed.parked.idHash)
      return sendAuthorizationResponse(request, reply, asked, errorAnswer(loginRequired()), issuer)
    }
    const step = await nextStep(asked, client, signedIn, resumed?.parked)
    if (step === 'answer' && signedIn !== undefined) {
      // The code first, which nobody knows yet: a failure leaves the parked request to try again with.
      const code = await issueCode(request, asked, signedIn)
      if (resumed && (await parkedRequests.take(resumed.parked.idHash)) === undefined)
        throw new ExpiredRequest()
      return sendAuthorizationResponse(request, reply, asked, { code }, issuer)
    }
    if (asked.prompt.includes('none')) {
      const error = step === 'answer' ? 'login_required' : refusals[step]
      const answer = errorAnswer({ code: error, description: 'The person would have to be asked.' })
      return sendAuthorizationResponse(request, reply, asked, answer, issuer)
    }
    const id = resumed?.id ?? (await park(asked))
    return reply.header('cache-control', 'no-store').redirect(`/${step}?request=${id}`, 303)
  }

  const resume = async (request: FastifyRequest, reply: FastifyReply, id: string) => {
    const found = await deps.findParkedRequest(id)
    if (!found) throw new ExpiredRequest()
    const { parked, client } = found
    return proceed(request, reply, parked.request, client, { id, parked })
  }

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const fields = requestFields(request)
    const resumeId = request.method === 'GET' ? single(fields, 'resume') : undefined
    if (resumeId !== undefined) return resume(request, reply, resumeId)

    const address = await readReturnAddress(fields, clients)
    try {
      const asked = await withHint(fields, readAuthorizationRequest(fields, address, deps.defaultAudience))
      // A cross-site POST comes without our SameSite=Lax cookie; the redirect to a GET brings it.
      if (request.method === 'POST')
        return reply
          .header('cache-control', 'no-store')
          .redirect(`/authorize?resume=${await park(asked)}`, 303)
      return await proceed(request, reply, asked, address.client)
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      request.log.info(
        { reason: error.message, clientId: address.client.id },
        'authorization request refused',
      )
      return sendAuthorizationResponse(request, reply, address, errorAnswer(error), issuer)
    }
  }
}
