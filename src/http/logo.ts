// GET /brand/logo: the logo of the brand, from BRAND_LOGO.
import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { type BrandLogo, logoPath } from '../pages/brand.ts'
import { sendCacheable } from './cacheable.ts'

/** Somebody can open an SVG as a document of the issuer's origin. The policy then stops every script. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"

/** There is no route without a logo. */
export const mountLogo = (server: FastifyInstance, logo: BrandLogo | undefined) => {
  if (logo === undefined) return
  const { bytes, contentType } = logo
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
  const cacheable = { body: bytes, etag, contentType, maxAgeSeconds: 300 }
  server.get(logoPath, async (request, reply) => {
    reply.headers({ 'content-security-policy': policy, 'cross-origin-resource-policy': 'same-origin' })
    return sendCacheable(request, reply, cacheable)
  })
}
