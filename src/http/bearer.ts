// The bearer token of a request (RFC 6750 §2.1): from the Authorization header and from nowhere else.
import type { FastifyRequest } from 'fastify'

/** Undefined if no bearer credentials came; '' if they are unreadable. */
export const bearerToken = (request: FastifyRequest): string | undefined => {
  const header = request.headers.authorization
  if (header === undefined || !/^bearer(\s|$)/i.test(header)) return undefined
  return /^bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(header)?.[1] ?? ''
}
