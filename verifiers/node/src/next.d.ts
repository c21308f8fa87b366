import type { Needs, VerifiedToken, Verifier } from './verifier.d.ts'

/**
 * For route handlers: the token of the request, or the response to send instead.
 *
 *     export async function GET(request: Request) {
 *       const token = await authenticateRequest(verifier, request, { scopes: ['notes:read'] })
 *       if (token instanceof Response) return token
 *       return Response.json({ hello: token.subject })
 *     }
 */
export function authenticateRequest(
  verifier: Verifier,
  request: Request,
  needs?: Needs,
): Promise<VerifiedToken | Response>

/** The same for a token from somewhere else, as the session of a backend-for-frontend. None is a 401 without a code. */
export function authenticateToken(
  verifier: Verifier,
  token: string | null | undefined,
  needs?: Needs,
): Promise<VerifiedToken | Response>
