import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Needs, VerifiedToken, Verifier } from './verifier.d.ts'

declare global {
  namespace Express {
    interface Request {
      /** Set by `requireToken`. */
      token?: VerifiedToken
    }
  }
}

/**
 * Middleware for Express, Connect and compatible servers. Sets `request.token`, or answers 401, 403 or 503.
 *
 *     app.get('/notes', requireToken(verifier, { scopes: ['notes:read'] }), (request, response) => …)
 */
export function requireToken(
  verifier: Verifier,
  needs?: Needs,
): (
  request: IncomingMessage & { token?: VerifiedToken },
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>
