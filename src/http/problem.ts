// Errors outside OAuth, as application/problem+json (RFC 9457). Clients never see an inner error's text.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { chooseLanguage, type Language, type Localized } from '../pages/language.ts'
import { Unavailable } from '../unavailable.ts'

export interface Problem {
  status: number
  /** For programs; stable. */
  code: string
  /** For people, in the language of the request. */
  detail: Localized
  retryAfterSeconds?: number
  /** Further members of the document. */
  extra?: (lang: Language) => Readonly<Record<string, unknown>>
}

/** Thrown by handlers. The client gets `problem`, the log gets `reason`. */
export class ProblemError extends Error {
  readonly problem: Problem

  constructor(problem: Problem, reason?: string) {
    super(reason ?? problem.detail.en)
    this.problem = problem
  }
}

/** The phrase of the status: the title of a problem without a type of its own (RFC 9457 §4.2.1). */
const titles: Readonly<Record<number, Localized>> = {
  400: { en: 'Bad Request', ko: '잘못된 요청' },
  401: { en: 'Unauthorized', ko: '인증 필요' },
  403: { en: 'Forbidden', ko: '권한 없음' },
  404: { en: 'Not Found', ko: '찾을 수 없음' },
  405: { en: 'Method Not Allowed', ko: '허용하지 않는 메서드' },
  409: { en: 'Conflict', ko: '이미 있는 값과 겹침' },
  413: { en: 'Content Too Large', ko: '너무 큰 본문' },
  415: { en: 'Unsupported Media Type', ko: '지원하지 않는 콘텐츠 형식' },
  422: { en: 'Unprocessable Content', ko: '쓸 수 없는 값' },
  429: { en: 'Too Many Requests', ko: '너무 많은 요청' },
  500: { en: 'Internal Server Error', ko: '서버 오류' },
  503: { en: 'Service Unavailable', ko: '지금은 사용할 수 없음' },
}

const otherTitle: Localized = { en: 'Error', ko: '오류' }

/** Adds a name to Vary, because CORS has its own name there. */
const alsoVaryBy = (reply: FastifyReply, name: string): void => {
  const before = reply.getHeader('vary')
  reply.header('vary', before === undefined ? name : `${before}, ${name}`)
}

/** The `code` is for programs and has no language. */
export const sendProblem = (
  reply: FastifyReply,
  { status, code, detail, retryAfterSeconds, extra }: Problem,
) => {
  const acceptLanguage = reply.request.headers['accept-language']
  const lang = chooseLanguage(acceptLanguage === undefined ? {} : { acceptLanguage })
  const title = (titles[status] ?? otherTitle)[lang]
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
  // RFC 9110 §15.5.2. A caller that knows more has set its own. Bearer opens no dialog in a browser.
  if (status === 401 && !reply.hasHeader('www-authenticate'))
    reply.header('www-authenticate', 'Bearer realm="dojang"')
  alsoVaryBy(reply, 'Accept-Language')
  return reply
    .code(status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('content-language', lang)
    .header('cache-control', 'no-store')
    .send({ type: 'about:blank', title, status, code, detail: detail[lang], ...extra?.(lang) })
}

const frameworkProblem = (status: number): Problem => {
  if (status === 413)
    return {
      status,
      code: 'too_large',
      detail: { en: 'The request body is too large.', ko: '요청 본문이 너무 커요.' },
    }
  if (status === 415)
    return {
      status,
      code: 'unsupported_media_type',
      detail: {
        en: 'This route does not accept that content type.',
        ko: '이 경로에서는 그 콘텐츠 형식을 쓸 수 없어요.',
      },
    }
  return {
    status: 400,
    code: 'invalid_request',
    detail: { en: 'The request is malformed.', ko: '요청의 형식이 올바르지 않아요.' },
  }
}

const unavailable = (retryAfterSeconds: number): Problem => ({
  status: 503,
  code: 'temporarily_unavailable',
  detail: {
    en: 'The server cannot answer this request now. Nothing is lost. Try again shortly.',
    ko: '지금은 서버가 이 요청에 답할 수 없어요. 사라진 것은 없으니 잠시 뒤에 다시 시도해 주세요.',
  },
  retryAfterSeconds,
})

/** The part of an error that the client receives: our own text, and the status of the framework. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof ProblemError) return error.problem
  if (error instanceof Unavailable) return unavailable(error.retryAfterSeconds)
  const status = (error as { statusCode?: unknown }).statusCode
  if (typeof status === 'number' && status >= 400 && status < 500) return frameworkProblem(status)
  return {
    status: 500,
    code: 'server_error',
    detail: {
      en: 'The server failed. The error has been logged.',
      ko: '서버에 오류가 생겼어요. 오류를 기록해 두었어요.',
    },
  }
}

/**
 * Fastify's messages repeat parts of the request (a URL, a content type), so only its error code is logged.
 */
const reasonOf = (error: Error & { code?: unknown }): string =>
  typeof error.code === 'string' && error.code.startsWith('FST_') ? error.code : error.message

/** A failure of the server is logged with its stack, an error of the client in one line. */
export const logFailure = (request: FastifyRequest, error: unknown, status: number) => {
  if (status >= 500) request.log.error({ err: error }, 'request failed')
  else request.log.info({ status, reason: reasonOf(error as Error) }, 'request refused')
}

export const problemErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
  const problem = problemOf(error)
  logFailure(request, error, problem.status)
  return sendProblem(reply, problem)
}
