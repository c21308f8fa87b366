// How a hosted page goes out: its headers, its content security policy, its error page.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { errorPage } from '../pages/error-page.ts'
import { chooseLanguage } from '../pages/language.ts'
import { randomToken } from '../secrets.ts'
import { formFields, queryFields, single } from './form.ts'
import { logFailure, problemOf } from './problem.ts'

export interface PageFrame {
  lang: 'ko' | 'en'
  nonce: string
}

/** What the person chose on the page before; a malformed query is refused elsewhere, not here. */
const chosenLanguage = (request: FastifyRequest): string | undefined => {
  if (request.body instanceof Map) return single(formFields(request), 'ui_locales')
  try {
    return single(queryFields(request), 'ui_locales')
  } catch {
    return undefined
  }
}

/** Language and nonce for one answer: as chosen on our pages, else as the client asks, else as the browser asks. */
export const pageFrame = (request: FastifyRequest, askedByClient?: string): PageFrame => {
  const acceptLanguage = request.headers['accept-language']
  const uiLocales = chosenLanguage(request) ?? askedByClient
  return {
    lang: chooseLanguage({ ...(uiLocales && { uiLocales }), ...(acceptLanguage && { acceptLanguage }) }),
    nonce: randomToken(16),
  }
}

/** The CSP source of a redirect URI: Chrome applies form-action to the redirects after a form's POST. */
const formTarget = (redirectUri: string): string => {
  const { protocol, origin } = new URL(redirectUri)
  return protocol === 'http:' || protocol === 'https:' ? origin : protocol
}

export const sendPage = (
  reply: FastifyReply,
  { lang, nonce }: PageFrame,
  page: string,
  options: { status?: number; formTo?: string | readonly string[]; connect?: boolean } = {},
) =>
  reply
    .code(options.status ?? 200)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-language': lang,
      'cache-control': 'no-store',
      'content-security-policy': [
        "default-src 'none'",
        `style-src 'nonce-${nonce}'`,
        `script-src 'nonce-${nonce}'`,
        "img-src 'self' data:",
        ...(options.connect ? ["connect-src 'self'"] : []),
        ['form-action', "'self'", ...new Set([options.formTo ?? []].flat().map(formTarget))].join(' '),
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      // Not no-referrer: browsers would then send `Origin: null` on our own forms.
      'referrer-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      vary: 'Accept-Language, Cookie',
    })
    .send(page)

const kinds = {
  400: 'bad_request',
  403: 'forbidden',
  404: 'not_found',
  429: 'throttled',
  503: 'unavailable',
} as const

const kindOf = (status: number, code: string) => {
  if (code === 'expired') return 'expired'
  if (Object.hasOwn(kinds, status)) return kinds[status as keyof typeof kinds]
  return status < 500 ? 'bad_request' : 'server_error'
}

/** The error page of any error on a hosted route. */
export const pageErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
  const { status, code, retryAfterSeconds } = problemOf(error)
  logFailure(request, error, status)
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
  const frame = pageFrame(request)
  const kind = kindOf(status, code)
  return sendPage(
    reply,
    frame,
    errorPage({
      ...frame,
      kind,
      requestId: request.id,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    }),
    { status },
  )
}
