// Finds a link confirmation by the id that the browser sends. Only the browser that got the id may use it.
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../../clock.ts'
import { hashToken, sameSecret } from '../../secrets.ts'
import type { LinkConfirmation, LinkConfirmations } from '../../sessions/link-confirmation.ts'
import { browserHashOf } from './browser-binding.ts'

/** A link confirmation with the id that the browser carries. The store knows only the hash of the id. */
export type FoundConfirmation = LinkConfirmation & { id: string }

/** Undefined if the link confirmation is unknown, expired or belongs to another browser. */
export type FindLinkConfirmation = (
  request: FastifyRequest,
  id: string | undefined,
) => Promise<FoundConfirmation | undefined>

export const createFindLinkConfirmation =
  (deps: { clock: Clock; linkConfirmations: LinkConfirmations }): FindLinkConfirmation =>
  async (request, id) => {
    if (id === undefined) return undefined
    const confirmation = await deps.linkConfirmations.find(hashToken(id))
    const browserHash = browserHashOf(request)
    if (!confirmation || browserHash === undefined || !sameSecret(confirmation.browserHash, browserHash))
      return undefined
    return confirmation.expiresAt > deps.clock.now() ? { ...confirmation, id } : undefined
  }
