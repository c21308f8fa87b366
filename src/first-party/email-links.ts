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
    detail: { en: 'This installation sends no mail.', ko: '이 서버는 메일을 보내지 않아요.' },
  })
}

const deadLink = () =>
  new ProblemError({
    status: 400,
    code: 'invalid_link',
    detail: {
      en: 'The link is used, expired, replaced or wrong. Ask for a new one.',
      ko: '이미 사용했거나 만료되었거나 새 링크로 바뀌었거나 잘못된 링크예요. 새 링크를 요청해 주세요.',
    },
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
        detail: { en: 'The e-mail address is malformed.', ko: '이메일 주소의 형식이 올바르지 않아요.' },
      })
    case 'throttled':
      throw new ProblemError({
        status: 429,
        code: 'too_many_requests',
        detail: {
          en: 'Too many mails to this address or from this network. Try again later.',
          ko: '이 주소나 이 네트워크에서 요청한 메일이 너무 많아요. 나중에 다시 시도해 주세요.',
        },
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
    detail: { en: 'other_sessions must be end or keep.', ko: 'other_sessions는 end나 keep이어야 해요.' },
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
        detail: {
          en: 'The new password is not allowed. The code says why.',
          ko: '이 비밀번호는 쓸 수 없어요. 이유는 code에 있어요.',
        },
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
        detail: {
          en: 'The last sign-in is too old. Sign in again at /api/token, then repeat the request.',
          ko: '로그인한 지 오래되었어요. /api/token에서 다시 로그인한 뒤 요청을 다시 보내 주세요.',
        },
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
