// Errors outside OAuth: application/problem+json (RFC 9457). Says nothing that a stack, a query or a store said.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Unavailable } from '../unavailable.ts'

export interface Problem {
  status: number
  /** A word for programs; stable. */
  code: string
  /** A sentence for people. */
  detail: string
  retryAfterSeconds?: number
  /** Members of our own. */
  extra?: Readonly<Record<string, unknown>>
}

/** Thrown by handlers; the public half goes out, `reason` goes to the log. */
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
    return { status, code: 'unsupported_media_type', detail: 'This route does not take that content type.' }
  return { status: 400, code: 'invalid_request', detail: 'The request is malformed.' }
}

const unavailable = (retryAfterSeconds: number): Problem => ({
  status: 503,
  code: 'temporarily_unavailable',
  detail: 'Something this request needs is unavailable. Nothing is lost; try again shortly.',
  retryAfterSeconds,
})

/** What any error is to the outside. Only our own text and the framework's status survive. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof ProblemError) return error.problem
  if (error instanceof Unavailable) return unavailable(error.retryAfterSeconds)
  const status = (error as { statusCode?: unknown }).statusCode
  // The framework's time limit for a handler.
  if (status === 503) return unavailable(2)
  if (typeof status === 'number' && status >= 400 && status < 500) return frameworkProblem(status)
  return { status: 500, code: 'server_error', detail: 'Something went wrong here. It has been logged.' }
}

/** The framework repeats what came in its messages (a URL, a content type), so only its code is told. */
const reasonOf = (error: Error & { code?: unknown }): string =>
  typeof error.code === 'string' && error.code.startsWith('FST_') ? error.code : error.message

/** Whatever is our own trouble is logged whole; the rest in one line. */
export const logFailure = (request: FastifyRequest, error: unknown, status: number) => {
  if (status >= 500) request.log.error({ err: error }, 'request failed')
  else request.log.info({ status, reason: reasonOf(error as Error) }, 'request refused')
}

export const problemErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
  const problem = problemOf(error)
  logFailure(request, error, problem.status)
  return sendProblem(reply, problem)
}
