// Adapter for Express and Connect. It uses only Node's own response methods, so any version of them works.
import { TokenError } from './token-error.js'

/** @type {typeof import('./express.d.ts').requireToken} */
export const requireToken = (verifier, needs) => async (request, response, next) => {
  try {
    request.token = await verifier.authenticate(request.headers.authorization, needs)
  } catch (error) {
    if (!(error instanceof TokenError)) return next(error)
    verifier.logRefusal(error, request)
    const { status, headers, body } = error.answer
    response.writeHead(status, headers).end(body)
    return
  }
  next()
}
