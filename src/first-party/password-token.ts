// POST /api/token and /api/token/refresh: sign in and stay signed in, for the team's own apps. Not an OAuth grant: it
// has its own switch, throttle and families.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { jsonObject } from '../http/json.ts'
import { ProblemError } from '../http/problem.ts'
import { auditContext, requestContext } from '../http/request-context.ts'
import { isSameOrigin } from '../http/same-origin.ts'
import type { LogInByPassword } from '../passwords/login.ts'
import { cookieAttributes, deviceCookieName, refreshCookieName } from '../sessions/cookie.ts'
import type { Family } from '../sessions/family.ts'
import type { SignIn } from '../sessions/sign-in.ts'
import { resolveAudience } from '../tokens/audience.ts'
import type { IssuedTokens } from '../tokens/issue.ts'
import type { Refresh } from '../tokens/refresh.ts'
import { firstPartyScope } from '../tokens/scopes.ts'
import type { StartFamily } from '../tokens/start-family.ts'
import type { CallingApp } from './calling-app.ts'
import { optionalText, requiredText } from './members.ts'
import { userJson } from './user-json.ts'

export interface TokenDeps {
  clock: Clock
  callingApp: CallingApp
  logInByPassword: LogInByPassword
  signIn: SignIn
  startFamily: StartFamily
  refresh: Refresh
  audit: Audit
  issuer: string
  defaultAudience: string
}

/** Strict: only our own pages and their own fetches need it. */
const refreshCookieAttributes = { ...cookieAttributes, sameSite: 'strict' } as const

/** JSON, or the same as a form. */
const members = (request: FastifyRequest): Readonly<Record<string, unknown>> => {
  if (!(request.body instanceof Map)) return jsonObject(request.body)
  const entries = [...(request.body as ReadonlyMap<string, readonly string[]>)]
  if (entries.every(([, values]) => values.length === 1))
    return Object.fromEntries(entries.map(([name, [value]]) => [name, value]))
  throw new ProblemError({ status: 400, code: 'invalid_request', detail: 'A field was sent more than once.' })
}

const wantsCookie = (body: Readonly<Record<string, unknown>>): boolean => {
  const delivery = optionalText(body, 'delivery') ?? 'body'
  if (delivery === 'body' || delivery === 'cookie') return delivery === 'cookie'
  throw new ProblemError({ status: 400, code: 'invalid_request', detail: 'delivery must be body or cookie.' })
}

const deliver = (
  reply: FastifyReply,
  given: { tokens: IssuedTokens; refreshToken: string; family: Family; byCookie: boolean; now: Date },
) => {
  const { tokens, refreshToken, family, byCookie, now } = given
  const maxAge = Math.floor((family.expiresAt.getTime() - now.getTime()) / 1000)
  if (byCookie) reply.setCookie(refreshCookieName, refreshToken, { ...refreshCookieAttributes, maxAge })
  return {
    access: tokens.accessToken,
    ...(!byCookie && { refresh: refreshToken }),
    token_type: 'Bearer',
    expires_in: tokens.expiresInSeconds,
  }
}

export const createTokenEndpoints = (deps: TokenDeps) => {
  const { callingApp, logInByPassword, signIn, startFamily, audit } = deps

  const create = async (request: FastifyRequest, reply: FastifyReply) => {
    const client = await callingApp(request)
    const body = members(request)
    const byCookie = wantsCookie(body)
    const login = optionalText(body, 'username') ?? requiredText(body, 'email')
    const context = requestContext(request)
    const device = request.cookies[deviceCookieName]
    const check = await logInByPassword({
      login,
      password: requiredText(body, 'password'),
      ...auditContext(context),
      ...(device !== undefined && { device }),
    })
    if (check.outcome === 'throttled')
      throw new ProblemError({
        status: 429,
        code: 'too_many_requests',
        detail: 'Too many attempts. Try again later.',
        retryAfterSeconds: check.retryAfterSeconds,
      })
    if (check.outcome === 'refused')
      throw new ProblemError({
        status: 401,
        code: 'invalid_credentials',
        detail: 'The name or the password is wrong.',
      })

    const { user } = check
    const session = await signIn.withoutBrowser({ user, amr: ['pwd'], ...context })
    const { authTime, amr } = session
    const prepared = await startFamily.prepare({
      session,
      user,
      client,
      startedBy: 'password',
      scope: firstPartyScope(client, user),
      resource: [],
      audiences: resolveAudience(client, [], deps.defaultAudience) ?? [],
      authTime,
      amr,
    })
    if ((await startFamily.store(prepared)) === 'ended')
      throw new ProblemError({
        status: 401,
        code: 'invalid_credentials',
        detail: 'The session ended during the sign-in.',
      })
    audit({
      type: 'login.succeeded',
      actor: 'user',
      userId: user.id,
      clientId: client.id,
      sessionId: session.id,
      ...auditContext(context),
      reason: 'first-party API',
    })
    startFamily.report(prepared, { actor: 'user', ...auditContext(context) })
    reply.header('cache-control', 'no-store')
    return reply.send({
      ...deliver(reply, { ...prepared, byCookie, now: deps.clock.now() }),
      user: userJson(user),
    })
  }

  /** From the body, or from the cookie if no other site sent the request. */
  const presented = (request: FastifyRequest): { token: string; byCookie: boolean } => {
    const body = request.body === undefined || request.body === null ? {} : members(request)
    const token = optionalText(body, 'refresh')
    if (token !== undefined) return { token, byCookie: false }
    const cookie = request.cookies[refreshCookieName]
    if (cookie === undefined)
      throw new ProblemError({
        status: 400,
        code: 'invalid_request',
        detail: 'The member refresh is missing.',
      })
    const byBrowser = request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined
    if (byBrowser && !isSameOrigin(request, deps.issuer))
      throw new ProblemError({
        status: 403,
        code: 'forbidden',
        detail: 'This request came from another site.',
      })
    return { token: cookie, byCookie: true }
  }

  const refresh = async (request: FastifyRequest, reply: FastifyReply) => {
    const { token, byCookie } = presented(request)
    const { ip, requestId } = requestContext(request)
    const refreshed = await deps.refresh({ token, startedBy: 'password', ip, requestId })
    reply.header('cache-control', 'no-store')
    if (refreshed.outcome !== 'refreshed') {
      if (byCookie) reply.clearCookie(refreshCookieName, refreshCookieAttributes)
      throw new ProblemError(
        {
          status: 401,
          code: 'invalid_grant',
          detail: 'The refresh token is invalid, expired, revoked or already used.',
        },
        refreshed.outcome === 'refused' ? `refresh token ${refreshed.reason}` : refreshed.outcome,
      )
    }
    return reply.send(deliver(reply, { ...refreshed, byCookie, now: deps.clock.now() }))
  }

  return { create, refresh }
}

export const clearRefreshCookie = (reply: FastifyReply) =>
  reply.clearCookie(refreshCookieName, refreshCookieAttributes)
