// GET /callback/:provider: the way back from a provider. Takes the attempt once, lets the provider file say who it is,
// and goes away at once (RFC 9700 §4.7; OIDC Core §3.1.3.7).

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../../audit.ts'
import type { Clock } from '../../clock.ts'
import type { TextEncryption } from '../../encryption/sealing.ts'
import { type Fields, queryFields, single } from '../../http/form.ts'
import { auditContext, requestContext } from '../../http/request-context.ts'
import type { ProviderSignIns } from '../../identities/provider-sign-in.ts'
import { hashToken } from '../../secrets.ts'
import { sessionCookieName } from '../../sessions/cookie.ts'
import type { ProviderPerson } from '../../sessions/provider-person.ts'
import type { SignIn } from '../../sessions/sign-in.ts'
import type { UpstreamAttempt, UpstreamAttempts } from '../../sessions/upstream-attempt.ts'
import { Unavailable } from '../../unavailable.ts'
import { withTimeout } from '../../with-timeout.ts'
import { browserHashOf } from './browser-binding.ts'
import type { CompleteSignIn } from './complete-sign-in.ts'
import { tokenOwner } from './disconnect.ts'
import type { ConfirmByProvider } from './link-confirmation.ts'
import { type UpstreamPerson, type UpstreamProvider, UpstreamRefusal } from './provider.ts'
import type { FindProvider } from './providers.ts'
import { type ProviderProblem, redirectTo, returnWithProblem } from './return-to-request.ts'

/** For all calls of one callback together; the page that says so comes within six seconds. */
const patienceMs = 5500

/** The provider's error codes that mean that the person chose to stop (RFC 6749 §4.1.2.1; Kakao's and OIDC's too). */
const cancellations = ['access_denied', 'consent_required', 'interaction_required', 'login_required']
const passingTroubles = ['temporarily_unavailable', 'server_error']

type Trouble = { problem: ProviderProblem; reason: string }

const answeredError = (error: string): Trouble => {
  if (cancellations.includes(error)) return { problem: 'provider_cancelled', reason: 'cancelled' }
  if (passingTroubles.includes(error)) return { problem: 'provider_unavailable', reason: 'unavailable' }
  return { problem: 'provider_failed', reason: 'the provider answered with an error' }
}

/** Nothing that the provider sent is in `reason`. */
const troubleOf = (error: unknown): Trouble => {
  if (error instanceof UpstreamRefusal) return { problem: 'provider_failed', reason: error.message }
  if (error instanceof Unavailable) return { problem: 'provider_unavailable', reason: 'unavailable' }
  throw error
}

type TakenAttempt = { outcome: 'taken'; attempt: UpstreamAttempt } | { outcome: 'refused'; reason: string }

const refused = (reason: string): TakenAttempt => ({ outcome: 'refused', reason })

export const createUpstreamCallback = (deps: {
  clock: Clock
  findProvider: FindProvider
  upstreamAttempts: UpstreamAttempts
  providerSignIns: ProviderSignIns
  completeSignIn: CompleteSignIn
  confirmByProvider: ConfirmByProvider
  signIn: SignIn
  providerTokenEncryption: TextEncryption
  audit: Audit
}) => {
  const { clock, providerSignIns, audit } = deps

  const takeAttempt = async (
    request: FastifyRequest,
    provider: UpstreamProvider,
    fields: Fields,
  ): Promise<TakenAttempt> => {
    const state = single(fields, 'state')
    const browserHash = browserHashOf(request)
    if (state === undefined) return refused('no state')
    if (browserHash === undefined) return refused('another browser')
    const taking = await deps.upstreamAttempts.take(hashToken(state), { browserHash, provider: provider.id })
    if (taking.outcome === 'unknown') return refused('state unknown or used')
    if (taking.outcome === 'foreign') return refused('state of another browser or provider')
    return taking.attempt.expiresAt > clock.now() ? taking : refused('state expired')
  }

  /** @throws {UpstreamRefusal | Unavailable} */
  const identify = async (
    provider: UpstreamProvider,
    { nonce, codeVerifier }: UpstreamAttempt,
    fields: Fields,
  ): Promise<UpstreamPerson> => {
    const [code, state] = [single(fields, 'code'), single(fields, 'state')]
    if (code === undefined || state === undefined || code.length > 2048) throw new UpstreamRefusal('no code')
    const person = await withTimeout(provider.identify({ code, state, nonce, codeVerifier }), patienceMs)
    if (person === 'late') throw new Unavailable(`${provider.id} (too slow)`)
    return person
  }

  const personOf = (
    provider: UpstreamProvider,
    { refreshToken, ...facts }: UpstreamPerson,
  ): ProviderPerson => ({
    ...facts,
    provider: provider.id,
    ...(refreshToken !== undefined && {
      encryptedToken: deps.providerTokenEncryption.encrypt(
        tokenOwner(provider.id, facts.subject),
        refreshToken,
      ),
    }),
  })

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const provider = deps.findProvider(request)
    const fields = queryFields(request)
    const context = auditContext(requestContext(request))
    const failed = (reason: string) =>
      audit({ type: 'login.failed', actor: 'user', ...context, reason: `${provider.id}: ${reason}` })

    const taken = await takeAttempt(request, provider, fields)
    if (taken.outcome === 'refused') {
      failed(taken.reason)
      return returnWithProblem(reply, 'provider_expired', { provider: provider.id, purpose: 'login' })
    }
    const { attempt } = taken
    const { purpose, requestId, lang } = attempt
    const back = ({ problem, reason }: Trouble) => {
      failed(reason)
      return returnWithProblem(reply, problem, { provider: provider.id, purpose, requestId, lang })
    }

    // RFC 9207: an answer that names another issuer is a mix-up, whatever else it says.
    const issuers = fields.get('iss')
    if (issuers !== undefined && (issuers.length !== 1 || issuers[0] !== provider.issuer))
      return back({ problem: 'provider_failed', reason: 'iss of another provider' })
    const error = single(fields, 'error')
    if (error !== undefined) return back(answeredError(error))

    let person: ProviderPerson
    try {
      person = personOf(provider, await identify(provider, attempt, fields))
    } catch (trouble) {
      if (trouble instanceof Unavailable) request.log.warn({ err: trouble }, 'a provider cannot be asked')
      return back(troubleOf(trouble))
    }

    if (attempt.offerId !== undefined)
      return deps.confirmByProvider(request, reply, person, { offerId: attempt.offerId, lang })
    if (purpose === 'login') {
      const outcome = await providerSignIns.signIn(person, { ...context, locale: lang })
      return deps.completeSignIn(request, reply, person, outcome, attempt)
    }

    const signedIn = await deps.signIn.fromCookie(request.cookies[sessionCookieName])
    if (signedIn === undefined || signedIn.session.id !== attempt.sessionId)
      return back({ problem: 'provider_expired', reason: 'the session that asked to link is gone' })
    const outcome = await providerSignIns.link(person, signedIn.user, { ...context, locale: lang })
    if (outcome === 'taken')
      return returnWithProblem(reply, 'identity_taken', { provider: provider.id, purpose, lang })
    return redirectTo(reply, `/account?done=linked&ui_locales=${lang}`)
  }
}
