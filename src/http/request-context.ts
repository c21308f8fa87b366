// The facts about a request that audit events and sessions record.
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'

export interface RequestContext {
  ip: string
  requestId: string
  userAgent?: string
}

/**
 * The client's IP address, as trusted proxies report it. Some proxies add a port. If the reported value is
 * not an address, the proxy's own address counts.
 */
export const addressOf = ({ ip, socket }: Pick<FastifyRequest, 'ip' | 'socket'>): string => {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(ip)?.[1] ?? /^([\d.]+):\d+$/.exec(ip)?.[1] ?? ip
  return isIP(bare) === 0 ? (socket.remoteAddress ?? '') : bare
}

export const requestContext = (request: FastifyRequest): RequestContext => {
  const userAgent = request.headers['user-agent']?.replace(/[^\x20-\x7e]/g, '').slice(0, 200)
  return { ip: addressOf(request), requestId: request.id, ...(userAgent && { userAgent }) }
}

/** The members that audit events record. */
export const auditContext = ({ ip, requestId }: RequestContext) => ({ ip, requestId })
