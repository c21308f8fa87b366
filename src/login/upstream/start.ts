// POST /login/:provider: stores the sign-in attempt and sends the browser to the provider.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Clock, secondsAfter } from '../../clock.ts'
import { formFields, single } from '../../http/form.ts'
import { pageFrame } from '../../http/page.ts'
import { refuseCrossSite } from '../../http/same-origin.ts'
import { hashToken, randomToken } from '../../secrets.ts'
import { sessionCookieName } from '../../sessions/cookie.ts'
import { isRecentlyAuthenticated } from '../../sessions/session.ts'
import type { SignIn } from '../../sessions/sign-in.ts'
import { type UpstreamAttempts, upstreamAttemptTtlSeconds } from '../../sessions/upstream-attempt.ts'
import type { FindWaitingRequest } from '../waiting-request.ts'
import { bindBrowser } from './browser-binding.ts'
import type { FindProvider } from './providers.ts'
import { redirectTo, returnWithProblem } from './return-to-request.ts'

export const createUpstreamStart =
  (deps: {
    clock: Clock
    issuer: string
    findProvider: FindProvider
    findWaitingRequest: FindWaitingRequest
    upstreamAttempts: UpstreamAttempts
    signIn: SignIn
  }) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    refuseCrossSite(request, deps.issuer)
    const provider = deps.findProvider(request)
    const fields = formFields(request)
    const waiting = await deps.findWaitingRequest(single(fields, 'request'))
    const confirmationId = single(fields, 'confirmation')
    const purpose = single(fields, 'purpose') === 'link' ? 'link' : 'login'
    const { lang } = pageFrame(request, waiting?.parked.request.uiLocales)
    const signedIn = await deps.signIn.fromCookie(request.cookies[sessionCookieName])
    const now = deps.clock.now()

    if (purpose === 'link') {
      if (signedIn === undefined) return redirectTo(reply, '/login')
      if (!isRecentlyAuthenticated(signedIn.session, now))
        return returnWithProblem(reply, 'reauthenticate', { purpose: 'login', lang })
    }

    const [state, nonce, codeVerifier] = [randomToken(), randomToken(), randomToken()]
    await deps.upstreamAttempts.begin({
      stateHash: hashToken(state),
      provider: provider.id,
      nonce,
      codeVerifier,
      purpose,
      lang,
      browserHash: bindBrowser(request, reply),
      ...(waiting && { requestId: waiting.id }),
      ...(confirmationId !== undefined && { confirmationId }),
      ...(purpose === 'link' && signedIn && { sessionId: signedIn.session.id }),
      startedAt: now,
      expiresAt: secondsAfter(now, upstreamAttemptTtlSeconds),
    })
    // A signed-in user who starts a login was sent here to reauthenticate.
    const reauthenticate = purpose === 'login' && signedIn !== undefined
    return redirectTo(reply, provider.authorizationUrl({ state, nonce, codeVerifier, reauthenticate }).href)
  }
