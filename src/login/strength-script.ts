// GET /password-strength.js: the script that estimates a new password while the user types. Browsers keep
// it, and only the pages with a field for a new password load it.
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Cacheable, sendCacheable } from '../http/cacheable.ts'
import { strengthMeterScript } from '../pages/strength-meter.ts'
import { estimateScript } from '../passwords/feedback.ts'

const cacheable = (body: string | Buffer): Cacheable => ({
  body,
  etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
  contentType: 'text/javascript; charset=utf-8',
  maxAgeSeconds: 3600,
})

const readScript = async (): Promise<{ plain: Cacheable; gzip: Cacheable }> => {
  const text = `{\n${await estimateScript()}\n${strengthMeterScript}\n}\n`
  return { plain: cacheable(text), gzip: cacheable(gzipSync(text, { level: 9 })) }
}

let script: ReturnType<typeof readScript> | undefined

export const getStrengthScript = async (request: FastifyRequest, reply: FastifyReply) => {
  script ??= readScript()
  const { plain, gzip } = await script
  reply.headers({ vary: 'Accept-Encoding', 'cross-origin-resource-policy': 'same-origin' })
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? '')))
    return sendCacheable(request, reply, plain)
  return sendCacheable(request, reply.header('content-encoding', 'gzip'), gzip)
}
