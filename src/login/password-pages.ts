// GET /login and POST /login/password: the hosted login page.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { EmailFlows } from '../email-links/email-flows.ts'
import { formFields, queryFields, single } from '../http/form.ts'
import { pageFrame, sendPage } from '../http/page.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import { isSameOrigin } from '../http/same-origin.ts'
import { type LoginNotice, type LoginProblem, loginPage } from '../pages/login-page.ts'
import type { LogInByPassword } from '../passwords/login.ts'
import { deviceCookieName, sessionCookieName } from '../sessions/cookie.ts'
import type { FoundParkedRequest } from '../sessions/parked-request.ts'
import type { SignIn } from '../sessions/sign-in.ts'
import type { SignInInBrowser } from './browser-sign-in.ts'
import type { UpstreamProvider } from './upstream/provider.ts'
import { readReturn } from './upstream/return-to-request.ts'
import { continueRequest, type FindWaitingRequest } from './waiting-request.ts'

/** Which of the two fields is empty. */
const missing = (login: string | undefined, password: string | undefined) =>
  login ? 'no_password' : password ? 'no_login' : 'empty'

const notices: readonly LoginNotice[] = ['password_reset', 'email_confirmed', 'email_changed']

export const createPasswordPages = (deps: {
  findWaitingRequest: FindWaitingRequest
  signIn: SignIn
  logInByPassword: LogInByPassword
  signInInBrowser: SignInInBrowser
  issuer: string
  registration: boolean
  /** Undefined if this installation sends no mail. */
  emailFlows: EmailFlows | undefined
  providers: readonly UpstreamProvider[]
}) => {
  const show = async (
    request: FastifyRequest,
    reply: FastifyReply,
    waiting: FoundParkedRequest | undefined,
    options: {
      login?: string | undefined
      problem?: LoginProblem
      notice?: LoginNotice
      retryAfterSeconds?: number
      status?: number
    },
  ) => {
    const asked = waiting?.parked.request
    const frame = pageFrame(request, asked?.uiLocales)
    const known = (await deps.signIn.fromCookie(request.cookies[sessionCookieName]))?.user
    const login = options.login ?? asked?.loginHint ?? known?.email ?? known?.username
    if (options.retryAfterSeconds !== undefined)
      reply.header('retry-after', String(options.retryAfterSeconds))
    const page = loginPage({
      ...frame,
      ...(waiting && { requestId: waiting.sealed, clientName: waiting.client.name }),
      ...(login !== undefined && { login }),
      ...(options.problem && { problem: options.problem }),
      ...(options.retryAfterSeconds !== undefined && { retryAfterSeconds: options.retryAfterSeconds }),
      mail: deps.emailFlows !== undefined,
      registration: deps.registration,
      ...(options.notice && { notice: options.notice }),
      reauthenticate: known !== undefined,
      providers: deps.providers.map(({ id }) => id),
    })
    const { status } = options
    return sendPage(reply, frame, page, {
      ...(status && { status }),
      formTo: [...deps.providers.flatMap(({ pages }) => pages), ...(asked ? [asked.redirectUri] : [])],
    })
  }

  const get = async (request: FastifyRequest, reply: FastifyReply) => {
    const fields = queryFields(request)
    const waiting = await deps.findWaitingRequest(single(fields, 'request'))
    const done = notices.find((notice) => notice === single(fields, 'done'))
    return show(request, reply, waiting, {
      ...readReturn(fields, deps.providers),
      ...(done && { notice: done }),
    })
  }

  const post = async (request: FastifyRequest, reply: FastifyReply) => {
    const fields = formFields(request)
    const waiting = await deps.findWaitingRequest(single(fields, 'request'))
    if (!isSameOrigin(request, deps.issuer))
      return show(request, reply, waiting, { problem: 'untrusted', status: 403 })
    const login = single(fields, 'login')
    const password = single(fields, 'password')
    // An empty field is no attempt. The answer does not depend on any account.
    if (!login || !password)
      return show(request, reply, waiting, { login, problem: missing(login, password), status: 422 })
    const knownDevice = request.cookies[deviceCookieName]
    const check = await deps.logInByPassword({
      login,
      password,
      ...auditContext(requestContext(request)),
      ...(knownDevice !== undefined && { device: knownDevice }),
      startsBrowserSession: true,
    })
    switch (check.outcome) {
      case 'throttled':
        return show(request, reply, waiting, {
          login,
          problem: 'throttled',
          retryAfterSeconds: check.retryAfterSeconds,
          status: 429,
        })
      case 'refused':
        return show(request, reply, waiting, { login, problem: 'wrong_credentials', status: 401 })
      case 'ok': {
        const { user, readAt, device, isNewDevice } = check
        const facts = { user, readAt, amr: ['pwd'], device, isNewDevice, waiting }
        const signedIn = await deps.signInInBrowser(request, reply, facts)
        if (signedIn.outcome === 'ended')
          return show(request, reply, waiting, { login, problem: 'wrong_credentials', status: 401 })
        return continueRequest(reply, signedIn.sealed)
      }
    }
  }

  return { get, post }
}
