// POST /login/:provider: gives the browser a sign-in attempt and sends it to the provider. It stores nothing.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../clock.ts'
import { formFields, single } from '../../http/form.ts'
import { pageFrame } from '../../http/page.ts'
import { refuseCrossSite } from '../../http/same-origin.ts'
import { sessionCookieName } from '../../sessions/cookie.ts'
import { isRecentlyAuthenticated } from '../../sessions/session.ts'
import type { SignIn } from '../../sessions/sign-in.ts'
import type { UpstreamAttempts } from '../../sessions/upstream-attempt.ts'
import type { FindWaitingRequest } from '../waiting-request.ts'
import { keepAttempt } from './attempt-cookie.ts'
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

    if (purpose === 'link') {
      if (signedIn === undefined) return redirectTo(reply, '/login')
      if (!isRecentlyAuthenticated(signedIn.session, deps.clock.now()))
        return returnWithProblem(reply, 'reauthenticate', { purpose: 'login', lang })
    }

    const { state, attempt, sealed } = deps.upstreamAttempts.begin({
      provider: provider.id,
      purpose,
      lang,
      ...(waiting && { requestId: waiting.sealed }),
      ...(confirmationId !== undefined && { confirmationId }),
      ...(purpose === 'link' && signedIn && { sessionId: signedIn.session.id }),
    })
    keepAttempt(request, reply, state, sealed)
    // A signed-in user who starts a login was sent here to reauthenticate.
    const reauthenticate = purpose === 'login' && signedIn !== undefined
    return redirectTo(reply, provider.authorizationUrl({ ...attempt, state, reauthenticate }).href)
  }
