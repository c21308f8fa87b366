// Finds the user of the service to whom a verified token belongs.
import { idsOf } from './claims.js'
import { TokenError } from './token-error.js'

/** @import { VerifiedToken } from './verifier.d.ts' */

/**
 * @template Request, User
 * @param {(token: VerifiedToken, request: Request) => User | Promise<User>} findUser
 * @param {VerifiedToken} token
 * @param {Request} request
 */
export const localUser = async (findUser, token, request) => {
  const user = await findUser(token, request)
  if (user === undefined || user === null)
    throw new TokenError('no_local_user', {}, idsOf(token.claims, undefined))
  return user
}
