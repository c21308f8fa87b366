// Which scopes a grant ends up with. Deny by default: a scope beyond OpenID Connect's own belongs to an API, and reaches
// a person only through a role.
import type { Api } from '../clients/api.ts'
import { type Client, firstPartyApiClientId } from '../clients/client.ts'
import type { User } from '../users/user.ts'

/** OIDC Core §5.4 and §11. */
export const openidScopes = ['openid', 'profile', 'email', 'offline_access'] as const

export const isOpenidScope = (scope: string): boolean => openidScopes.some((known) => known === scope)

/** RFC 6749 §3.3 scope-token. */
export const isScopeToken = (scope: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/.test(scope)

/** The distinct scopes of a space-separated list, or undefined if one of them is malformed. */
export const parseScope = (text: string): readonly string[] | undefined => {
  const scopes = [...new Set(text.split(' ').filter((scope) => scope !== ''))]
  return scopes.every(isScopeToken) ? scopes : undefined
}

/** The requested scopes that the client may not have (`invalid_scope`, RFC 6749 §3.3). */
export const scopesBeyond = (client: Client, requested: readonly string[]): readonly string[] =>
  requested.filter((scope) => !client.scopes.includes(scope))

const mayAskFor = (client: Client, scope: string): boolean =>
  client.id === firstPartyApiClientId || client.scopes.includes(scope)

/** What a sign-in at the first-party API asks for: all that the person's roles grant at this moment. */
export const firstPartyScope = (client: Client, user: User): readonly string[] =>
  client.id === firstPartyApiClientId ? [...new Set([...openidScopes, ...user.scopes])] : client.scopes

/** Does the scope mean something at one of these audiences? A scope that no API lists belongs to the default audience. */
const belongsTo = (
  scope: string,
  audiences: readonly string[],
  apis: readonly Api[],
  defaultAudience: string,
) => {
  const owners = apis.filter((api) => api.scopes.includes(scope)).map((api) => api.audience)
  return owners.length === 0
    ? audiences.includes(defaultAudience)
    : owners.some((owner) => audiences.includes(owner))
}

/**
 * What of `granted` an access token for `audiences` carries at this moment: within the client's registration as it is
 * now, within the audiences, and for a person within OpenID Connect's scopes and the roles held now.
 */
export const effectiveScope = (
  granted: readonly string[],
  context: {
    client: Client
    user?: User
    audiences: readonly string[]
    apis: readonly Api[]
    defaultAudience: string
  },
): readonly string[] =>
  granted.filter((scope) => {
    if (!mayAskFor(context.client, scope)) return false
    if (isOpenidScope(scope)) return context.user !== undefined
    if (!belongsTo(scope, context.audiences, context.apis, context.defaultAudience)) return false
    return context.user === undefined || context.user.scopes.includes(scope)
  })
