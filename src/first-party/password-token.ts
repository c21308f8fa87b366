// POST /api/token: the team's own apps sign a user in with a password. This is not an OAuth grant: it has its
// own switch (PASSWORD_API), and its families are refreshed only at /api/token/refresh.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Client } from '../clients/client.ts'
import type { Clock } from '../clock.ts'
import { ProblemError } from '../http/problem.ts'
import { auditContext, type RequestContext } from '../http/request-context.ts'
import type { LogInByPassword } from '../passwords/login.ts'
import type { TellNewDevice } from '../passwords/new-device.ts'
import { deviceCookieName } from '../sessions/cookie.ts'
import { endedDuringSignIn, type NewSignIn, type SignIn } from '../sessions/sign-in.ts'
import { type OwnAudiences, resolveAudience } from '../tokens/audience.ts'
import { firstPartyScope } from '../tokens/scopes.ts'
import type { FamilyGrant, StartFamily } from '../tokens/start-family.ts'
import { mustConfirmEmail, type ReadUser } from '../users/user.ts'
import { type FindCallingApp, userContext } from './calling-app.ts'
import { type Members, missing, optionalText, readMembers } from './members.ts'
import { askedFor, deliverDevice, deliverTokens, wantsCookie } from './token-delivery.ts'
import { userJson } from './user-json.ts'

export interface PasswordTokenDeps extends OwnAudiences {
  clock: Clock
  findCallingApp: FindCallingApp
  logInByPassword: LogInByPassword
  signIn: SignIn
  startFamily: StartFamily
  tellNewDevice: TellNewDevice
  audit: Audit
  /** Whether only users who confirmed their e-mail address get tokens. */
  confirmEmailRequired: boolean
}

/** @throws {ProblemError} 400 if one of them is missing */
const readCredentials = (body: Members): { login: string; password: string } => {
  const login = optionalText(body, 'username') ?? optionalText(body, 'email')
  const password = optionalText(body, 'password')
  if (login !== undefined && password !== undefined) return { login, password }
  throw missing([
    ...(login === undefined ? ['username'] : []),
    ...(password === undefined ? ['password'] : []),
  ])
}

/**
 * The registration of the client decides about the audience. If a parameter about it were ignored, the app
 * would get tokens that its API refuses.
 * @throws {ProblemError} 400
 */
const refuseAudience = (body: Members): void => {
  const sent = ['audience', 'resource'].find((name) => optionalText(body, name) !== undefined)
  if (sent === undefined) return
  throw new ProblemError({
    status: 400,
    code: 'invalid_request',
    detail: {
      en: `Leave out ${sent}. A token of /api/token is for the default audience of the client: "dojang clients update ID --default-audience URI" sets it.`,
      ko: `${sent} 값을 빼 주세요. /api/token의 토큰은 클라이언트의 기본 대상(audience)에게 발급돼요. "dojang clients update ID --default-audience URI"로 정할 수 있어요.`,
    },
  })
}

/** @throws {ProblemError} 401 for wrong credentials, 429 for too many attempts */
const createCheckPassword =
  ({ logInByPassword }: PasswordTokenDeps) =>
  async (
    request: FastifyRequest,
    body: Members,
    context: RequestContext,
  ): Promise<ReadUser & { device: string; isNewDevice: boolean }> => {
    const device = optionalText(body, 'device_token') ?? request.cookies[deviceCookieName]
    const check = await logInByPassword({
      ...readCredentials(body),
      ...auditContext(context),
      ...(device !== undefined && { device }),
    })
    switch (check.outcome) {
      case 'ok':
        return check
      case 'throttled':
        throw new ProblemError({
          status: 429,
          code: 'too_many_requests',
          detail: {
            en: 'Too many attempts. Try again later.',
            ko: '시도 횟수가 너무 많아요. 나중에 다시 시도해 주세요.',
          },
          retryAfterSeconds: check.retryAfterSeconds,
        })
      case 'refused':
        throw new ProblemError({
          status: 401,
          code: 'invalid_credentials',
          detail: {
            en: 'The username, e-mail address or password is wrong.',
            ko: '사용자 이름이나 이메일 주소, 비밀번호가 맞지 않아요.',
          },
        })
    }
  }

/** The app sends the user to the mail, or asks for another one at /api/email/resend. */
const unconfirmed = () =>
  new ProblemError({
    status: 403,
    code: 'email_not_confirmed',
    detail: {
      en: 'The e-mail address of this account is not confirmed. Open the link in the mail first.',
      ko: '아직 이메일 주소를 확인하지 않은 계정이에요. 먼저 메일에 있는 링크를 열어 주세요.',
    },
  })

/** The tokens of a first-party app: all scopes that it may have, for its default audience and for /api. */
const passwordGrant = (
  { session, user, readAt }: NewSignIn,
  client: Client,
  own: OwnAudiences,
): FamilyGrant => {
  const grant = { startedBy: 'password', scope: firstPartyScope(client, user), resource: [] } as const
  return {
    ...grant,
    session,
    user,
    readAt,
    client,
    audiences: resolveAudience(client, grant.resource, grant, own) ?? [],
    authTime: session.authTime,
    amr: session.amr,
  }
}

export const createPasswordTokenEndpoint = (deps: PasswordTokenDeps) => {
  const { findCallingApp, signIn, startFamily, audit } = deps
  const checkPassword = createCheckPassword(deps)

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const callingApp = await findCallingApp(request)
    const { client } = callingApp
    const body = readMembers(request)
    refuseAudience(body)
    const byCookie = wantsCookie(body)
    const context = userContext(request, callingApp, body)
    const checked = await checkPassword(request, body, context)
    const facts = {
      actor: 'user' as const,
      userId: checked.user.id,
      clientId: client.id,
      ...auditContext(context),
    }
    const ended = () => {
      audit({ type: 'login.failed', ...facts, reason: endedDuringSignIn })
      return new ProblemError({
        status: 401,
        code: 'invalid_credentials',
        detail: { en: 'The session ended during the sign-in.', ko: '로그인하는 동안 세션이 끝났어요.' },
      })
    }

    const { user, readAt } = checked
    if (deps.confirmEmailRequired && mustConfirmEmail(user)) throw unconfirmed()
    const signedIn = await signIn.withoutBrowser({ user, readAt, amr: ['pwd'], ...context })
    if (signedIn === undefined) throw ended()
    const prepared = await startFamily.prepare(passwordGrant(signedIn, client, deps))
    await startFamily.store(prepared)
    if ((await startFamily.join(prepared, client)) === 'ended') throw ended()
    audit({
      type: 'login.succeeded',
      ...facts,
      sessionId: signedIn.session.id,
      reason: 'first-party API',
    })
    if (checked.isNewDevice) deps.tellNewDevice(signedIn.user, context)
    startFamily.report(prepared, { actor: 'user', ...auditContext(context) })
    return reply.header('cache-control', 'no-store').send({
      ...deliverTokens(reply, { ...prepared, ...askedFor(request), byCookie, now: deps.clock.now() }),
      ...deliverDevice(reply, { device: checked.device, byCookie }),
      user: userJson(signedIn.user),
    })
  }
}
