// The type of a grant, and the parts that all grants use: the token response and the scope parameter.
import type { Apis } from '../../clients/api.ts'
import type { Client } from '../../clients/client.ts'
import type { RequestContext } from '../../http/request-context.ts'
import type { IssuedTokens } from '../../tokens/issue.ts'
import { isKnownScope, parseScope, scopesBeyond } from '../../tokens/scopes.ts'
import { invalidScope } from '../errors.ts'
import type { Params } from '../params.ts'

/** RFC 6749 §5.1, with `id_token` from OIDC Core §3.1.3.3. */
export interface TokenResponse {
  access_token: string
  token_type: 'Bearer'
  expires_in: number
  scope: string
  refresh_token?: string
  id_token?: string
}

/** @throws {OAuthError} */
export type Grant = (params: Params, client: Client, context: RequestContext) => Promise<TokenResponse>

export const tokenResponse = (tokens: IssuedTokens, refreshToken?: string): TokenResponse => ({
  access_token: tokens.accessToken,
  token_type: 'Bearer',
  expires_in: tokens.expiresInSeconds,
  scope: tokens.scope.join(' '),
  ...(refreshToken !== undefined && { refresh_token: refreshToken }),
  ...(tokens.idToken !== undefined && { id_token: tokens.idToken }),
})

/**
 * The `scope` parameter (RFC 6749 §3.3). Undefined if it was not sent. With `openid` it may name scopes that
 * have no meaning here. They are ignored (OIDC Core §3.1.2.1), and the token response names the others.
 * @throws {OAuthError} invalid_scope if it is malformed, or the client is not registered for a scope
 */
export const requestedScope = async (
  params: Params,
  client: Client,
  apis: Pick<Apis, 'list'>,
): Promise<readonly string[] | undefined> => {
  const text = params.get('scope')
  if (text === undefined) return undefined
  const scope = parseScope(text)
  if (scope === undefined) throw invalidScope('The scope is malformed.')
  const beyond = scopesBeyond(client, scope)
  if (beyond.length === 0) return scope
  const known = await apis.list()
  if (!scope.includes('openid') || beyond.some((name) => isKnownScope(name, known)))
    throw invalidScope('The client is not registered for one of these scopes.')
  return scope.filter((name) => !beyond.includes(name))
}
