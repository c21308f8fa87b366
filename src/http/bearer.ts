// The bearer token of a request, read only from the Authorization header (RFC 6750 §2.1).
import type { FastifyRequest } from 'fastify'

/** Undefined without bearer credentials; '' if they are malformed. */
export const bearerToken = (request: FastifyRequest): string | undefined => {
  const header = request.headers.authorization
  if (header === undefined || !/^bearer(\s|$)/i.test(header)) return undefined
  return /^bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(header)?.[1] ?? ''
}
