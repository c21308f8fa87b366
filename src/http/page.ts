// Sends hosted pages: their headers, their content security policy, and the error page.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Brand } from '../pages/brand.ts'
import { errorPage } from '../pages/error-page.ts'
import { chooseLanguage } from '../pages/language.ts'
import type { PageFrame } from '../pages/layout.ts'
import { randomToken } from '../secrets.ts'
import { formFields, queryFields, single } from './form.ts'
import { logFailure, problemOf } from './problem.ts'

declare module 'fastify' {
  interface FastifyInstance {
    brand: Brand
  }
}

/** The language that the user chose on one of our pages. The route itself rejects a malformed query. */
const chosenLanguage = (request: FastifyRequest): string | undefined => {
  if (request.body instanceof Map) return single(formFields(request), 'ui_locales')
  try {
    return single(queryFields(request), 'ui_locales')
  } catch {
    return undefined
  }
}

/**
 * Takes the language that the user chose, else the client's `ui_locales`, else the browser's Accept-Language.
 */
export const pageFrame = (request: FastifyRequest, clientLocales?: string): PageFrame => {
  const acceptLanguage = request.headers['accept-language']
  const uiLocales = chosenLanguage(request) ?? clientLocales
  return {
    lang: chooseLanguage({ ...(uiLocales && { uiLocales }), ...(acceptLanguage && { acceptLanguage }) }),
    nonce: randomToken(16),
    brand: request.server.brand,
  }
}

/** The CSP source of a redirect URI: Chrome applies form-action to the redirects after a form's POST. */
const formTarget = (redirectUri: string): string => {
  const { protocol, origin } = new URL(redirectUri)
  return protocol === 'http:' || protocol === 'https:' ? origin : protocol
}

/**
 * @param options.formTo redirect URIs that a form on this page may lead to
 * @param options.connect true if the page's script calls the issuer
 * @param options.frames true if the page shows another page of the issuer in a frame
 */
export const sendPage = (
  reply: FastifyReply,
  { lang, nonce }: PageFrame,
  page: string,
  options: { status?: number; formTo?: string | readonly string[]; connect?: boolean; frames?: boolean } = {},
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
        ...(options.frames ? ["frame-src 'self'"] : []),
        ['form-action', "'self'", ...new Set([options.formTo ?? []].flat().map(formTarget))].join(' '),
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      // With `no-referrer` browsers would send `Origin: null` with our own forms.
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

/** Answers any error on a hosted route with the error page. */
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
      answersForm: request.method !== 'GET',
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    }),
    { status },
  )
}
