import type { Needs, VerifiedToken, Verifier } from './verifier.d.ts'

/**
 * For route handlers. Returns the verified token, or the response to send if the token is rejected.
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

/**
 * The same for a token that is not in the request, for example from the session of a backend for frontend.
 * An empty or missing token gets a 401 without an error code.
 */
export function authenticateToken(
  verifier: Verifier,
  token: string | null | undefined,
  needs?: Needs,
): Promise<VerifiedToken | Response>
