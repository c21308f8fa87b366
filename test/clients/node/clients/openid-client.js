// openid-client, as its documentation shows.
import * as client from 'openid-client'

const { ISSUER_URL, CLIENT_ID, CLIENT_SECRET, BASE_URL } = process.env
const redirect_uri = `${BASE_URL}/clients/openid-client/callback`
let config
let pending
let tokens

export const begin = async () => {
  config ??= await client.discovery(new URL(ISSUER_URL), CLIENT_ID, CLIENT_SECRET, undefined, {
    execute: [client.allowInsecureRequests],
  })
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  pending = { pkceCodeVerifier, expectedState: client.randomState() }
  return client.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: 'openid profile email offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: pending.expectedState,
  }).href
}

export const finish = async (callback) => {
  tokens = await client.authorizationCodeGrant(config, callback, pending)
  return { ...tokens, sub: tokens.claims().sub }
}

export const refresh = async () => {
  tokens = await client.refreshTokenGrant(config, tokens.refresh_token)
  return tokens
}
