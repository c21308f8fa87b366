// Sends a public document with a strong ETag, or 304 if the client has the same document (RFC 9110 §13.1.2).
import type { FastifyReply, FastifyRequest } from 'fastify'

export interface Cacheable {
  body: string | Buffer
  etag: string
  contentType: string
  maxAgeSeconds: number
}

export const sendCacheable = (
  request: FastifyRequest,
  reply: FastifyReply,
  { body, etag, contentType, maxAgeSeconds }: Cacheable,
): FastifyReply => {
  reply.headers({ etag, 'cache-control': `public, max-age=${maxAgeSeconds}`, 'content-type': contentType })
  const matches = (request.headers['if-none-match'] ?? '')
    .split(',')
    .some((tag) => tag.trim().replace(/^W\//, '') === etag)
  return matches ? reply.code(304).send() : reply.send(body)
}
