// Keeps the token of a link in a cookie, so that it leaves the address bar and the history at once.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { linkPages } from '../../email-links/compose-link.ts'
import { type LinkPurpose, linkMinutes } from '../../email-links/email-link.ts'
import { cookieAttributes } from '../../sessions/cookie.ts'

/** Each purpose has its own cookie, so that two links can be open in one browser. */
const nameOf = (purpose: LinkPurpose): string => `__Host-dojang_${purpose}`

export const tokenIn = (request: FastifyRequest, purpose: LinkPurpose): string | undefined =>
  request.cookies[nameOf(purpose)]

/** Redirects to the same page without the token. */
export const keepToken = (reply: FastifyReply, purpose: LinkPurpose, token: string) =>
  reply
    .setCookie(nameOf(purpose), token, { ...cookieAttributes, maxAge: linkMinutes[purpose] * 60 })
    .headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    .redirect(linkPages[purpose], 303)

export const forgetToken = (reply: FastifyReply, purpose: LinkPurpose) =>
  reply.clearCookie(nameOf(purpose), cookieAttributes)
