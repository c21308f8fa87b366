// Adapter for Next.js route handlers, and for other frameworks that use the web Request and Response.
import { localUser } from './local-user.js'
import { TokenError } from './token-error.js'

/** @import { Verifier } from './verifier.d.ts' */

/**
 * @template Verified
 * @param {Verifier} verifier
 * @param {unknown} request
 * @param {() => Promise<Verified>} verified
 */
const orResponse = async (verifier, request, verified) => {
  try {
    return await verified()
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    verifier.logRefusal(error, request)
    const { status, headers, body } = error.answer
    return new Response(body, { status, headers })
  }
}

/** @type {typeof import('./next.d.ts').authenticateRequest} */
export const authenticateRequest = (verifier, request, needs) =>
  orResponse(verifier, request, () => verifier.authenticate(request.headers.get('authorization'), needs))

/** @type {typeof import('./next.d.ts').authenticateUser} */
export const authenticateUser = (verifier, request, findUser, needs) =>
  orResponse(verifier, request, async () => {
    const token = await verifier.authenticate(request.headers.get('authorization'), needs)
    return { token, user: await localUser(findUser, token, request) }
  })

/** @type {typeof import('./next.d.ts').authenticateToken} */
export const authenticateToken = (verifier, token, needs) =>
  orResponse(verifier, undefined, () =>
    token ? verifier.verify(token, needs) : verifier.authenticate(undefined, needs),
  )
