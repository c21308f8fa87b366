// GET|POST /register: the hosted page that creates an account and signs the new user in.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Fields, formFields, queryFields, single } from '../http/form.ts'
import { pageFrame, sendPage } from '../http/page.ts'
import { ProblemError } from '../http/problem.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import { isSameOrigin } from '../http/same-origin.ts'
import { link } from '../pages/fields.ts'
import { registerPage, registrationSentPage } from '../pages/register-page.ts'
import { passwordStrengthFeedback } from '../passwords/feedback.ts'
import { knownDeviceSeconds } from '../passwords/known-device.ts'
import { serviceNames } from '../passwords/policy.ts'
import type { Register } from '../passwords/registration.ts'
import { cookieAttributes, deviceCookieName } from '../sessions/cookie.ts'
import type { FoundParkedRequest } from '../sessions/parked-request.ts'
import type { SignInInBrowser } from './browser-sign-in.ts'
import type { UpstreamProvider } from './upstream/provider.ts'
import { continueRequest, type FindWaitingRequest } from './waiting-request.ts'

type Strength = Awaited<ReturnType<typeof passwordStrengthFeedback>>
type PageProblem = Parameters<typeof registerPage>[0]['problems'][number]

export const createRegisterPages = (deps: {
  findWaitingRequest: FindWaitingRequest
  register: Register
  signInInBrowser: SignInInBrowser
  issuer: string
  registration: boolean
  minPasswordLength: number
  /** True if the answer must be the same for a new address and for one in use. */
  hidesTakenAddresses: boolean
  providers: readonly UpstreamProvider[]
}) => {
  const show = (
    request: FastifyRequest,
    reply: FastifyReply,
    waiting: FoundParkedRequest | undefined,
    options: {
      fields?: Fields
      problems?: readonly PageProblem[]
      strength?: Strength | undefined
      retryAfterSeconds?: number
      status?: number
    },
  ) => {
    const asked = waiting?.parked.request
    const frame = pageFrame(request, asked?.uiLocales)
    const { fields, status, strength, retryAfterSeconds } = options
    const email = fields ? single(fields, 'email') : asked?.loginHint
    const name = fields && single(fields, 'name')
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
    const page = registerPage({
      ...frame,
      ...(waiting && { requestId: waiting.sealed, clientName: waiting.client.name }),
      providers: deps.providers.map(({ id }) => id),
      ...(email !== undefined && { email }),
      ...(name !== undefined && { name }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      problems: options.problems ?? [],
      ...(strength && { strength }),
      minPasswordLength: deps.minPasswordLength,
      serviceNames: serviceNames(deps.issuer),
    })
    return sendPage(reply, frame, page, {
      ...(status && { status }),
      formTo: [...deps.providers.flatMap(({ pages }) => pages), ...(asked ? [asked.redirectUri] : [])],
    })
  }

  const strengthOf = async (fields: Fields): Promise<Strength | undefined> => {
    const password = single(fields, 'password')
    const names = ['email', 'name'].flatMap((field) => single(fields, field) ?? [])
    return password ? passwordStrengthFeedback(password, [...names, ...serviceNames(deps.issuer)]) : undefined
  }

  const registrationClosed = () =>
    new ProblemError({
      status: 404,
      code: 'registration_closed',
      detail: {
        en: 'Registration is closed. Ask an administrator for an account.',
        ko: '지금은 직접 가입할 수 없어요. 관리자에게 계정을 요청해 주세요.',
      },
    })

  /** The same for a new account and for an address in use, so nobody is signed in here. */
  const showSent = (
    request: FastifyRequest,
    reply: FastifyReply,
    waiting: FoundParkedRequest | undefined,
    device: string,
  ) => {
    const { lang } = pageFrame(request, waiting?.parked.request.uiLocales)
    reply.setCookie(deviceCookieName, device, { ...cookieAttributes, maxAge: knownDeviceSeconds })
    const sent = link('/register', { sent: 'yes', request: waiting?.sealed, ui_locales: lang })
    return reply.header('cache-control', 'no-store').redirect(sent, 303)
  }

  const get = async (request: FastifyRequest, reply: FastifyReply) => {
    if (!deps.registration) throw registrationClosed()
    const fields = queryFields(request)
    const waiting = await deps.findWaitingRequest(single(fields, 'request'))
    if (!deps.hidesTakenAddresses || single(fields, 'sent') === undefined)
      return show(request, reply, waiting, {})
    const frame = pageFrame(request, waiting?.parked.request.uiLocales)
    const page = registrationSentPage({ ...frame, ...(waiting && { requestId: waiting.sealed }) })
    return sendPage(reply, frame, page)
  }

  const post = async (request: FastifyRequest, reply: FastifyReply) => {
    if (!deps.registration) throw registrationClosed()
    const fields = formFields(request)
    const waiting = await deps.findWaitingRequest(single(fields, 'request'))
    if (!isSameOrigin(request, deps.issuer))
      return show(request, reply, waiting, { fields, problems: ['untrusted'], status: 403 })
    const name = single(fields, 'name')
    const registered = await deps.register({
      email: single(fields, 'email') ?? '',
      password: single(fields, 'password') ?? '',
      ...(name !== undefined && { name }),
      locale: pageFrame(request, waiting?.parked.request.uiLocales).lang,
      ...auditContext(requestContext(request)),
    })
    switch (registered.outcome) {
      case 'throttled':
        return show(request, reply, waiting, {
          fields,
          problems: ['throttled'],
          retryAfterSeconds: registered.retryAfterSeconds,
          status: 429,
        })
      case 'invalid':
        return show(request, reply, waiting, {
          fields,
          problems: registered.faults,
          strength: await strengthOf(fields),
          status: 422,
        })
      case 'registered': {
        if (deps.hidesTakenAddresses) return showSent(request, reply, waiting, registered.device)
        const { user, readAt, device } = registered
        const facts = { user, readAt, amr: ['pwd'], device, waiting }
        const signedIn = await deps.signInInBrowser(request, reply, facts)
        // Without a session the user signs in on the login page, where the client's request leads.
        return continueRequest(reply, signedIn.outcome === 'ended' ? waiting?.sealed : signedIn.sealed)
      }
    }
  }

  return { get, post }
}
