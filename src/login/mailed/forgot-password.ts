// GET|POST /forgot-password: sends a link for a new password. It answers the same for every address.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { linkMinutes } from '../../email-links/email-link.ts'
import type { SendLinks } from '../../email-links/send-links.ts'
import { formFields, queryFields, single } from '../../http/form.ts'
import { pageFrame, sendPage } from '../../http/page.ts'
import { auditContext, requestContext } from '../../http/request-context.ts'
import { isSameOrigin } from '../../http/same-origin.ts'
import { link } from '../../pages/fields.ts'
import {
  type ForgotPasswordView,
  forgotPasswordPage,
  forgotPasswordSentPage,
} from '../../pages/forgot-password-page.ts'
import type { PageFrame } from '../../pages/layout.ts'

export const createForgotPasswordPages = ({
  sendLinks,
  issuer,
}: {
  sendLinks: SendLinks
  issuer: string
}) => {
  const show = (
    request: FastifyRequest,
    reply: FastifyReply,
    view: Omit<ForgotPasswordView, keyof PageFrame>,
    status = 200,
  ) => {
    const frame = pageFrame(request)
    if (view.retryAfterSeconds !== undefined) reply.header('retry-after', String(view.retryAfterSeconds))
    return sendPage(reply, frame, forgotPasswordPage({ ...frame, ...view }), { status })
  }

  const get = async (request: FastifyRequest, reply: FastifyReply) => {
    const fields = queryFields(request)
    const requestId = single(fields, 'request')
    const carried = { ...(requestId !== undefined && { requestId }) }
    if (single(fields, 'sent') === undefined) return show(request, reply, carried)
    const frame = pageFrame(request)
    const minutes = linkMinutes.reset_password
    return sendPage(reply, frame, forgotPasswordSentPage({ ...frame, ...carried, minutes }))
  }

  const post = async (request: FastifyRequest, reply: FastifyReply) => {
    const fields = formFields(request)
    const requestId = single(fields, 'request')
    const email = single(fields, 'email') ?? ''
    const view = { email, ...(requestId !== undefined && { requestId }) }
    if (!isSameOrigin(request, issuer)) return show(request, reply, { ...view, problem: 'untrusted' }, 403)
    const { lang } = pageFrame(request)
    const context = { ...auditContext(requestContext(request)), locale: lang }
    const requested = await sendLinks.forgotPassword(email, context)
    switch (requested.outcome) {
      case 'email_invalid':
        return show(request, reply, { ...view, problem: 'email_invalid' }, 422)
      case 'throttled': {
        const { retryAfterSeconds } = requested
        return show(request, reply, { ...view, problem: 'throttled', retryAfterSeconds }, 429)
      }
      case 'requested': {
        const sent = link('/forgot-password', { sent: 'yes', request: requestId, ui_locales: lang })
        return reply.header('cache-control', 'no-store').redirect(sent, 303)
      }
    }
  }

  return { get, post }
}
