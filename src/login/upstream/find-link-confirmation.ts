// Finds a link confirmation by the id that the browser sends. Only the browser that got the id may use it.
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../../clock.ts'
import { hashToken, sameSecret } from '../../secrets.ts'
import type { LinkConfirmation, UpstreamAttempts } from '../../sessions/upstream-attempt.ts'
import { browserHashOf } from './browser-binding.ts'

/** A link confirmation with the id that the browser carries. The store knows only the hash of the id. */
export type Offer = LinkConfirmation & { id: string }

/** Undefined if the link confirmation is unknown, expired or belongs to another browser. */
export type FindOffer = (request: FastifyRequest, id: string | undefined) => Promise<Offer | undefined>

export const createFindOffer =
  ({ clock, upstreamAttempts }: { clock: Clock; upstreamAttempts: UpstreamAttempts }): FindOffer =>
  async (request, id) => {
    if (id === undefined) return undefined
    const offer = await upstreamAttempts.findOffer(hashToken(id))
    const browserHash = browserHashOf(request)
    if (!offer || browserHash === undefined || !sameSecret(offer.browserHash, browserHash)) return undefined
    return offer.expiresAt > clock.now() ? { ...offer, id } : undefined
  }
