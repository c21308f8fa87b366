// GET /callback/:provider: the user returns from a provider. Ends in a redirect, so that code and state leave
// the address bar (RFC 9700 §4.3.1).

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../../audit.ts'
import type { TextEncryption } from '../../encryption/sealing.ts'
import { queryFields } from '../../http/form.ts'
import { auditContext, requestContext } from '../../http/request-context.ts'
import type { ProviderSignIns } from '../../identities/provider-sign-in.ts'
import { sessionCookieName } from '../../sessions/cookie.ts'
import { endedDuringSignIn, type SignedIn, type SignIn } from '../../sessions/sign-in.ts'
import type { UpstreamAttempt, UpstreamAttempts } from '../../sessions/upstream-attempt.ts'
import type { CompleteSignIn } from './complete-sign-in.ts'
import { createIdentifyPerson, type ProviderTrouble } from './identify-person.ts'
import type { ConfirmByProvider } from './link-confirmation.ts'
import type { FindProvider } from './providers.ts'
import { redirectTo, returnWithProblem } from './return-to-request.ts'
import { createTakeAttempt } from './take-attempt.ts'

export const createUpstreamCallback = (deps: {
  findProvider: FindProvider
  upstreamAttempts: UpstreamAttempts
  providerSignIns: ProviderSignIns
  completeSignIn: CompleteSignIn
  confirmByProvider: ConfirmByProvider
  signIn: SignIn
  providerTokenEncryption: TextEncryption
  audit: Audit
}) => {
  const { providerSignIns } = deps
  const takeAttempt = createTakeAttempt(deps.upstreamAttempts)
  const identifyPerson = createIdentifyPerson(deps)

  /** The user who asked to link the provider, if this browser is still in the same session. */
  const findLinkingUser = async (
    request: FastifyRequest,
    { sessionId }: UpstreamAttempt,
  ): Promise<SignedIn | undefined> => {
    const signedIn = await deps.signIn.fromCookie(request.cookies[sessionCookieName])
    return signedIn?.session.id === sessionId ? signedIn : undefined
  }

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const provider = deps.findProvider(request)
    const fields = queryFields(request)
    const context = auditContext(requestContext(request))
    const reportFailure = (reason: string) =>
      deps.audit({ type: 'login.failed', actor: 'user', ...context, reason: `${provider.id}: ${reason}` })

    const refuse = (reason: string) => {
      reportFailure(reason)
      return returnWithProblem(reply, 'provider_expired', { provider: provider.id, purpose: 'login' })
    }

    const taken = takeAttempt(request, reply, provider, fields)
    if (taken.outcome === 'refused') return refuse(taken.reason)
    const { attempt, state } = taken
    const { purpose, requestId, lang } = attempt
    const fail = ({ problem, reason }: ProviderTrouble) => {
      reportFailure(reason)
      return returnWithProblem(reply, problem, { provider: provider.id, purpose, requestId, lang })
    }

    const identified = await identifyPerson(provider, attempt, fields)
    if (identified.outcome === 'failed') {
      if (identified.unavailable) request.log.warn({ err: identified.unavailable }, 'provider is unavailable')
      return fail(identified)
    }
    const { person } = identified
    // Only now, so that a callback of a stranger stores nothing. The provider accepts a code once anyway.
    if ((await deps.upstreamAttempts.use(state)) === 'again') return refuse('state used')

    if (attempt.confirmationId !== undefined)
      return deps.confirmByProvider(request, reply, person, { confirmationId: attempt.confirmationId, lang })
    if (purpose === 'login') {
      const outcome = await providerSignIns.signIn(person, { ...context, locale: lang })
      return deps.completeSignIn(request, reply, person, outcome, attempt)
    }

    const signedIn = await findLinkingUser(request, attempt)
    if (signedIn === undefined)
      return fail({ problem: 'provider_expired', reason: 'the session that asked to link has ended' })
    const outcome = await providerSignIns.link(person, signedIn.user, { ...context, locale: lang })
    if (outcome === 'ended') return fail({ problem: 'provider_expired', reason: endedDuringSignIn })
    if (outcome === 'taken')
      return returnWithProblem(reply, 'identity_taken', { provider: provider.id, purpose, lang })
    return redirectTo(reply, `/account?done=linked&ui_locales=${lang}`)
  }
}
