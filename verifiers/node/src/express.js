// Adapter for Express and Connect. It uses only Node's own response methods, so any version of them works.
import { localUser } from './local-user.js'
import { TokenError } from './token-error.js'

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { Needs, VerifiedToken, Verifier } from './verifier.d.ts' */
/** @typedef {IncomingMessage & { token?: VerifiedToken, user?: unknown }} ExpressRequest */
/** @typedef {(error?: unknown) => void} Next */

/**
 * @param {Verifier} verifier
 * @param {Needs | undefined} needs
 * @param {(request: any, token: VerifiedToken) => Promise<void> | void} admit
 * @returns {(request: ExpressRequest, response: ServerResponse, next: Next) => Promise<void>}
 */
const guard = (verifier, needs, admit) => async (request, response, next) => {
  try {
    await admit(request, await verifier.authenticate(request.headers.authorization, needs))
  } catch (error) {
    if (!(error instanceof TokenError)) return next(error)
    verifier.logRefusal(error, request)
    const { status, headers, body } = error.answer
    response.writeHead(status, headers).end(body)
    return
  }
  next()
}

/** @type {typeof import('./express.d.ts').requireToken} */
export const requireToken = (verifier, needs) =>
  guard(verifier, needs, (request, token) => {
    request.token = token
  })

/** @type {typeof import('./express.d.ts').requireUser} */
export const requireUser = (verifier, findUser, needs) =>
  guard(verifier, needs, async (request, token) => {
    request.user = await localUser(findUser, token, request)
    request.token = token
  })
