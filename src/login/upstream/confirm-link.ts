// The answers to a link confirmation (F10 in docs/security.md): sign in to the account with its password or
// another provider, take the account over, or register a separate account.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { defined } from '../../defined.ts'
import { type Fields, single } from '../../http/form.ts'
import { pageFrame } from '../../http/page.ts'
import { auditContext, requestContext } from '../../http/request-context.ts'
import type { SignInContext } from '../../identities/audit-person.ts'
import type { ProviderSignIns } from '../../identities/provider-sign-in.ts'
import type { LogInByPassword } from '../../passwords/login.ts'
import { deviceCookieName } from '../../sessions/cookie.ts'
import type { LinkConfirmations } from '../../sessions/link-confirmation.ts'
import type { ProviderPerson } from '../../sessions/provider-person.ts'
import { normalEmail, type User } from '../../users/user.ts'
import type { CheckedLogin } from '../browser-sign-in.ts'
import type { CompleteSignIn } from './complete-sign-in.ts'
import type { FoundConfirmation } from './find-link-confirmation.ts'
import { redirectTo, returnWithProblem } from './return-to-request.ts'
import type { ShowLinkConfirmation } from './show-link-confirmation.ts'
import { amrOf, type StartSession } from './start-session.ts'

export interface ConfirmLinkDeps {
  linkConfirmations: LinkConfirmations
  providerSignIns: ProviderSignIns
  logInByPassword: LogInByPassword
  startSession: StartSession
  completeSignIn: CompleteSignIn
}

const contextOf = (request: FastifyRequest): SignInContext => ({
  ...auditContext(requestContext(request)),
  locale: pageFrame(request).lang,
})

/** Links the provider to the account that the user has just signed in to. */
const createLinkTo =
  ({ providerSignIns, linkConfirmations }: ConfirmLinkDeps) =>
  async (request: FastifyRequest, confirmation: FoundConfirmation, user: User) => {
    const outcome = await providerSignIns.link(confirmation, user, contextOf(request))
    // The link confirmation is taken last, so that the user can retry after a failure.
    await linkConfirmations.take(confirmation.idHash)
    return outcome
  }

export const createConfirmLink = (deps: ConfirmLinkDeps, show: ShowLinkConfirmation) => {
  const { linkConfirmations, providerSignIns } = deps
  const linkTo = createLinkTo(deps)

  const startSession = (
    request: FastifyRequest,
    reply: FastifyReply,
    { provider, requestId }: FoundConfirmation,
    { user, readAt, amr, device, isNewDevice }: CheckedLogin,
  ) =>
    deps.startSession(
      request,
      reply,
      { user, readAt, amr, ...defined({ device, isNewDevice }) },
      { provider, requestId, lang: pageFrame(request).lang },
    )

  const byPassword = async (
    request: FastifyRequest,
    reply: FastifyReply,
    confirmation: FoundConfirmation,
    fields: Fields,
  ) => {
    const password = single(fields, 'password')
    // An empty field is no attempt.
    if (!password) return show(request, reply, confirmation, { problem: 'no_password', status: 422 })
    const device = request.cookies[deviceCookieName]
    const check = await deps.logInByPassword({
      login: confirmation.email,
      password,
      ...auditContext(requestContext(request)),
      ...(device !== undefined && { device }),
      startsBrowserSession: true,
    })
    switch (check.outcome) {
      case 'throttled': {
        const { retryAfterSeconds } = check
        return show(request, reply, confirmation, { problem: 'throttled', status: 429, retryAfterSeconds })
      }
      case 'refused':
        return show(request, reply, confirmation, { problem: 'wrong_password', status: 401 })
      case 'ok': {
        if ((await linkTo(request, confirmation, check.user)) === 'taken')
          return show(request, reply, confirmation, { problem: 'identity_taken', status: 409 })
        return startSession(request, reply, confirmation, { ...check, amr: ['pwd'] })
      }
    }
  }

  /** The user signed in with another provider. It must open the account that has the address. */
  const byProvider = async (
    request: FastifyRequest,
    reply: FastifyReply,
    confirmation: FoundConfirmation,
    by: ProviderPerson,
    lang: 'ko' | 'en',
  ) => {
    const known = await providerSignIns.findKnown(by, { ...contextOf(request), locale: lang })
    if (known !== undefined && known.outcome !== 'ok') {
      const problem = known.outcome === 'disabled' ? 'account_disabled' : 'provider_expired'
      return returnWithProblem(reply, problem, { provider: by.provider, purpose: 'login', lang })
    }
    if (known === undefined || known.user.email !== normalEmail(confirmation.email)) {
      const query = { confirmation: confirmation.id, problem: 'other_account', ui_locales: lang }
      return redirectTo(reply, `/login/link?${new URLSearchParams(query)}`)
    }
    await linkTo(request, confirmation, known.user)
    return startSession(request, reply, confirmation, { ...known, amr: amrOf(by.provider) })
  }

  /** The provider verified the address, and the account did not. */
  const byTakeOver = async (
    request: FastifyRequest,
    reply: FastifyReply,
    confirmation: FoundConfirmation,
    fields: Fields,
  ) => {
    const refuse = () =>
      show(request, reply, confirmation, { problem: 'not_yours_to_take_over', status: 409 })
    // Without the tick nothing is taken over. The page has the box only while the user may take over.
    if (single(fields, 'sure') !== 'yes')
      return (await providerSignIns.mayTakeOver(confirmation))
        ? show(request, reply, confirmation, { problem: 'not_sure', status: 422 })
        : refuse()
    const takeOver = await providerSignIns.takeOver(confirmation, contextOf(request))
    if (takeOver.outcome === 'refused') return refuse()
    await linkConfirmations.take(confirmation.idHash)
    const { lang } = pageFrame(request)
    return deps.completeSignIn(request, reply, confirmation, takeOver, {
      requestId: confirmation.requestId,
      lang,
    })
  }

  /** A separate account, without the address. Not allowed if the provider verified the address. */
  const byNewAccount = async (
    request: FastifyRequest,
    reply: FastifyReply,
    confirmation: FoundConfirmation,
  ) => {
    if (confirmation.emailVerified) return show(request, reply, confirmation, { status: 409 })
    const outcome = await providerSignIns.registerApart(confirmation, contextOf(request))
    await linkConfirmations.take(confirmation.idHash)
    const { lang } = pageFrame(request)
    return deps.completeSignIn(request, reply, confirmation, outcome, {
      requestId: confirmation.requestId,
      lang,
    })
  }

  return { byPassword, byProvider, byTakeOver, byNewAccount }
}
