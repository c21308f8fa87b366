// Adapter for Next.js route handlers, and for other frameworks that use the web Request and Response.
import { TokenError } from './token-error.js'

/** @import { VerifiedToken } from './verifier.d.ts' */

/** @type {(verified: () => Promise<VerifiedToken>) => Promise<VerifiedToken | Response>} */
const orResponse = async (verified) => {
  try {
    return await verified()
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    const { status, headers, body } = error.answer
    return new Response(body, { status, headers })
  }
}

/** @type {typeof import('./next.d.ts').authenticateRequest} */
export const authenticateRequest = (verifier, request, needs) =>
  orResponse(() => verifier.authenticate(request.headers.get('authorization'), needs))

/** @type {typeof import('./next.d.ts').authenticateToken} */
export const authenticateToken = (verifier, token, needs) =>
  orResponse(() => (token ? verifier.verify(token, needs) : verifier.authenticate(undefined, needs)))
