// GET|POST /unconfirmed: the user is signed in, but the installation requires a confirmed address before a
// client gets tokens (CONFIRM_EMAIL=required).
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SendLinks } from '../../email-links/send-links.ts'
import { formFields, queryFields, single } from '../../http/form.ts'
import { pageFrame, sendPage } from '../../http/page.ts'
import { auditContext, requestContext } from '../../http/request-context.ts'
import { refuseCrossSite } from '../../http/same-origin.ts'
import { type UnconfirmedView, unconfirmedPage } from '../../pages/email-link-pages.ts'
import { link } from '../../pages/fields.ts'
import { sessionCookieName } from '../../sessions/cookie.ts'
import type { FoundParkedRequest } from '../../sessions/parked-request.ts'
import type { SignIn } from '../../sessions/sign-in.ts'
import { mustConfirmEmail } from '../../users/user.ts'
import { continueRequest, type FindWaitingRequest } from '../waiting-request.ts'

type Message = Pick<UnconfirmedView, 'sent' | 'problem' | 'retryAfterSeconds'>

export const createUnconfirmedPages = (deps: {
  findWaitingRequest: FindWaitingRequest
  sendLinks: SendLinks
  signIn: SignIn
  issuer: string
}) => {
  const userOf = async (request: FastifyRequest) =>
    (await deps.signIn.fromCookie(request.cookies[sessionCookieName]))?.user

  const show = (
    request: FastifyRequest,
    reply: FastifyReply,
    waiting: FoundParkedRequest | undefined,
    email: string,
    message: Message & { status?: number },
  ) => {
    const frame = pageFrame(request, waiting?.parked.request.uiLocales)
    const { status, ...shown } = message
    if (shown.retryAfterSeconds !== undefined) reply.header('retry-after', String(shown.retryAfterSeconds))
    const page = unconfirmedPage({
      ...frame,
      email,
      ...(waiting && { requestId: waiting.sealed }),
      ...shown,
    })
    return sendPage(reply, frame, page, {
      ...(status !== undefined && { status }),
      ...(waiting && { formTo: waiting.parked.request.redirectUri }),
    })
  }

  const toLogin = (reply: FastifyReply, waiting: FoundParkedRequest | undefined) =>
    reply.header('cache-control', 'no-store').redirect(link('/login', { request: waiting?.sealed }), 303)

  const get = async (request: FastifyRequest, reply: FastifyReply) => {
    const fields = queryFields(request)
    const waiting = await deps.findWaitingRequest(single(fields, 'request'))
    const user = await userOf(request)
    if (user === undefined) return toLogin(reply, waiting)
    if (!mustConfirmEmail(user)) return continueRequest(reply, waiting?.sealed)
    const sent = single(fields, 'sent') !== undefined
    return show(request, reply, waiting, user.email ?? '', { sent })
  }

  const post = async (request: FastifyRequest, reply: FastifyReply) => {
    refuseCrossSite(request, deps.issuer)
    const fields = formFields(request)
    const waiting = await deps.findWaitingRequest(single(fields, 'request'))
    const user = await userOf(request)
    if (user === undefined) return toLogin(reply, waiting)
    if (!mustConfirmEmail(user)) return continueRequest(reply, waiting?.sealed)
    const email = user.email ?? ''
    if (single(fields, 'doing') !== 'resend')
      return show(request, reply, waiting, email, { problem: 'still_needed', status: 403 })
    const { lang } = pageFrame(request)
    const context = { ...auditContext(requestContext(request)), locale: lang }
    const requested = await deps.sendLinks.resendConfirmation(email, context)
    if (requested.outcome === 'throttled') {
      const { retryAfterSeconds } = requested
      return show(request, reply, waiting, email, { problem: 'throttled', retryAfterSeconds, status: 429 })
    }
    const sent = link('/unconfirmed', { sent: 'yes', request: waiting?.sealed, ui_locales: lang })
    return reply.header('cache-control', 'no-store').redirect(sent, 303)
  }

  return { get, post }
}
