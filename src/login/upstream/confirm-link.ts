// The answers to a link confirmation (F10 in docs/security.md): sign in to the account with its password or
// another provider, take the account over, or register a separate account.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Fields, single } from '../../http/form.ts'
import { pageFrame } from '../../http/page.ts'
import { auditContext, requestContext } from '../../http/request-context.ts'
import type { SignInContext } from '../../identities/audit-person.ts'
import type { ProviderSignIns } from '../../identities/provider-sign-in.ts'
import type { LogInByPassword } from '../../passwords/login.ts'
import { deviceCookieName } from '../../sessions/cookie.ts'
import type { ProviderPerson } from '../../sessions/provider-person.ts'
import type { UpstreamAttempts } from '../../sessions/upstream-attempt.ts'
import { normalEmail, type User } from '../../users/user.ts'
import type { SignInInBrowser } from '../browser-sign-in.ts'
import { continueRequest, type FindWaitingRequest, findIfStillWaiting } from '../waiting-request.ts'
import { amrOf, type CompleteSignIn } from './complete-sign-in.ts'
import type { Offer } from './find-link-confirmation.ts'
import { redirectTo, returnWithProblem } from './return-to-request.ts'
import type { ShowLinkConfirmation } from './show-link-confirmation.ts'

export interface ConfirmLinkDeps {
  findWaitingRequest: FindWaitingRequest
  upstreamAttempts: UpstreamAttempts
  providerSignIns: ProviderSignIns
  logInByPassword: LogInByPassword
  signInInBrowser: SignInInBrowser
  completeSignIn: CompleteSignIn
}

const contextOf = (request: FastifyRequest): SignInContext => ({
  ...auditContext(requestContext(request)),
  locale: pageFrame(request).lang,
})

/** Links the provider to the account that the user has just signed in to. */
const createLinkTo =
  ({ providerSignIns, upstreamAttempts }: ConfirmLinkDeps) =>
  async (request: FastifyRequest, offer: Offer, user: User) => {
    const outcome = await providerSignIns.link(offer, user, contextOf(request))
    // The link confirmation is taken last, so that the user can retry after a failure.
    await upstreamAttempts.takeOffer(offer.idHash)
    return outcome
  }

const createStartSession =
  ({ findWaitingRequest, signInInBrowser }: ConfirmLinkDeps) =>
  async (
    request: FastifyRequest,
    reply: FastifyReply,
    { requestId }: Offer,
    login: { user: User; amr: readonly string[]; device?: string },
  ) => {
    const waiting = await findIfStillWaiting(findWaitingRequest, requestId)
    await signInInBrowser(request, reply, { ...login, ...(waiting && { clientId: waiting.client.id }) })
    return continueRequest(reply, requestId)
  }

export const createConfirmLink = (deps: ConfirmLinkDeps, show: ShowLinkConfirmation) => {
  const { upstreamAttempts, providerSignIns } = deps
  const linkTo = createLinkTo(deps)
  const startSession = createStartSession(deps)

  const byPassword = async (request: FastifyRequest, reply: FastifyReply, offer: Offer, fields: Fields) => {
    const device = request.cookies[deviceCookieName]
    const check = await deps.logInByPassword({
      login: offer.email,
      password: single(fields, 'password') ?? '',
      ...auditContext(requestContext(request)),
      ...(device !== undefined && { device }),
    })
    switch (check.outcome) {
      case 'throttled': {
        const { retryAfterSeconds } = check
        return show(request, reply, offer, { problem: 'throttled', status: 429, retryAfterSeconds })
      }
      case 'refused':
        return show(request, reply, offer, { problem: 'wrong_password', status: 401 })
      case 'ok': {
        if ((await linkTo(request, offer, check.user)) === 'taken')
          return show(request, reply, offer, { problem: 'identity_taken', status: 409 })
        return startSession(request, reply, offer, { user: check.user, amr: ['pwd'], device: check.device })
      }
    }
  }

  /** The user signed in with another provider. It must open the account that has the address. */
  const byProvider = async (
    request: FastifyRequest,
    reply: FastifyReply,
    offer: Offer,
    by: ProviderPerson,
    lang: 'ko' | 'en',
  ) => {
    const known = await providerSignIns.findKnown(by, { ...contextOf(request), locale: lang })
    if (known?.outcome === 'disabled')
      return returnWithProblem(reply, 'account_disabled', { provider: by.provider, purpose: 'login', lang })
    if (known === undefined || known.user.email !== normalEmail(offer.email)) {
      const query = { offer: offer.id, problem: 'other_account', ui_locales: lang }
      return redirectTo(reply, `/login/link?${new URLSearchParams(query)}`)
    }
    await linkTo(request, offer, known.user)
    return startSession(request, reply, offer, { user: known.user, amr: amrOf(by.provider) })
  }

  /** The provider verified the address, and the account did not. */
  const byTakeOver = async (request: FastifyRequest, reply: FastifyReply, offer: Offer) => {
    const takeOver = await providerSignIns.takeOver(offer, contextOf(request))
    if (takeOver.outcome === 'refused')
      return show(request, reply, offer, { problem: 'not_yours_to_take_over', status: 409 })
    await upstreamAttempts.takeOffer(offer.idHash)
    if (takeOver.outcome === 'disabled')
      return returnWithProblem(reply, 'account_disabled', {
        ...offer,
        purpose: 'login',
        lang: pageFrame(request).lang,
      })
    return startSession(request, reply, offer, { user: takeOver.user, amr: amrOf(offer.provider) })
  }

  /** A separate account, without the address. Not allowed if the provider verified the address. */
  const byNewAccount = async (request: FastifyRequest, reply: FastifyReply, offer: Offer) => {
    if (offer.emailVerified) return show(request, reply, offer, { status: 409 })
    const outcome = await providerSignIns.registerApart(offer, contextOf(request))
    await upstreamAttempts.takeOffer(offer.idHash)
    const { lang } = pageFrame(request)
    return deps.completeSignIn(request, reply, offer, outcome, { requestId: offer.requestId, lang })
  }

  return { byPassword, byProvider, byTakeOver, byNewAccount }
}
