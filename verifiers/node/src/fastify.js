// Adapter for Fastify: a hook for one route or for the whole server.
import { TokenError } from './token-error.js'

/** @type {typeof import('./fastify.d.ts').requireToken} */
export const requireToken = (verifier, needs) => async (request, reply) => {
  try {
    request.token = await verifier.authenticate(request.headers.authorization, needs)
    return undefined
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    verifier.logRefusal(error, request, (level, refusal) => request.log[level](refusal, 'request refused'))
    const { status, headers, body } = error.answer
    return reply.code(status).headers(headers).send(body)
  }
}
