// Returns the tokens of /api/token in the JSON body, or puts the refresh token into a cookie.
import type { FastifyReply } from 'fastify'
import { ProblemError } from '../http/problem.ts'
import { knownDeviceSeconds } from '../passwords/known-device.ts'
import { cookieAttributes, deviceCookieName, refreshCookieName } from '../sessions/cookie.ts'
import type { Family } from '../sessions/family.ts'
import type { IssuedTokens } from '../tokens/issue.ts'
import { type Members, optionalText } from './members.ts'

/** SameSite is Strict, because only our own pages send this cookie. */
const refreshCookieAttributes = { ...cookieAttributes, sameSite: 'strict' } as const

/** @throws {ProblemError} 400 if `delivery` is neither `body` nor `cookie` */
export const wantsCookie = (body: Members): boolean => {
  const delivery = optionalText(body, 'delivery') ?? 'body'
  if (delivery === 'body' || delivery === 'cookie') return delivery === 'cookie'
  throw new ProblemError({
    status: 400,
    code: 'invalid_request',
    detail: { en: 'delivery must be body or cookie.', ko: 'delivery는 body나 cookie여야 해요.' },
  })
}

/** A form may come from a client of OAuth, such as the page /docs of FastAPI, which knows only its names. */
export const askedFor = ({ body }: { body: unknown }): { oauthNames: boolean } => ({
  oauthNames: body instanceof Map,
})

/** The JSON of a token response, with the names of RFC 6749 §5.1 too if `oauthNames`. */
export const deliverTokens = (
  reply: FastifyReply,
  issued: {
    tokens: IssuedTokens
    refreshToken: string
    family: Family
    /** True puts the refresh token into the cookie. */
    byCookie: boolean
    oauthNames: boolean
    now: Date
  },
) => {
  const { tokens, refreshToken, family, byCookie, oauthNames, now } = issued
  const maxAge = Math.floor((family.expiresAt.getTime() - now.getTime()) / 1000)
  if (byCookie) reply.setCookie(refreshCookieName, refreshToken, { ...refreshCookieAttributes, maxAge })
  return {
    access: tokens.accessToken,
    ...(!byCookie && { refresh: refreshToken }),
    ...(oauthNames && { access_token: tokens.accessToken, scope: tokens.scope.join(' ') }),
    ...(oauthNames && !byCookie && { refresh_token: refreshToken }),
    token_type: 'Bearer',
    expires_in: tokens.expiresInSeconds,
  }
}

/** The mark of the known device, in the body or in a cookie like the refresh token. */
export const deliverDevice = (
  reply: FastifyReply,
  { device, byCookie }: { device: string; byCookie: boolean },
) => {
  if (!byCookie) return { device_token: device }
  reply.setCookie(deviceCookieName, device, { ...cookieAttributes, maxAge: knownDeviceSeconds })
  return {}
}

export const clearRefreshCookie = (reply: FastifyReply) =>
  reply.clearCookie(refreshCookieName, refreshCookieAttributes)
