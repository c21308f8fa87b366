// The Fastify instance that every room mounts on: limits, parsers, logging without secrets, the default error contract.
// Owns no route.
import cookie from '@fastify/cookie'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { randomToken } from '../secrets.ts'
import { answerClientError } from './client-error.ts'
import { MalformedInput, parseFormBody } from './form.ts'
import { pageErrorHandler } from './page.ts'
import { ProblemError, problemErrorHandler } from './problem.ts'
import { addressOf } from './request-context.ts'

const maxBodyBytes = 65_536

/** Longer than every store may take together; whatever still hangs then is answered 503. */
const handlerTimeoutMs = 20_000

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

/** A POST without a body has no content type for Fastify to refuse. A hook: preValidation. */
export const requireForm = async (request: { body: unknown }) => {
  if (!(request.body instanceof Map)) throw new MalformedInput('no form body')
}

/** Somebody who typed an address, and not a program. */
const isPerson = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' && (headers.accept ?? '').includes('text/html')

/** Every address with its methods and its room, whose error contract also holds for the methods it does not take. */
const knownRoutes = (server: FastifyInstance) => {
  const routes = new Map<string, { methods: string[]; room: FastifyInstance }>()
  server.addHook('onRoute', function (this: FastifyInstance, { url, method }) {
    const methods = [...(routes.get(url)?.methods ?? []), method].flat()
    routes.set(url, { methods, room: this })
  })
  return routes
}

/** A method and its path, as they were mounted. */
export type MountedRoute = readonly [method: string, path: string]

export const createHttpServer = async (options: {
  log: FastifyBaseLogger
  trustedProxies: readonly string[]
}): Promise<{ server: FastifyInstance; routes(): MountedRoute[] }> => {
  const server: FastifyInstance = Fastify({
    loggerInstance: options.log,
    // Our own line, below, names the route and never the URL with its query.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    bodyLimit: maxBodyBytes,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 65_000,
    handlerTimeout: handlerTimeoutMs,
    clientErrorHandler: answerClientError,
    genReqId: () => randomToken(12),
    requestIdHeader: false,
    exposeHeadRoutes: false,
    // What arrives on an open connection while we stop is still answered, and the connection ends with it.
    return503OnClosing: false,
    ajv: {
      customOptions: { coerceTypes: false, useDefaults: false, removeAdditional: false, allErrors: false },
    },
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 200, querystringParser: () => ({}) },
    frameworkErrors: (error, request, reply) => problemErrorHandler(error, request, reply as never),
  })
  server.removeAllContentTypeParsers()
  await server.register(cookie)
  const known = knownRoutes(server)

  let stopping = false
  server.addHook('preClose', async () => {
    stopping = true
  })
  server.addHook('onSend', async (request, reply, payload) => {
    // Its connection would stay open and idle, and the process with it.
    if (stopping) reply.header('connection', 'close')
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
        ip: addressOf(request),
        durationMs: Math.round(reply.elapsedTime),
      },
      'request',
    )
  })
  /** No route takes this request: an unknown address, or a known one by another method. */
  const unmounted = (request: FastifyRequest, reply: FastifyReply) => {
    const route = known.get((request.raw.url ?? '').split('?')[0] ?? '')
    if (route === undefined) {
      const detail = 'There is nothing at this address.'
      const nothing = new ProblemError({ status: 404, code: 'not_found', detail })
      return isPerson(request)
        ? pageErrorHandler(nothing, request, reply)
        : problemErrorHandler(nothing, request, reply)
    }
    reply.header('allow', route.methods.join(', '))
    const refusal = new ProblemError({
      status: 405,
      code: 'method_not_allowed',
      detail: 'This route does not take that method.',
    })
    return route.room.errorHandler(refusal as Error as FastifyError, request, reply)
  }
  server.setNotFoundHandler(unmounted)
  // Whatever else is wrong with such a request, an unreadable content type for one, this is what it is told.
  server.setErrorHandler((error, request, reply) =>
    request.is404 && !(error instanceof ProblemError)
      ? unmounted(request, reply)
      : problemErrorHandler(error, request, reply),
  )
  const routes = () =>
    [...known].flatMap(([path, { methods }]) => methods.map((method) => [method, path] as const))
  return { server, routes }
}
