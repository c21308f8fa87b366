// The rules for scopes. All scopes except those of OpenID Connect belong to an API, and a user gets them only
// through a role (docs/decisions/0008-scopes-denied-by-default.md).
import type { Api } from '../clients/api.ts'
import { type Client, firstPartyApiClientId } from '../clients/client.ts'
import type { User } from '../users/user.ts'

/** The scopes of OpenID Connect (OIDC Core §5.4, §11). */
export const openidScopes = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'] as const

export const isOpenidScope = (scope: string): boolean => openidScopes.some((known) => known === scope)

/** Whether the text is a valid scope-token (RFC 6749 §3.3). */
export const isScopeToken = (scope: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/.test(scope)

/** The distinct scopes of a space-separated list, or undefined if one of them is malformed. */
export const parseScope = (text: string): readonly string[] | undefined => {
  const scopes = [...new Set(text.split(' ').filter((scope) => scope !== ''))]
  return scopes.every(isScopeToken) ? scopes : undefined
}

/** The requested scopes that the client may not request (`invalid_scope`, RFC 6749 §3.3). */
export const scopesBeyond = (client: Client, requested: readonly string[]): readonly string[] =>
  requested.filter((scope) => !client.scopes.includes(scope))

/** Whether the scope has a meaning here: it belongs to OpenID Connect or to an API. */
export const isKnownScope = (scope: string, apis: readonly Api[]): boolean =>
  isOpenidScope(scope) || apis.some((api) => api.scopes.includes(scope))

const mayRequest = (client: Client, scope: string): boolean =>
  client.id === firstPartyApiClientId || client.scopes.includes(scope)

/** Every service gets a token of a first-party app, so such a token opens no address and no phone number. */
const firstPartyScopes = openidScopes.filter((scope) => scope !== 'address' && scope !== 'phone')

/**
 * The scope of a sign-in at the first-party API: all that the client may request. If no client registered the
 * browser's origin, it is all that the user's roles grant now.
 */
export const firstPartyScope = (client: Client, user: User): readonly string[] =>
  client.id === firstPartyApiClientId ? [...new Set([...firstPartyScopes, ...user.scopes])] : client.scopes

/** Whether one of the audiences has the scope. The default audience has all scopes that no API lists. */
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
 * The part of `granted` that goes into an access token for `audiences`. The client's registration, the
 * audiences and the user's roles limit it, as they are now. Without a user there are no OpenID scopes.
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
    if (!mayRequest(context.client, scope)) return false
    if (isOpenidScope(scope)) return context.user !== undefined
    if (!belongsTo(scope, context.audiences, context.apis, context.defaultAudience)) return false
    return context.user === undefined || context.user.scopes.includes(scope)
  })
