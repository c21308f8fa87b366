// Checks what may be registered for a client: first each setting, then the whole record.
// A new client and a changed one go through the same checks.
import {
  type Client,
  type ClientChange,
  type GrantType,
  grantTypes,
  isPublic,
  type RefreshPolicy,
  type ResponseMode,
  responseModes,
} from '../clients/client.ts'
import { redirectUriFault } from '../clients/redirect-uri.ts'
import { defined } from '../defined.ts'
import { invalid } from './admin-error.ts'
import { flag, type InputValues, list, text, whole } from './input.ts'
import { scopeNames } from './scope-names.ts'

/** client-operations.ts checks the audiences, because it knows the registered APIs. */
export const settingsInput = {
  name: text,
  redirectUris: list,
  postLogoutRedirectUris: list,
  origins: list,
  grants: list,
  responseModes: list,
  scopes: list,
  audiences: list,
  defaultAudience: text,
  introspects: list,
  thirdParty: flag,
  pkce: flag,
  refresh: text,
  /** The bounds are those of the issuer-wide REFRESH_GRACE. */
  refreshGraceSeconds: whole(0, 120),
  sessions: text,
}

export type ClientSettings = Partial<
  Omit<Client, 'id' | 'createdAt' | 'secretHash' | 'previousSecretHash' | 'previousSecretExpiresAt'>
>

export type ClientSettingsChange = Omit<ClientSettings, 'defaultAudience'> &
  Pick<ClientChange, 'defaultAudience'>

/** The settings that `--clear` can empty. */
export const clearableSettings: Readonly<Record<string, ClientSettingsChange>> = {
  'redirect-uri': { redirectUris: [] },
  'post-logout-redirect-uri': { postLogoutRedirectUris: [] },
  origin: { origins: [] },
  scope: { scopes: [] },
  audience: { audiences: [] },
  'default-audience': { defaultAudience: null },
  introspect: { introspects: [] },
  'refresh-grace': { refreshPolicy: { kind: 'rotate' } },
}

const checkedUri = (uri: string): string => {
  const fault = redirectUriFault(uri)
  if (fault !== undefined) throw invalid(`The URI ${JSON.stringify(uri)} ${fault}.`)
  return uri
}

/** An origin as a browser sends it: scheme, host, the port unless it is the default, and no slash. */
const checkedOrigin = (origin: string): string => {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (url?.origin !== origin || !['https:', 'http:'].includes(url.protocol))
    throw invalid(
      `${JSON.stringify(origin)} is not a browser origin. Write it without a path, for example https://app.example.com.`,
    )
  if (redirectUriFault(`${origin}/`) !== undefined)
    throw invalid(
      `The origin ${JSON.stringify(origin)} must use https. http is allowed on this machine only.`,
    )
  return origin
}

const checkedGrant = (name: string): GrantType => {
  const grant = grantTypes.find((known) => known === name)
  if (grant === undefined)
    throw invalid(`There is no grant type ${JSON.stringify(name)}. Use one of: ${grantTypes.join(', ')}.`)
  return grant
}

const checkedResponseMode = (name: string): ResponseMode => {
  const mode = responseModes.find((known) => known === name)
  if (mode === undefined)
    throw invalid(
      `There is no response mode ${JSON.stringify(name)}. Use one of: ${responseModes.join(', ')}.`,
    )
  return mode
}

const refreshPolicy = (
  kind: string | undefined,
  graceSeconds: number | undefined,
): RefreshPolicy | undefined => {
  if (kind === undefined && graceSeconds === undefined) return undefined
  if (kind !== undefined && kind !== 'rotate' && kind !== 'reuse')
    throw invalid('"refresh" must be rotate or reuse.', 'refresh')
  if (kind !== 'reuse') return { kind: 'rotate', ...defined({ graceSeconds }) }
  if (graceSeconds !== undefined)
    throw invalid(
      'Only rotated refresh tokens have a grace period. Leave out "refreshGraceSeconds", or rotate them.',
      'refreshGraceSeconds',
    )
  return { kind }
}

const oneSession = (sessions: string | undefined): boolean | undefined => {
  if (sessions !== undefined && sessions !== 'one' && sessions !== 'many')
    throw invalid('"sessions" must be one or many.', 'sessions')
  return sessions === undefined ? undefined : sessions === 'one'
}

/** The settings of the input in their stored form. @throws {AdminError} `invalid` */
export const clientSettings = (input: InputValues<typeof settingsInput>): ClientSettings =>
  defined({
    name: input.name,
    redirectUris: input.redirectUris?.map(checkedUri),
    postLogoutRedirectUris: input.postLogoutRedirectUris?.map(checkedUri),
    origins: input.origins?.map(checkedOrigin),
    grants: input.grants?.map(checkedGrant),
    responseModes: input.responseModes?.map(checkedResponseMode),
    scopes: input.scopes && scopeNames(input.scopes),
    audiences: input.audiences,
    defaultAudience: input.defaultAudience,
    introspects: input.introspects,
    pkceRequired: input.pkce,
    firstParty: input.thirdParty === undefined ? undefined : !input.thirdParty,
    refreshPolicy: refreshPolicy(input.refresh, input.refreshGraceSeconds),
    oneSession: oneSession(input.sessions),
  })

/** Rejects settings that do not go together. @throws {AdminError} `invalid` */
export const checkClient = (client: Client): void => {
  const grants = (grant: GrantType) => client.grants.includes(grant)
  if (client.grants.length === 0) throw invalid('A client needs at least one grant type.')
  if (grants('authorization_code') && client.redirectUris.length === 0)
    throw invalid('A client with the authorization_code grant needs at least one redirect URI.')
  if (grants('authorization_code') && client.responseModes.length === 0)
    throw invalid('A client with the authorization_code grant needs at least one response mode.')
  if (!isPublic(client)) return
  if (grants('client_credentials'))
    throw invalid(
      'A public client cannot have the client_credentials grant, which needs a secret (RFC 6749 §4.4).',
    )
  if (!client.pkceRequired) throw invalid('A public client must use PKCE (RFC 9700 §2.1.1).')
  if (client.refreshPolicy.kind === 'reuse' && !client.firstParty)
    throw invalid('A public third-party client must rotate its refresh tokens (RFC 9700 §2.2.2).')
  if (client.introspects.length > 0)
    throw invalid('A public client cannot introspect tokens, which needs a secret (RFC 7662 §2.1).')
}
