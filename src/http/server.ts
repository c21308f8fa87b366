// The Fastify instance that every room mounts on: limits, parsers, logging without secrets, the default error contract.
// Owns no route.
import cookie from '@fastify/cookie'
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { randomToken } from '../secrets.ts'
import { MalformedInput, parseFormBody } from './form.ts'
import { ProblemError, problemErrorHandler, sendProblem } from './problem.ts'

const maxBodyBytes = 65_536

/** JSON for our own API: UTF-8, an object, no NUL (which PostgreSQL cannot keep), no prototype keys. */
const parseJson = (body: Buffer): unknown => {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new MalformedInput('broken UTF-8')
  }
  try {
    return JSON.parse(text, (key, value) => {
      if (key === '__proto__') throw new MalformedInput('a forbidden member')
      if (typeof value === 'string' && value.includes('\0')) throw new MalformedInput('a NUL character')
      return value
    })
  } catch (error) {
    throw error instanceof MalformedInput ? error : new MalformedInput('not JSON')
  }
}

export const acceptForms = (server: FastifyInstance) =>
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    (_request, body, done) => {
      try {
        done(null, parseFormBody(body as Buffer))
      } catch (error) {
        done(error as Error)
      }
    },
  )

export const acceptJson = (server: FastifyInstance) =>
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

export const httpServer = async (options: {
  log: FastifyBaseLogger
  trustedProxies: readonly string[]
}): Promise<FastifyInstance> => {
  const server: FastifyInstance = Fastify({
    loggerInstance: options.log,
    // Our own line, below, names the route and never the URL with its query.
    disableRequestLogging: true,
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    bodyLimit: maxBodyBytes,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 65_000,
    genReqId: () => randomToken(12),
    requestIdHeader: false,
    exposeHeadRoutes: false,
    return503OnClosing: true,
    ajv: {
      customOptions: { coerceTypes: false, useDefaults: false, removeAdditional: false, allErrors: false },
    },
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 200, querystringParser: () => ({}) },
    frameworkErrors: (error, request, reply) => problemErrorHandler(error, request, reply as never),
  })
  server.removeAllContentTypeParsers()
  await server.register(cookie)

  server.addHook('onSend', async (request, reply, payload) => {
    reply.header('x-request-id', request.id)
    reply.header('x-content-type-options', 'nosniff')
    return payload
  })
  server.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        status: reply.statusCode,
        ip: request.ip,
        durationMs: Math.round(reply.elapsedTime),
      },
      'request',
    )
  })
  server.setErrorHandler(problemErrorHandler)
  server.setNotFoundHandler((request, reply) => {
    const path = (request.raw.url ?? '').split('?')[0] ?? ''
    const allowed = methods.filter((method) => server.hasRoute({ method, url: path }))
    if (allowed.length === 0)
      return sendProblem(reply, {
        status: 404,
        code: 'not_found',
        detail: 'There is nothing at this address.',
      })
    reply.header('allow', allowed.join(', '))
    return sendProblem(reply, {
      status: 405,
      code: 'method_not_allowed',
      detail: 'This route does not take that method.',
    })
  })
  return server
}

/** Unsupported media types of a JSON route. */
export const jsonObject = (body: unknown): Readonly<Record<string, unknown>> => {
  if (typeof body === 'object' && body !== null && !Array.isArray(body) && !(body instanceof Map))
    return body as Readonly<Record<string, unknown>>
  throw new ProblemError({ status: 400, code: 'invalid_request', detail: 'The body must be a JSON object.' })
}
