// The pages that a link in a mail opens: a new password, a confirmed address, a new address. A GET only moves
// the token into a cookie. The button of the page uses the link (G4 in docs/security.md).
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { LinkUse } from '../../email-links/confirm-email.ts'
import type { EmailFlows } from '../../email-links/email-flows.ts'
import type { LinkPurpose } from '../../email-links/email-link.ts'
import type { FoundLink } from '../../email-links/find-link.ts'
import { formFields, queryFields, single } from '../../http/form.ts'
import { pageFrame, sendPage } from '../../http/page.ts'
import { auditContext, requestContext } from '../../http/request-context.ts'
import { refuseCrossSite } from '../../http/same-origin.ts'
import {
  changeEmailPage,
  confirmEmailPage,
  deadLinkPage,
  type ResetPasswordView,
  resetPasswordPage,
} from '../../pages/email-link-pages.ts'
import type { PageFrame } from '../../pages/layout.ts'
import type { LoginNotice } from '../../pages/login-page.ts'
import { passwordStrengthFeedback } from '../../passwords/feedback.ts'
import { knownDeviceSeconds } from '../../passwords/known-device.ts'
import { serviceNames } from '../../passwords/policy.ts'
import { cookieAttributes, deviceCookieName, sessionCookieName } from '../../sessions/cookie.ts'
import type { SignedIn, SignIn } from '../../sessions/sign-in.ts'
import { forgetToken, keepToken, tokenIn } from './link-cookie.ts'

const notices = {
  reset_password: 'password_reset',
  confirm_email: 'email_confirmed',
  change_email: 'email_changed',
} as const satisfies Record<LinkPurpose, LoginNotice>

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>
type ShowLink = (frame: PageFrame, found: FoundLink, request: FastifyRequest) => string | Promise<string>

export const createLinkPages = (deps: {
  emailFlows: EmailFlows
  signIn: SignIn
  issuer: string
  minPasswordLength: number
}) => {
  const { findLink, resetPassword, confirmEmail } = deps.emailFlows

  const showDead = (request: FastifyRequest, reply: FastifyReply, purpose: LinkPurpose) => {
    const frame = pageFrame(request)
    forgetToken(reply, purpose)
    return sendPage(reply, frame, deadLinkPage({ ...frame, purpose }), { status: 400 })
  }

  const createGet =
    (purpose: LinkPurpose, show: ShowLink): Handler =>
    async (request, reply) => {
      const token = single(queryFields(request), 'token')
      if (token !== undefined && /^[\w-]{43}$/.test(token)) return keepToken(reply, purpose, token)
      const found = await findLink(purpose, tokenIn(request, purpose))
      if (found === undefined) return showDead(request, reply, purpose)
      const frame = pageFrame(request)
      return sendPage(reply, frame, await show(frame, found, request))
    }

  /** Continues on the account page if the user of the link is signed in here, else on the login page. */
  const finish = (
    request: FastifyRequest,
    reply: FastifyReply,
    purpose: LinkPurpose,
    page: '/account' | '/login',
  ) => {
    forgetToken(reply, purpose)
    const query = new URLSearchParams({ done: notices[purpose], ui_locales: pageFrame(request).lang })
    return reply.header('cache-control', 'no-store').redirect(`${page}?${query}`, 303)
  }

  const signedInHere = (request: FastifyRequest) => deps.signIn.fromCookie(request.cookies[sessionCookieName])

  const answerUse = (
    request: FastifyRequest,
    reply: FastifyReply,
    purpose: LinkPurpose,
    use: LinkUse,
    signedIn: SignedIn | undefined,
  ) => {
    if (use.outcome === 'dead') return showDead(request, reply, purpose)
    return finish(request, reply, purpose, signedIn?.user.id === use.userId ? '/account' : '/login')
  }

  const showReset =
    (refused: Pick<ResetPasswordView, 'problem' | 'strength'> = {}) =>
    (frame: PageFrame, { link, user }: FoundLink) =>
      resetPasswordPage({
        ...frame,
        email: link.email,
        removesOthers: !user.emailVerified,
        minPasswordLength: deps.minPasswordLength,
        serviceNames: serviceNames(deps.issuer),
        ...refused,
      })

  const reset: Handler = async (request, reply) => {
    refuseCrossSite(request, deps.issuer)
    const token = tokenIn(request, 'reset_password')
    const password = single(formFields(request), 'password') ?? ''
    const outcome = await resetPassword(token, password, auditContext(requestContext(request)))
    if (outcome.outcome === 'reset') {
      const attributes = { ...cookieAttributes, maxAge: knownDeviceSeconds }
      reply.setCookie(deviceCookieName, outcome.device, attributes)
      return finish(request, reply, 'reset_password', '/login')
    }
    const found = outcome.outcome === 'invalid' ? await findLink('reset_password', token) : undefined
    if (outcome.outcome === 'dead' || found === undefined) return showDead(request, reply, 'reset_password')
    const frame = pageFrame(request)
    const { email, username, name } = found.user
    const names = [email, username, name].filter((text) => text !== undefined)
    const strength = await passwordStrengthFeedback(password, [...names, ...serviceNames(deps.issuer)])
    const page = showReset({ problem: outcome.fault, strength })(frame, found)
    return sendPage(reply, frame, page, { status: 422 })
  }

  const confirm: Handler = async (request, reply) => {
    refuseCrossSite(request, deps.issuer)
    const token = tokenIn(request, 'confirm_email')
    const use = await confirmEmail.confirm(token, auditContext(requestContext(request)))
    return answerUse(request, reply, 'confirm_email', use, await signedInHere(request))
  }

  const change: Handler = async (request, reply) => {
    refuseCrossSite(request, deps.issuer)
    const others = single(formFields(request), 'end_others') === undefined ? 'keep' : 'end'
    const signedIn = await signedInHere(request)
    const use = await confirmEmail.change(tokenIn(request, 'change_email'), others, {
      ...auditContext(requestContext(request)),
      ...(signedIn && { keep: signedIn.session.id }),
    })
    return answerUse(request, reply, 'change_email', use, signedIn)
  }

  return {
    '/reset-password': { get: createGet('reset_password', showReset()), post: reset },
    '/confirm-email': {
      get: createGet('confirm_email', (frame, { link }) => confirmEmailPage({ ...frame, email: link.email })),
      post: confirm,
    },
    '/change-email': {
      get: createGet('change_email', async (frame, { link, user }, request) =>
        changeEmailPage({
          ...frame,
          to: link.email,
          ...(user.email !== undefined && { from: user.email }),
          tellsOld: user.email !== undefined && user.emailVerified,
          signedIn: (await signedInHere(request))?.user.id === user.id,
        }),
      ),
      post: change,
    },
  } as const
}
