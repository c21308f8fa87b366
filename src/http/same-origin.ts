// Rejects forms that another site sent (cross-site request forgery), login and registration included.
import type { FastifyRequest } from 'fastify'
import { ProblemError } from './problem.ts'

const header = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

/**
 * True if one of our own pages sent the request. `Origin` must match if it is present. `Sec-Fetch-Site` must
 * say `same-origin` if it is present. A request with neither header is refused.
 */
export const isSameOrigin = (request: FastifyRequest, issuer: string): boolean => {
  const site = header(request, 'sec-fetch-site')
  const origin = header(request, 'origin')
  if (origin !== undefined && origin !== new URL(issuer).origin) return false
  return site === undefined ? origin !== undefined : site === 'same-origin'
}

/** @throws {ProblemError} 403 if another site sent the form */
export const refuseCrossSite = (request: FastifyRequest, issuer: string): void => {
  if (!isSameOrigin(request, issuer))
    throw new ProblemError({
      status: 403,
      code: 'forbidden',
      detail: { en: 'This form came from another site.', ko: '다른 사이트에서 보낸 양식이에요.' },
    })
}
