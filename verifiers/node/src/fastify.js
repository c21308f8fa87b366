// Adapter for Fastify: a hook for one route or for the whole server.
import { localUser } from './local-user.js'
import { TokenError } from './token-error.js'

/** @import { FastifyReply, FastifyRequest } from 'fastify' */
/** @import { Needs, VerifiedToken, Verifier } from './verifier.d.ts' */

/**
 * @param {Verifier} verifier
 * @param {Needs | undefined} needs
 * @param {(request: FastifyRequest, token: VerifiedToken) => Promise<void> | void} admit
 * @returns {(request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>}
 */
const guard = (verifier, needs, admit) => async (request, reply) => {
  try {
    await admit(request, await verifier.authenticate(request.headers.authorization, needs))
    return undefined
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    verifier.logRefusal(error, request, (level, refusal) => request.log[level](refusal, 'request refused'))
    const { status, headers, body } = error.answer
    return reply.code(status).headers(headers).send(body)
  }
}

/** @type {typeof import('./fastify.d.ts').requireToken} */
export const requireToken = (verifier, needs) =>
  guard(verifier, needs, (request, token) => {
    request.token = token
  })

/** @type {typeof import('./fastify.d.ts').requireUser} */
export const requireUser = (verifier, findUser, needs) =>
  guard(verifier, needs, async (request, token) => {
    const user = await localUser(findUser, token, request)
    Object.assign(request, { token, user })
  })
