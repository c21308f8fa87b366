import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Needs, VerifiedToken, Verifier } from './verifier.d.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `requireToken`. */
    token?: VerifiedToken
  }
}

/**
 * An `onRequest` hook that sets `request.token`, or answers 401, 403 or 503.
 *
 *     const onRequest = requireToken(verifier, { scopes: ['notes:read'] })
 *     server.get('/notes', { onRequest }, async (request) => …)
 */
export function requireToken(
  verifier: Verifier,
  needs?: Needs,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>
