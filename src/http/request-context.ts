// What an audit event says of the request it came from.
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'

export interface RequestContext {
  ip: string
  requestId: string
  userAgent?: string
}

/** Whom the request comes from, as the trusted proxies say. Some add a port; what is no address at all counts as theirs. */
export const addressOf = ({ ip, socket }: Pick<FastifyRequest, 'ip' | 'socket'>): string => {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(ip)?.[1] ?? /^([\d.]+):\d+$/.exec(ip)?.[1] ?? ip
  return isIP(bare) === 0 ? (socket.remoteAddress ?? '') : bare
}

export const requestContext = (request: FastifyRequest): RequestContext => {
  const userAgent = request.headers['user-agent']?.replace(/[^\x20-\x7e]/g, '').slice(0, 200)
  return { ip: addressOf(request), requestId: request.id, ...(userAgent && { userAgent }) }
}

/** The part of it that audit events carry. */
export const auditContext = ({ ip, requestId }: RequestContext) => ({ ip, requestId })
