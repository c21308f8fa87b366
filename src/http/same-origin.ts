// Cross-site request forgery, refused by what the browser says of the request's origin. Login and sign-up included.
import type { FastifyRequest } from 'fastify'
import { ProblemError } from './problem.ts'

const header = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

/** Did our own page send this? `Sec-Fetch-Site` decides where the browser sends it, else `Origin`; neither: no. */
export const isSameOrigin = (request: FastifyRequest, issuer: string): boolean => {
  const site = header(request, 'sec-fetch-site')
  const origin = header(request, 'origin')
  if (origin !== undefined && origin !== new URL(issuer).origin) return false
  return site === undefined ? origin !== undefined : site === 'same-origin'
}

/** Refuses a form that another site sent. @throws {ProblemError} 403 */
export const refuseCrossSite = (request: FastifyRequest, issuer: string): void => {
  if (!isSameOrigin(request, issuer))
    throw new ProblemError({ status: 403, code: 'forbidden', detail: 'This form came from another site.' })
}
