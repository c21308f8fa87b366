// The routes of the first-party API for links in mails: forgotten passwords, confirmed and new addresses. A
// link leads to a page of the issuer. An app that opens links itself sends their token here.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Clock, fromEpochSeconds } from '../clock.ts'
import type { EmailFlows } from '../email-links/email-flows.ts'
import type { LinkRequested } from '../email-links/send-links.ts'
import { jsonObject } from '../http/json.ts'
import { pageFrame } from '../http/page.ts'
import { ProblemError } from '../http/problem.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import { isRecentlyAuthenticated } from '../sessions/session.ts'
import type { AuthenticateCaller } from './caller.ts'
import { type FindCallingApp, userContext } from './calling-app.ts'
import { type Members, optionalText, requiredText } from './members.ts'

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

const notConfigured: Handler = async () => {
  throw new ProblemError({
    status: 404,
    code: 'mail_not_configured',
    detail: 'This installation sends no mail.',
  })
}

const deadLink = () =>
  new ProblemError({
    status: 400,
    code: 'invalid_link',
    detail: 'The link is used, expired, replaced or wrong. Ask for a new one.',
  })

const done = (reply: FastifyReply) => reply.code(204).header('cache-control', 'no-store').send()

/** @throws {ProblemError} 422 for a malformed address, 429 for too many requests */
const answerRequested = (reply: FastifyReply, requested: LinkRequested) => {
  switch (requested.outcome) {
    case 'requested':
      return reply.code(202).header('cache-control', 'no-store').send({})
    case 'email_invalid':
      throw new ProblemError({
        status: 422,
        code: 'email_invalid',
        detail: 'The e-mail address is malformed.',
      })
    case 'throttled':
      throw new ProblemError({
        status: 429,
        code: 'too_many_requests',
        detail: 'Too many mails to this address or from this network. Try again later.',
        retryAfterSeconds: requested.retryAfterSeconds,
      })
  }
}

/** Other sessions end unless the app keeps them. @throws {ProblemError} 400 */
const othersOf = (body: Members): 'end' | 'keep' => {
  const others = optionalText(body, 'other_sessions') ?? 'end'
  if (others === 'end' || others === 'keep') return others
  throw new ProblemError({
    status: 400,
    code: 'invalid_request',
    detail: 'other_sessions must be end or keep.',
  })
}

const createHandlers = (
  deps: { clock: Clock; findCallingApp: FindCallingApp; authenticate: AuthenticateCaller },
  { sendLinks, resetPassword, confirmEmail }: EmailFlows,
) => {
  /** The body, and the facts about the user whose app sends it. */
  const readCall = async (request: FastifyRequest) => {
    const callingApp = await deps.findCallingApp(request)
    const body = jsonObject(request.body)
    return { body, facts: auditContext(userContext(request, callingApp, body)) }
  }

  const createRequestRoute =
    (send: 'forgotPassword' | 'resendConfirmation'): Handler =>
    async (request, reply) => {
      const { body, facts } = await readCall(request)
      const email = requiredText(body, 'email')
      const locale = pageFrame(request).lang
      return answerRequested(reply, await sendLinks[send](email, { ...facts, locale }))
    }

  const reset: Handler = async (request, reply) => {
    const { body, facts } = await readCall(request)
    const [token, password] = [requiredText(body, 'token'), requiredText(body, 'password')]
    const outcome = await resetPassword(token, password, facts)
    if (outcome.outcome === 'dead') throw deadLink()
    if (outcome.outcome === 'invalid')
      throw new ProblemError({
        status: 422,
        code: outcome.fault,
        detail: 'The new password is not allowed. The code says why.',
      })
    return reply.header('cache-control', 'no-store').send({ device_token: outcome.device })
  }

  const confirm: Handler = async (request, reply) => {
    const { body, facts } = await readCall(request)
    const use = await confirmEmail.confirm(requiredText(body, 'token'), facts)
    if (use.outcome === 'dead') throw deadLink()
    return done(reply)
  }

  const confirmChange: Handler = async (request, reply) => {
    const { body, facts } = await readCall(request)
    const use = await confirmEmail.change(requiredText(body, 'token'), othersOf(body), facts)
    if (use.outcome === 'dead') throw deadLink()
    return done(reply)
  }

  /**
   * Needs a token whose user signed in within the last minutes, so that a thief of a token cannot do it
   * later.
   */
  const change: Handler = async (request, reply) => {
    const { claims, user } = await deps.authenticate(request, reply)
    const authTime = fromEpochSeconds(claims.auth_time ?? 0)
    if (!isRecentlyAuthenticated({ authTime }, deps.clock.now()))
      throw new ProblemError({
        status: 403,
        code: 'reauthentication_required',
        detail: 'The last sign-in is too old. Sign in again at /api/token, then repeat the request.',
      })
    const email = requiredText(jsonObject(request.body), 'email')
    const context = { ...auditContext(requestContext(request)), locale: pageFrame(request).lang }
    return answerRequested(reply, await sendLinks.changeEmail(user, email, context))
  }

  return {
    '/api/password/forgot': createRequestRoute('forgotPassword'),
    '/api/password/reset': reset,
    '/api/email/resend': createRequestRoute('resendConfirmation'),
    '/api/email/confirm': confirm,
    '/api/email/change': change,
    '/api/email/change/confirm': confirmChange,
  } satisfies Record<string, Handler>
}

const paths = [
  '/api/password/forgot',
  '/api/password/reset',
  '/api/email/resend',
  '/api/email/confirm',
  '/api/email/change',
  '/api/email/change/confirm',
] as const

/** The routes exist without mail too, so that an app learns why they do nothing. */
export const createEmailLinkRoutes = (deps: {
  clock: Clock
  findCallingApp: FindCallingApp
  authenticate: AuthenticateCaller
  emailFlows: EmailFlows | undefined
}): { path: string; handler: Handler }[] => {
  const handlers = deps.emailFlows && createHandlers(deps, deps.emailFlows)
  return paths.map((path) => ({ path, handler: handlers?.[path] ?? notConfigured }))
}
