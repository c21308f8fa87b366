// oauth4webapi, as its documentation shows.
import * as oauth from 'oauth4webapi'

const { ISSUER_URL, CLIENT_ID, CLIENT_SECRET, BASE_URL } = process.env
const redirectUri = `${BASE_URL}/clients/oauth4webapi/callback`
const client = { client_id: CLIENT_ID }
const insecure = { [oauth.allowInsecureRequests]: true }
const authentication = oauth.ClientSecretPost(CLIENT_SECRET)
let server
let pending
let tokens

export const begin = async () => {
  const issuer = new URL(ISSUER_URL)
  server ??= await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
  pending = { verifier: oauth.generateRandomCodeVerifier(), state: oauth.generateRandomState() }
  const url = new URL(server.authorization_endpoint)
  const query = {
    client_id: CLIENT_ID,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile email offline_access',
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
    state: pending.state,
  }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url.href
}

export const finish = async (callback) => {
  const params = oauth.validateAuthResponse(server, client, callback, pending.state)
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    params,
    redirectUri,
    pending.verifier,
    insecure,
  )
  tokens = await oauth.processAuthorizationCodeResponse(server, client, response, { requireIdToken: true })
  return { ...tokens, sub: oauth.getValidatedIdTokenClaims(tokens).sub }
}

export const refresh = async () => {
  const response = await oauth.refreshTokenGrantRequest(
    server,
    client,
    authentication,
    tokens.refresh_token,
    insecure,
  )
  tokens = await oauth.processRefreshTokenResponse(server, client, response)
  return tokens
}
