// Reading an authorization request (RFC 6749 §4.1.1, OIDC Core §3.1.2.1). First whom to answer, then what is asked.
import type { Client, Clients, ResponseMode } from '../clients/client.ts'
import { redirectUriMatches } from '../clients/redirect-uri.ts'
import { type Fields, single } from '../http/form.ts'
import type { AuthorizationRequest } from '../sessions/parked-request.ts'
import { resolveAudience } from '../tokens/audience.ts'
import { isOpenidScope } from '../tokens/scopes.ts'
import { invalidRequest, invalidTarget, OAuthError, unauthorizedClient } from './errors.ts'
import { requestedScope } from './grants/grant.ts'
import { type Params, readParams } from './params.ts'
import { isCodeChallenge } from './pkce.ts'

/** Whom an answer may go to. */
export interface ReturnAddress {
  client: Client
  redirectUri: string
  responseMode: ResponseMode
  state?: string
}

/** Nobody to answer: the person sees a page, and nothing is redirected (RFC 6749 §4.1.2.1). */
export class NoReturnAddress extends Error {
  readonly kind: 'unknown_client' | 'bad_redirect'

  constructor(kind: 'unknown_client' | 'bad_redirect') {
    super(kind)
    this.kind = kind
  }
}

/** The one asked for if the client takes it, else the first that it takes: no answer travels in another way. */
const responseModeOf = (fields: Fields, client: Client): ResponseMode => {
  const asked = single(fields, 'response_mode') ?? 'query'
  return client.responseModes.find((mode) => mode === asked) ?? client.responseModes[0] ?? 'query'
}

/** What the client sent for itself is kept while the person signs in, and comes back in an address: no more than fits there. */
const longest = { state: 4096, nonce: 1024 } as const

/** @throws {NoReturnAddress} */
export const readReturnAddress = async (fields: Fields, clients: Clients): Promise<ReturnAddress> => {
  const clientId = single(fields, 'client_id')
  const client = clientId === undefined ? undefined : await clients.find(clientId)
  if (client === undefined) throw new NoReturnAddress('unknown_client')
  const redirectUri = single(fields, 'redirect_uri')
  if (redirectUri === undefined || !redirectUriMatches(client.redirectUris, redirectUri))
    throw new NoReturnAddress('bad_redirect')
  const state = single(fields, 'state')
  return {
    client,
    redirectUri,
    responseMode: responseModeOf(fields, client),
    // Too long a one is refused, and would break the refusal's own address.
    ...(state !== undefined && state.length <= longest.state && { state }),
  }
}

const refuseTooLong = (params: Params): void => {
  for (const [name, max] of Object.entries(longest))
    if ((params.get(name)?.length ?? 0) > max) throw invalidRequest(`The parameter ${name} is too long.`)
}

const promptValues = ['none', 'login', 'consent', 'select_account', 'create']

const readPrompt = (params: Params): readonly string[] => {
  const prompt = (params.get('prompt') ?? '').split(' ').filter((value) => value !== '')
  if (!prompt.every((value) => promptValues.includes(value))) throw invalidRequest('The prompt is unknown.')
  if (prompt.includes('none') && prompt.length > 1) throw invalidRequest('prompt=none stands alone.')
  return prompt
}

const readMaxAge = (params: Params): number | undefined => {
  const maxAge = params.get('max_age')
  if (maxAge === undefined) return undefined
  if (!/^\d{1,9}$/.test(maxAge)) throw invalidRequest('max_age must be a number of seconds.')
  return Number(maxAge)
}

const readChallenge = (params: Params, client: Client): string | undefined => {
  const challenge = params.get('code_challenge')
  const method = params.get('code_challenge_method')
  if (challenge === undefined) {
    if (client.pkceRequired || method !== undefined)
      throw invalidRequest('PKCE is required: send a code_challenge.')
    return undefined
  }
  // An absent method would mean `plain` (RFC 7636 §4.3).
  if (method !== 'S256') throw invalidRequest('Only code_challenge_method=S256 is supported.')
  if (!isCodeChallenge(challenge)) throw invalidRequest('The code_challenge is not a SHA-256 in base64url.')
  return challenge
}

/** @throws {OAuthError} to be sent to the return address */
export const readAuthorizationRequest = (
  fields: Fields,
  { client, redirectUri, responseMode, state }: ReturnAddress,
  defaultAudience: string,
): AuthorizationRequest => {
  const params = readParams(fields)
  refuseTooLong(params)
  if (params.get('request') !== undefined)
    throw new OAuthError('request_not_supported', 400, 'Request objects are not supported.')
  if (params.get('request_uri') !== undefined)
    throw new OAuthError('request_uri_not_supported', 400, 'Request URIs are not supported.')
  const responseType = params.get('response_type')
  if (responseType === undefined) throw invalidRequest('The parameter response_type is missing.')
  if (responseType !== 'code')
    throw new OAuthError('unsupported_response_type', 400, 'Only response_type=code is supported.')
  const mode = params.get('response_mode') ?? 'query'
  if (mode !== 'query' && mode !== 'form_post')
    throw invalidRequest('Only response_mode=query and form_post are supported.')
  if (!client.grants.includes('authorization_code'))
    throw unauthorizedClient('The client may not use this grant type.')
  if (mode !== responseMode) throw unauthorizedClient('The client may not use this response mode.')

  const resource = params.all('resource')
  if (resolveAudience(client, resource, defaultAudience) === undefined) throw invalidTarget()
  const optional = {
    state,
    nonce: params.get('nonce'),
    codeChallenge: readChallenge(params, client),
    maxAgeSeconds: readMaxAge(params),
    loginHint: params.get('login_hint')?.slice(0, 254),
    uiLocales: params.get('ui_locales')?.slice(0, 100),
  }
  return {
    clientId: client.id,
    redirectUri,
    responseMode,
    // A client that names no scope gets the ones it registered, but not a long-lived token unasked.
    scope:
      requestedScope(params, client) ??
      client.scopes.filter((scope) => !isOpenidScope(scope) || scope === 'openid'),
    resource,
    prompt: readPrompt(params),
    ...(Object.fromEntries(
      Object.entries(optional).filter(([, value]) => value !== undefined),
    ) as Partial<AuthorizationRequest>),
  }
}
