// Errors outside OAuth, as application/problem+json (RFC 9457). Clients never see an inner error's text.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Unavailable } from '../unavailable.ts'

export interface Problem {
  status: number
  /** For programs; stable. */
  code: string
  /** For people. */
  detail: string
  retryAfterSeconds?: number
  /** Further members of the document. */
  extra?: Readonly<Record<string, unknown>>
}

/** Thrown by handlers. The client gets `problem`, the log gets `reason`. */
export class ProblemError extends Error {
  readonly problem: Problem

  constructor(problem: Problem, reason?: string) {
    super(reason ?? problem.detail)
    this.problem = problem
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

export const sendProblem = (
  reply: FastifyReply,
  { status, code, detail, retryAfterSeconds, extra }: Problem,
) => {
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
  return reply
    .code(status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send({ type: 'about:blank', title: titles[status] ?? 'Error', status, code, detail, ...extra })
}

const frameworkProblem = (status: number): Problem => {
  if (status === 413) return { status, code: 'too_large', detail: 'The request body is too large.' }
  if (status === 415)
    return { status, code: 'unsupported_media_type', detail: 'This route does not accept that content type.' }
  return { status: 400, code: 'invalid_request', detail: 'The request is malformed.' }
}

const unavailable = (retryAfterSeconds: number): Problem => ({
  status: 503,
  code: 'temporarily_unavailable',
  detail: 'The server cannot answer this request now. Nothing is lost. Try again shortly.',
  retryAfterSeconds,
})

/** The part of an error that the client receives: our own text, and the status of the framework. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof ProblemError) return error.problem
  if (error instanceof Unavailable) return unavailable(error.retryAfterSeconds)
  const status = (error as { statusCode?: unknown }).statusCode
  if (typeof status === 'number' && status >= 400 && status < 500) return frameworkProblem(status)
  return { status: 500, code: 'server_error', detail: 'The server failed. The error has been logged.' }
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
