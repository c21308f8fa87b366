import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FindUser, Needs, VerifiedToken, Verifier } from './verifier.d.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `requireToken` and `requireUser`. */
    token?: VerifiedToken
  }
}

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>

/**
 * An `onRequest` hook that sets `request.token`, or answers 401, 403 or 503.
 *
 *     const onRequest = requireToken(verifier, { scopes: ['notes:read'] })
 *     server.get('/notes', { onRequest }, async (request) => …)
 */
export function requireToken(verifier: Verifier, needs?: Needs): Hook

/**
 * Also sets `request.user` to the user that `findUser` returns. Declare the type of `user` in your own code,
 * because it is yours. Without a user the answer is 403 with the code `no_local_user`. An error of `findUser`
 * goes to the error handler of the server, except a TokenError, which is answered.
 *
 *     const findUser = (token) => users.findOne({ issuer: token.issuer, subject: token.subject })
 *     server.get('/notes', { onRequest: requireUser(verifier, findUser) }, async (request) => …)
 */
export function requireUser(verifier: Verifier, findUser: FindUser<FastifyRequest>, needs?: Needs): Hook
