// GET|POST /login/link: an account here has the address that a provider named, and that is not proof enough. The person
// signs in to the account, in this visit, and only then is the provider linked to it (checklist F10); or they take
// another way, if one is open to them.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../clock.ts'
import { type Fields, formFields, queryFields, single } from '../../http/form.ts'
import { pageFrame, sendPage } from '../../http/page.ts'
import { auditContext, requestContext } from '../../http/request-context.ts'
import { refuseCrossSite } from '../../http/same-origin.ts'
import type { ProviderSignIns } from '../../identities/provider-sign-in.ts'
import { linkPage } from '../../pages/link-confirmation-page.ts'
import type { LogInByPassword } from '../../passwords/login.ts'
import { hashToken, sameSecret } from '../../secrets.ts'
import { deviceCookieName } from '../../sessions/cookie.ts'
import type { ProviderPerson } from '../../sessions/provider-person.ts'
import type { LinkConfirmation, UpstreamAttempts } from '../../sessions/upstream-attempt.ts'
import { normalEmail, type User } from '../../users/user.ts'
import type { SignInInBrowser } from '../browser-sign-in.ts'
import { continueRequest, type FindWaitingRequest } from '../waiting-request.ts'
import { browserHashOf } from './browser-binding.ts'
import { amrOf, type CompleteSignIn } from './complete-sign-in.ts'
import type { UpstreamProvider } from './provider.ts'
import { redirectTo, returnWithProblem } from './return-to-request.ts'

export type ConfirmByProvider = (
  request: FastifyRequest,
  reply: FastifyReply,
  by: ProviderPerson,
  visit: { offerId: string; lang: 'ko' | 'en' },
) => Promise<FastifyReply>

type Problem = NonNullable<Parameters<typeof linkPage>[0]['problem']>
type Offer = LinkConfirmation & { id: string }

export const createLinkConfirmations = (deps: {
  clock: Clock
  issuer: string
  providers: readonly UpstreamProvider[]
  findWaitingRequest: FindWaitingRequest
  upstreamAttempts: UpstreamAttempts
  providerSignIns: ProviderSignIns
  logInByPassword: LogInByPassword
  signInInBrowser: SignInInBrowser
  completeSignIn: CompleteSignIn
  registration: boolean
}) => {
  const { upstreamAttempts, providerSignIns } = deps

  /** Only for the browser that it was offered to. */
  const findOffer = async (request: FastifyRequest, id: string | undefined): Promise<Offer | undefined> => {
    const [offer, browser] = [id && (await upstreamAttempts.findOffer(hashToken(id))), browserHashOf(request)]
    if (!id || !offer || browser === undefined || !sameSecret(offer.browserHash, browser)) return undefined
    return offer.expiresAt > deps.clock.now() ? { ...offer, id } : undefined
  }

  const contextOf = (request: FastifyRequest) => ({
    ...auditContext(requestContext(request)),
    locale: pageFrame(request).lang,
  })

  const show = async (
    request: FastifyRequest,
    reply: FastifyReply,
    offer: Offer,
    options: { problem?: Problem; status?: number; retryAfterSeconds?: number } = {},
  ) => {
    const frame = pageFrame(request)
    const mayClaim = await providerSignIns.mayTakeOver(offer)
    const { status, ...saying } = options
    if (saying.retryAfterSeconds !== undefined) reply.header('retry-after', String(saying.retryAfterSeconds))
    const page = linkPage({
      ...frame,
      ...{ offerId: offer.id, provider: offer.provider, email: offer.email, mayClaim },
      mayStayApart: !offer.emailVerified && deps.registration,
      providers: deps.providers.map(({ id }) => id).filter((id) => id !== offer.provider),
      ...(offer.requestId !== undefined && { requestId: offer.requestId }),
      ...saying,
    })
    // Without the client's address: Chrome applies form-action to where the person goes on to.
    const waiting = await deps.findWaitingRequest(offer.requestId).catch(() => undefined)
    const formTo = [
      ...deps.providers.flatMap(({ pages }) => pages),
      ...(waiting ? [waiting.parked.request.redirectUri] : []),
    ]
    return sendPage(reply, frame, page, { formTo, ...(status && { status }) })
  }

  const gone = (request: FastifyRequest, reply: FastifyReply) =>
    returnWithProblem(reply, 'provider_expired', { purpose: 'login', lang: pageFrame(request).lang })

  /** Links first and takes the offer last: what breaks off in between can be repeated. */
  const confirm = async (request: FastifyRequest, offer: Offer, user: User) => {
    const outcome = await providerSignIns.link(offer, user, contextOf(request))
    await upstreamAttempts.takeOffer(offer.idHash)
    return outcome
  }

  const enter = async (
    request: FastifyRequest,
    reply: FastifyReply,
    offer: Offer,
    who: { user: User; amr: readonly string[]; device?: string },
  ) => {
    const waiting = await deps.findWaitingRequest(offer.requestId).catch(() => undefined)
    await deps.signInInBrowser(request, reply, { ...who, ...(waiting && { clientId: waiting.client.id }) })
    return continueRequest(reply, offer.requestId)
  }

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
        const { user, device: known } = check
        if ((await confirm(request, offer, user)) === 'taken')
          return show(request, reply, offer, { problem: 'identity_taken', status: 409 })
        return enter(request, reply, offer, { user, amr: ['pwd'], device: known })
      }
    }
  }

  const byClaim = async (request: FastifyRequest, reply: FastifyReply, offer: Offer) => {
    const claim = await providerSignIns.takeOver(offer, contextOf(request))
    if (claim.outcome === 'refused')
      return show(request, reply, offer, { problem: 'not_yours_to_claim', status: 409 })
    await upstreamAttempts.takeOffer(offer.idHash)
    if (claim.outcome === 'disabled')
      return returnWithProblem(reply, 'account_disabled', {
        ...offer,
        purpose: 'login',
        lang: pageFrame(request).lang,
      })
    return enter(request, reply, offer, { user: claim.user, amr: amrOf(offer.provider) })
  }

  const apart = async (request: FastifyRequest, reply: FastifyReply, offer: Offer) => {
    if (offer.emailVerified) return show(request, reply, offer, { status: 409 })
    const outcome = await providerSignIns.registerApart(offer, contextOf(request))
    await upstreamAttempts.takeOffer(offer.idHash)
    const { lang } = pageFrame(request)
    return deps.completeSignIn(request, reply, offer, outcome, { requestId: offer.requestId, lang })
  }

  return {
    get: async (request: FastifyRequest, reply: FastifyReply) => {
      const fields = queryFields(request)
      const offer = await findOffer(request, single(fields, 'offer'))
      if (offer === undefined) return gone(request, reply)
      return single(fields, 'problem') === 'other_account'
        ? show(request, reply, offer, { problem: 'other_account' })
        : show(request, reply, offer)
    },
    post: async (request: FastifyRequest, reply: FastifyReply) => {
      refuseCrossSite(request, deps.issuer)
      const fields = formFields(request)
      const offer = await findOffer(request, single(fields, 'offer'))
      if (offer === undefined) return gone(request, reply)
      const way = single(fields, 'way')
      if (way === 'claim') return byClaim(request, reply, offer)
      return way === 'apart' ? apart(request, reply, offer) : byPassword(request, reply, offer, fields)
    },
    /** The person showed another way in, to prove that the account is theirs. No account is made on the way. */
    confirmByProvider: (async (request, reply, by, { offerId, lang }) => {
      const offer = await findOffer(request, offerId)
      if (offer === undefined) return gone(request, reply)
      const known = await providerSignIns.findKnown(by, { ...contextOf(request), locale: lang })
      if (known?.outcome === 'disabled')
        return returnWithProblem(reply, 'account_disabled', { provider: by.provider, purpose: 'login', lang })
      const again = { offer: offerId, problem: 'other_account', ui_locales: lang }
      if (known === undefined || known.user.email !== normalEmail(offer.email))
        return redirectTo(reply, `/login/link?${new URLSearchParams(again)}`)
      await confirm(request, offer, known.user)
      return enter(request, reply, offer, { user: known.user, amr: amrOf(by.provider) })
    }) satisfies ConfirmByProvider,
  }
}
