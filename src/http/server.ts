// The Fastify instance to which each source folder adds its routes: limits, parsers, the request log and the
// default error answers. Owns no route.
import cookie from '@fastify/cookie'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import type { Brand } from '../pages/brand.ts'
import { randomToken } from '../secrets.ts'
import { answerClientError } from './client-error.ts'
import { MalformedInput, parseFormBody, UnsupportedContentType } from './form.ts'
import { pageErrorHandler } from './page.ts'
import { ProblemError, problemErrorHandler } from './problem.ts'
import { addressOf } from './request-context.ts'
import { limitHandlers } from './time-limit.ts'

const maxBodyBytes = 65_536

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

/**
 * An empty body of any content type counts as no body, because many clients send a content type with every
 * POST. A body of a type that the route does not accept is refused with 415.
 */
export const acceptEmptyBody = (server: FastifyInstance) =>
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
    body.length === 0 ? done(null, undefined) : done(new UnsupportedContentType()),
  )

/** A preValidation hook. Fastify rejects a wrong content type, but lets a POST without a body pass. */
export const requireForm = async (request: { body: unknown }) => {
  if (!(request.body instanceof Map)) throw new MalformedInput('no form body')
}

/** True if a person opens the address in a browser, and false if a program calls it. */
const isBrowserVisit = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' && (headers.accept ?? '').includes('text/html')

interface KnownRoute {
  methods: string[]
  /** The instance that has the route. Its error format also applies to methods that the route rejects. */
  owner: FastifyInstance
}

/** Collects every mounted path. */
const collectRoutes = (server: FastifyInstance): ReadonlyMap<string, KnownRoute> => {
  const routes = new Map<string, KnownRoute>()
  server.addHook('onRoute', function (this: FastifyInstance, { url, method }) {
    const methods = [...(routes.get(url)?.methods ?? []), method].flat()
    routes.set(url, { methods, owner: this })
  })
  return routes
}

/**
 * Answers a request that no route accepts: 404 for an unknown path, 405 for a known path with another method.
 */
const answerUnmounted =
  (routes: ReadonlyMap<string, KnownRoute>) => (request: FastifyRequest, reply: FastifyReply) => {
    const route = routes.get((request.raw.url ?? '').split('?')[0] ?? '')
    if (route === undefined) {
      const detail = { en: 'There is nothing at this address.', ko: '이 주소에는 아무것도 없어요.' }
      const notFound = new ProblemError({ status: 404, code: 'not_found', detail })
      return isBrowserVisit(request)
        ? pageErrorHandler(notFound, request, reply)
        : problemErrorHandler(notFound, request, reply)
    }
    reply.header('allow', route.methods.join(', '))
    const refusal = new ProblemError({
      status: 405,
      code: 'method_not_allowed',
      detail: {
        en: 'This route does not accept that method.',
        ko: '이 경로에서는 그 메서드를 쓸 수 없어요.',
      },
    })
    return route.owner.errorHandler(refusal as Error as FastifyError, request, reply)
  }

/**
 * Headers of every response, and one log line per request. The line names the route, never the URL's query.
 */
const addResponseHooks = (server: FastifyInstance, draining: Draining) => {
  server.addHook('preClose', async () => draining.begin())
  // With `done` and not with a promise, because every request passes here.
  server.addHook('onSend', (request, reply, payload, done) => {
    // An idle keep-alive connection would keep the process running.
    if (draining.hasBegun()) reply.header('connection', 'close')
    reply.header('x-request-id', request.id)
    reply.header('x-content-type-options', 'nosniff')
    reply.header('strict-transport-security', 'max-age=63072000; includeSubDomains')
    done(null, payload)
  })
  server.addHook('onResponse', (request, reply, done) => {
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
    done()
  })
}

/** A server that is about to stop. It still answers every request. */
export interface Draining {
  begin(): void
  hasBegun(): boolean
}

const createDraining = (): Draining => {
  let begun = false
  return {
    begin: () => {
      begun = true
    },
    hasBegun: () => begun,
  }
}

/** A mounted method and its path. */
export type MountedRoute = readonly [method: string, path: string]

export const createHttpServer = async (options: {
  log: FastifyBaseLogger
  /** Addresses and ranges of the proxies whose X-Forwarded-For is trusted. */
  trustedProxies: readonly string[]
  /** The brand of every page. */
  brand: Brand
}): Promise<{ server: FastifyInstance; routes(): MountedRoute[]; draining: Draining }> => {
  const server: FastifyInstance = Fastify({
    loggerInstance: options.log,
    // addResponseHooks writes the log line, because Fastify's own line contains the URL with its query.
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    bodyLimit: maxBodyBytes,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 65_000,
    clientErrorHandler: answerClientError,
    genReqId: () => randomToken(12),
    requestIdHeader: false,
    exposeHeadRoutes: false,
    // While the server stops, requests on open connections are still answered. Each answer closes its
    // connection.
    return503OnClosing: false,
    ajv: {
      customOptions: { coerceTypes: false, useDefaults: false, removeAdditional: false, allErrors: false },
    },
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 200, querystringParser: () => ({}) },
    frameworkErrors: (error, request, reply) => problemErrorHandler(error, request, reply as never),
  })
  server.decorate('brand', options.brand)
  server.removeAllContentTypeParsers()
  await server.register(cookie)
  const known = collectRoutes(server)
  const draining = createDraining()
  addResponseHooks(server, draining)
  limitHandlers(server)

  const unmounted = answerUnmounted(known)
  server.setNotFoundHandler(unmounted)
  // If the route is unknown and the body is unreadable too, the answer is about the route.
  server.setErrorHandler((error, request, reply) =>
    request.is404 && !(error instanceof ProblemError)
      ? unmounted(request, reply)
      : problemErrorHandler(error, request, reply),
  )
  const routes = () =>
    [...known].flatMap(([path, { methods }]) => methods.map((method) => [method, path] as const))
  return { server, routes, draining }
}
