import type { FindUser, Needs, VerifiedToken, Verifier } from './verifier.d.ts'

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
 * Also finds the user to whom the token belongs. Without a user the response is 403 with the code
 * `no_local_user`. An error of `findUser` is thrown, except a TokenError, which becomes the response.
 *
 *     const found = await authenticateUser(verifier, request, findUser)
 *     if (found instanceof Response) return found
 *     const { token, user } = found
 */
export function authenticateUser<User, WebRequest extends Request = Request>(
  verifier: Verifier,
  request: WebRequest,
  findUser: FindUser<WebRequest, User>,
  needs?: Needs,
): Promise<{ token: VerifiedToken; user: NonNullable<User> } | Response>

/**
 * The same as `authenticateRequest` for a token that is not in the request, for example from the session of a
 * backend for frontend. An empty or missing token gets a 401 without an error code.
 */
export function authenticateToken(
  verifier: Verifier,
  token: string | null | undefined,
  needs?: Needs,
): Promise<VerifiedToken | Response>
