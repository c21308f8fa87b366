import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FindUser, Needs, VerifiedToken, Verifier } from './verifier.d.ts'

declare global {
  namespace Express {
    /** Declare the members of your own user in this interface, as with Passport. */
    interface User {}
    interface Request {
      /** Set by `requireToken` and `requireUser`. */
      token?: VerifiedToken
      /** Set by `requireUser`. */
      user?: User | undefined
    }
  }
}

type Middleware<Request> = (
  request: Request,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>

/**
 * Middleware for Express, Connect and compatible servers. Sets `request.token`, or answers 401, 403 or 503.
 *
 *     app.get('/notes', requireToken(verifier, { scopes: ['notes:read'] }), (request, response) => …)
 */
export function requireToken(
  verifier: Verifier,
  needs?: Needs,
): Middleware<IncomingMessage & { token?: VerifiedToken }>

/**
 * Also sets `request.user` to the user that `findUser` returns. Without a user the answer is 403 with the
 * code `no_local_user`. An error of `findUser` goes to the error handler of the app, except a TokenError,
 * which is answered.
 *
 *     const findUser = (token) => users.findOne({ issuer: token.issuer, subject: token.subject })
 *     app.get('/notes', requireUser(verifier, findUser), (request, response) => …)
 */
export function requireUser<Request extends IncomingMessage = IncomingMessage>(
  verifier: Verifier,
  findUser: FindUser<Request>,
  needs?: Needs,
): Middleware<Request>
