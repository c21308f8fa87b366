// What may be registered for a client: each member by itself, then the record as a whole, alike for a new client and for
// a changed one.
import {
  type Client,
  type GrantType,
  grantTypes,
  isPublic,
  type RefreshPolicy,
  type ResponseMode,
  responseModes,
} from '../clients/client.ts'
import { redirectUriFault } from '../clients/redirect-uri.ts'
import { invalid } from './admin-error.ts'
import type { Input } from './input.ts'
import { scopeNames } from './scope-names.ts'

export const settingNames = [
  ...['name', 'redirectUris', 'postLogoutRedirectUris', 'origins', 'grants', 'scopes', 'audiences'],
  ...['defaultAudience', 'introspects', 'thirdParty', 'pkce', 'refresh', 'refreshGraceSeconds'],
  'responseModes',
]

export type ClientSettings = Partial<
  Omit<Client, 'id' | 'createdAt' | 'secretHash' | 'previousSecretHash' | 'previousSecretExpiresAt'>
>

const checkedUri = (uri: string): string => {
  const fault = redirectUriFault(uri)
  if (fault !== undefined) throw invalid(`The URI ${JSON.stringify(uri)} ${fault}.`)
  return uri
}

/** Exactly what a browser sends in `Origin`: scheme, host, port if it is not the usual one, and no slash. */
const checkedOrigin = (origin: string): string => {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (url?.origin !== origin || !['https:', 'http:'].includes(url.protocol))
    throw invalid(`${JSON.stringify(origin)} is no browser origin, such as https://app.example.com.`)
  if (redirectUriFault(`${origin}/`) !== undefined)
    throw invalid(`The origin ${JSON.stringify(origin)} must use https outside this machine.`)
  return origin
}

const checkedGrants = (names: readonly string[]): GrantType[] =>
  names.map((name) => {
    const grant = grantTypes.find((known) => known === name)
    if (grant === undefined)
      throw invalid(`There is no grant type ${JSON.stringify(name)}; there are ${grantTypes.join(', ')}.`)
    return grant
  })

const checkedResponseModes = (names: readonly string[]): ResponseMode[] =>
  names.map((name) => {
    const mode = responseModes.find((known) => known === name)
    if (mode === undefined)
      throw invalid(
        `There is no response mode ${JSON.stringify(name)}; there are ${responseModes.join(', ')}.`,
      )
    return mode
  })

/** As the issuer-wide REFRESH_GRACE. */
const graceRange = { min: 0, max: 120 }

const refreshPolicy = (input: Input): RefreshPolicy | undefined => {
  const kind = input.optionalText('refresh')
  const graceSeconds = input.whole('refreshGraceSeconds', graceRange)
  if (kind === undefined && graceSeconds === undefined) return undefined
  if (kind !== undefined && kind !== 'rotate' && kind !== 'reuse')
    throw invalid('"refresh" is rotate or reuse.')
  if (kind !== 'reuse') return { kind: 'rotate', ...(graceSeconds !== undefined && { graceSeconds }) }
  if (graceSeconds !== undefined) throw invalid('A grace belongs to rotation; "reuse" has none.')
  return { kind }
}

/** The members that were given, each in its stored form. @throws {AdminError} `invalid` */
export const readSettings = (input: Input): ClientSettings => {
  const settings = {
    name: input.optionalText('name'),
    redirectUris: input.list('redirectUris')?.map(checkedUri),
    postLogoutRedirectUris: input.list('postLogoutRedirectUris')?.map(checkedUri),
    origins: input.list('origins')?.map(checkedOrigin),
    grants: input.raw('grants') === undefined ? undefined : checkedGrants(input.list('grants') ?? []),
    responseModes:
      input.raw('responseModes') === undefined
        ? undefined
        : checkedResponseModes(input.list('responseModes') ?? []),
    scopes: input.raw('scopes') === undefined ? undefined : scopeNames(input.list('scopes') ?? []),
    audiences: input.list('audiences'),
    defaultAudience: input.optionalText('defaultAudience'),
    introspects: input.list('introspects'),
    pkceRequired: input.flag('pkce'),
    firstParty: input.raw('thirdParty') === undefined ? undefined : !input.flag('thirdParty'),
    refreshPolicy: refreshPolicy(input),
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

/** Do the members go together? @throws {AdminError} `invalid` */
export const checkClient = (client: Client): void => {
  const grants = (grant: GrantType) => client.grants.includes(grant)
  if (client.grants.length === 0) throw invalid('A client needs a grant type.')
  if (grants('authorization_code') && client.redirectUris.length === 0)
    throw invalid('A client with the authorization_code grant needs a redirect URI.')
  if (grants('authorization_code') && client.responseModes.length === 0)
    throw invalid('A client with the authorization_code grant needs a response mode.')
  if (!isPublic(client)) return
  if (grants('client_credentials'))
    throw invalid('client_credentials needs a client with a secret (RFC 6749 §4.4).')
  if (!client.pkceRequired) throw invalid('A public client cannot do without PKCE (RFC 9700 §2.1.1).')
  if (client.refreshPolicy.kind === 'reuse')
    throw invalid('Refresh tokens of a public client must rotate (RFC 9700 §2.2.2).')
  if (client.introspects.length > 0)
    throw invalid('Introspection needs a client with a secret (RFC 7662 §2.1).')
}
