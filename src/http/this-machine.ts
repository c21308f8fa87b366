// Recognises requests that come from the machine on which the server runs.
import type { FastifyRequest } from 'fastify'

/**
 * Looks at the peer of the connection itself. A local proxy may forward a request without saying so, but a
 * local issuer has no proxy.
 */
export const isThisMachine = (request: FastifyRequest): boolean =>
  ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.socket.remoteAddress ?? '') &&
  request.headers['x-forwarded-for'] === undefined &&
  request.headers.forwarded === undefined
