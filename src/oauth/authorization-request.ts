// Reads an authorization request (RFC 6749 §4.1.1, OIDC Core §3.1.2.1). It reads the address for the response
// first, because errors go there too.

import type { Apis } from '../clients/api.ts'
import { type Client, type Clients, isPublic, type ResponseMode } from '../clients/client.ts'
import { redirectUriMatches } from '../clients/redirect-uri.ts'
import { defined } from '../defined.ts'
import { type Fields, single } from '../http/form.ts'
import type { AuthorizationRequest } from '../sessions/parked-request.ts'
import { type OwnAudiences, resolveAudience } from '../tokens/audience.ts'
import { isOpenidScope } from '../tokens/scopes.ts'
import { invalidRequest, invalidTarget, OAuthError, unauthorizedClient } from './errors.ts'
import { requestedScope } from './grants/grant.ts'
import { type Params, readParams } from './params.ts'
import { isCodeChallenge } from './pkce.ts'

/** Where the response goes. Errors go there too. */
export interface ReturnAddress {
  client: Client
  redirectUri: string
  responseMode: ResponseMode
  state?: string
}

interface SentAddress {
  clientId: string | undefined
  redirectUri: string | undefined
}

/** Without a valid client and redirect URI, the user sees an error page (RFC 6749 §4.1.2.1). */
export class NoReturnAddress extends Error {
  readonly kind: 'unknown_client' | 'bad_redirect'
  readonly sent: SentAddress
  /** Absent if there is no such client. */
  readonly client: Client | undefined

  constructor(kind: 'unknown_client' | 'bad_redirect', sent: SentAddress, client?: Client) {
    super(kind)
    this.kind = kind
    this.sent = sent
    this.client = client
  }
}

/** For the log: without user information, query and fragment, which may hold a secret. */
const loggedUri = (uri: string | undefined): string | undefined =>
  uri
    ?.replace(/[?#].*/s, '')
    .replace(/\/\/.*@/s, '//')
    .slice(0, 500)

/** What the operator needs, to see which app is wrong. */
export const loggedAddress = ({ sent }: NoReturnAddress) => ({
  clientId: sent.clientId?.slice(0, 128),
  redirectUri: loggedUri(sent.redirectUri),
})

/** What the developer of the app has to fix. It repeats no parameter of the request. */
export const adviceFor = ({ sent, client }: NoReturnAddress): string => {
  if (client === undefined)
    return sent.clientId === undefined
      ? 'The request has no client_id, or more than one.'
      : 'No client has the client_id of this request. Run "dojang clients list" to see all clients.'
  if (sent.redirectUri === undefined) return 'The request has no redirect_uri, or more than one.'
  const registered = client.redirectUris.join(' ') || 'none'
  return `The redirect_uri of this request is not registered for the client ${client.id}, which has: ${registered}. Register it with "dojang clients update ${client.id}", with one --redirect-uri for each URI.`
}

/** The requested response mode if the client registered it, else the client's first one. */
const responseModeOf = (fields: Fields, client: Client): ResponseMode => {
  const asked = single(fields, 'response_mode') ?? 'query'
  return client.responseModes.find((mode) => mode === asked) ?? client.responseModes[0] ?? 'query'
}

/** In bytes. The browser carries both values in a URL during the sign-in. */
const maxLengths = { state: 2048, nonce: 512 } as const

/** @throws {NoReturnAddress} if the client is unknown or has not registered the redirect URI */
export const readReturnAddress = async (fields: Fields, clients: Clients): Promise<ReturnAddress> => {
  const sent = { clientId: single(fields, 'client_id'), redirectUri: single(fields, 'redirect_uri') }
  const client = await clients.find(sent.clientId ?? '')
  if (client === undefined) throw new NoReturnAddress('unknown_client', sent)
  const { redirectUri = '' } = sent
  if (!redirectUriMatches(client.redirectUris, redirectUri))
    throw new NoReturnAddress('bad_redirect', sent, client)
  const state = single(fields, 'state')
  return {
    client,
    redirectUri,
    responseMode: responseModeOf(fields, client),
    // Drop a `state` that is too long: it is an error, and the URL of the error response would be too long.
    ...(state !== undefined && Buffer.byteLength(state) <= maxLengths.state && { state }),
  }
}

const refuseTooLong = (params: Params): void => {
  for (const [name, max] of Object.entries(maxLengths))
    if (Buffer.byteLength(params.get(name) ?? '') > max)
      throw invalidRequest(`The parameter ${name} is too long.`)
}

const promptValues = ['none', 'login', 'consent', 'select_account', 'create']

const readPrompt = (params: Params): readonly string[] => {
  const prompt = (params.get('prompt') ?? '').split(' ').filter((value) => value !== '')
  if (!prompt.every((value) => promptValues.includes(value)))
    throw invalidRequest('The parameter prompt has an unknown value.')
  if (prompt.includes('none') && prompt.length > 1)
    throw invalidRequest('prompt=none cannot be combined with other values.')
  return prompt
}

const readMaxAge = (params: Params): number | undefined => {
  const maxAge = params.get('max_age')
  if (maxAge === undefined) return undefined
  if (!/^\d{1,9}$/.test(maxAge)) throw invalidRequest('max_age must be a number of seconds.')
  return Number(maxAge)
}

const pkce = 'a code_challenge with code_challenge_method=S256 (PKCE)'

/**
 * A request without a challenge, which only a client with a secret may send. Its `nonce` comes back in the ID
 * token, so the client notices a code that was injected (OAuth 2.1 §4.1.1, RFC 9700 §2.1.1).
 * @throws {OAuthError} invalid_request
 */
const checkWithoutChallenge = (params: Params, client: Client, scope: readonly string[]): void => {
  if (isPublic(client)) throw invalidRequest(`PKCE is required: send ${pkce}.`)
  if (params.get('code_challenge_method') !== undefined)
    throw invalidRequest('The code_challenge_method has no code_challenge.')
  if (!client.pkceRequired) return
  if (params.get('nonce') === undefined || !scope.includes('openid'))
    throw invalidRequest(`Send ${pkce}, or a nonce together with the scope openid.`)
}

const readChallenge = (params: Params, client: Client, scope: readonly string[]): string | undefined => {
  const challenge = params.get('code_challenge')
  const method = params.get('code_challenge_method')
  if (challenge === undefined) {
    checkWithoutChallenge(params, client, scope)
    return undefined
  }
  // An absent method would mean `plain` (RFC 7636 §4.3).
  if (method !== 'S256') throw invalidRequest('Only code_challenge_method=S256 is supported.')
  if (!isCodeChallenge(challenge))
    throw invalidRequest('The code_challenge is not a SHA-256 hash in base64url.')
  return challenge
}

/** Request objects and other response types are not supported (OIDC Core §6, RFC 6749 §4.1.2.1). */
const refuseUnsupported = (params: Params): void => {
  if (params.get('request') !== undefined)
    throw new OAuthError('request_not_supported', 400, 'Request objects are not supported.')
  if (params.get('request_uri') !== undefined)
    throw new OAuthError('request_uri_not_supported', 400, 'Request URIs are not supported.')
  const responseType = params.get('response_type')
  if (responseType === undefined) throw invalidRequest('The parameter response_type is missing.')
  if (responseType !== 'code')
    throw new OAuthError('unsupported_response_type', 400, 'Only response_type=code is supported.')
}

const readResponseMode = (params: Params): ResponseMode => {
  const mode = params.get('response_mode') ?? 'query'
  if (mode === 'query' || mode === 'form_post') return mode
  throw invalidRequest('Only response_mode=query and form_post are supported.')
}

/** @throws {OAuthError} which the caller sends to the return address */
export const readAuthorizationRequest = async (
  fields: Fields,
  { client, redirectUri, responseMode, state }: ReturnAddress,
  { apis, ...own }: OwnAudiences & { apis: Pick<Apis, 'list'> },
): Promise<AuthorizationRequest> => {
  const params = readParams(fields)
  refuseTooLong(params)
  refuseUnsupported(params)
  const requestedMode = readResponseMode(params)
  if (!client.grants.includes('authorization_code'))
    throw unauthorizedClient('The client is not registered for this grant type.')
  if (requestedMode !== responseMode)
    throw unauthorizedClient('The client is not registered for this response mode.')

  const resource = [...new Set(params.all('resource'))]
  if (resolveAudience(client, resource, { scope: [] }, own) === undefined) throw invalidTarget()
  // Without a scope parameter the client gets its registered scopes, but no OIDC scope except `openid`. A
  // refresh token (offline_access) is never issued without a request for it.
  const scope =
    (await requestedScope(params, client, apis)) ??
    client.scopes.filter((name) => !isOpenidScope(name) || name === 'openid')
  const optional = {
    state,
    nonce: params.get('nonce'),
    codeChallenge: readChallenge(params, client, scope),
    maxAgeSeconds: readMaxAge(params),
    loginHint: params.get('login_hint')?.slice(0, 254),
    uiLocales: params.get('ui_locales')?.slice(0, 100),
  }
  return {
    clientId: client.id,
    redirectUri,
    responseMode,
    scope,
    resource,
    prompt: readPrompt(params),
    ...defined(optional),
  }
}
