// The requests of a client's server to a served issuer, and the steps of a person's browser to a code.
import { pkce } from './issuer.ts'
import type { Person } from './served-person.ts'

export interface ServedClient {
  id: string
  secret: string
}

export interface TokenAnswer {
  status: number
  headers: Headers
  json: Record<string, unknown>
}

export const redirectUri = 'https://app.example/cb'

export const post = async (
  address: string,
  fields: Record<string, string>,
  client: ServedClient,
): Promise<TokenAnswer> => {
  const response = await fetch(address, {
    method: 'POST',
    body: new URLSearchParams({ ...fields, client_id: client.id, client_secret: client.secret }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    json: text.startsWith('{') ? JSON.parse(text) : {},
  }
}

export const redeem = (issuer: string, client: ServedClient, code: string, code_verifier: string) =>
  post(`${issuer}/token`, { grant_type: 'authorization_code', code, code_verifier }, client)

export const refresh = (issuer: string, client: ServedClient, refresh_token: unknown) =>
  post(`${issuer}/token`, { grant_type: 'refresh_token', refresh_token: String(refresh_token) }, client)

export const userinfoStatus = async (issuer: string, token: unknown): Promise<number> =>
  (await fetch(`${issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } })).status

/** Sends the person's browser to an authorization request. `location` is the redirect to the client. */
export const answerTo = (person: Person, issuer: string, client: ServedClient, params: object = {}) => {
  const { verifier, challenge } = pkce()
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.id,
    redirect_uri: redirectUri,
    scope: 'openid profile email offline_access',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...params,
  })
  return { verifier, location: person.visit(new URL(`${issuer}/authorize?${query}`)) }
}

export const codeFor = async (person: Person, issuer: string, client: ServedClient) => {
  const { verifier, location } = answerTo(person, issuer, client)
  return { code: (await location).searchParams.get('code') ?? '', verifier }
}

export const tokensFor = async (person: Person, issuer: string, client: ServedClient) => {
  const { code, verifier } = await codeFor(person, issuer, client)
  const answer = await redeem(issuer, client, code, verifier)
  if (answer.status !== 200)
    throw new Error(`The token request failed: ${answer.status} ${JSON.stringify(answer.json)}`)
  const { access_token, refresh_token, id_token } = answer.json
  return { accessToken: access_token, refreshToken: refresh_token, idToken: id_token }
}
