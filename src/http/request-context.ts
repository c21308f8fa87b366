// What an audit event says of the request it came from.
import type { FastifyRequest } from 'fastify'

export interface RequestContext {
  ip: string
  requestId: string
  userAgent?: string
}

export const requestContext = (request: FastifyRequest): RequestContext => {
  const userAgent = request.headers['user-agent']?.replace(/[^\x20-\x7e]/g, '').slice(0, 200)
  return { ip: request.ip, requestId: request.id, ...(userAgent && { userAgent }) }
}

/** The part of it that audit events carry. */
export const auditContext = ({ ip, requestId }: RequestContext) => ({ ip, requestId })
