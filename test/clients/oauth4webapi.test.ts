// The strict client library oauth4webapi against a started process. jose with a remote JWKS checks the access
// tokens, as a service does.
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { newClient, newPerson } from '../support/served-person.ts'

let installation: Installation
let server: oauth.AuthorizationServer
const insecure = { [oauth.allowInsecureRequests]: true }

beforeAll(async () => {
  installation = await newInstallation()
  await installation.serve()
  const issuer = new URL(installation.url)
  for (const algorithm of ['oidc', 'oauth2'] as const)
    server = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { algorithm, ...insecure }),
    )
})
afterAll(() => installation?.remove())

const redirectUri = 'https://app.example/cb'

const authorizationUrl = async (clientId: string, verifier: string, params: Record<string, string>) => {
  const url = new URL(server.authorization_endpoint ?? '')
  const query = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: 'openid offline_access',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...params,
  }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url
}

test('oauth4webapi signs in, refreshes and revokes as a public client without a nonce', async () => {
  await newClient(installation, 'spa', ['--public'])
  const person = await newPerson(installation)
  const client: oauth.Client = { client_id: 'spa' }
  const none = oauth.None()
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()

  const callback = await person.visit(await authorizationUrl('spa', verifier, { state }))
  const params = oauth.validateAuthResponse(server, client, callback, state)
  const answer = await oauth.processAuthorizationCodeResponse(
    server,
    client,
    await oauth.authorizationCodeGrantRequest(server, client, none, params, redirectUri, verifier, insecure),
    { expectedNonce: oauth.expectNoNonce, requireIdToken: true },
  )
  expect(oauth.getValidatedIdTokenClaims(answer)?.sub).toBe(person.id)

  const refreshed = await oauth.processRefreshTokenResponse(
    server,
    client,
    await oauth.refreshTokenGrantRequest(server, client, none, answer.refresh_token ?? '', insecure),
  )
  const facts = await oauth.processUserInfoResponse(
    server,
    client,
    person.id,
    await oauth.userInfoRequest(server, client, refreshed.access_token, insecure),
  )
  expect(facts.sub).toBe(person.id)

  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, none, refreshed.refresh_token ?? '', insecure),
  )
  const dead = await oauth.refreshTokenGrantRequest(
    server,
    client,
    none,
    refreshed.refresh_token ?? '',
    insecure,
  )
  await expect(oauth.processRefreshTokenResponse(server, client, dead)).rejects.toMatchObject({
    error: 'invalid_grant',
  })
})

test('oauth4webapi accepts the error response to a rejected authorization request', async () => {
  await newClient(installation, 'asks-too-much', ['--public'])
  const client: oauth.Client = { client_id: 'asks-too-much' }
  const person = await newPerson(installation)
  const url = await authorizationUrl('asks-too-much', oauth.generateRandomCodeVerifier(), {
    scope: 'everything',
    state: 's',
  })
  const callback = await person.visit(url)
  expect(() => oauth.validateAuthResponse(server, client, callback, 's')).toThrow(
    oauth.AuthorizationResponseError,
  )
})

test('jose verifies access tokens from before and after a key rotation with a remote JWKS', async () => {
  const { secret } = await newClient(installation, 'orders', ['--grant', 'client_credentials'])
  const client: oauth.Client = { client_id: 'orders' }
  const keys = createRemoteJWKSet(new URL(server.jwks_uri ?? ''), { cooldownDuration: 0 })
  const mint = async () =>
    (
      await oauth.processClientCredentialsResponse(
        server,
        client,
        await oauth.clientCredentialsGrantRequest(
          server,
          client,
          oauth.ClientSecretBasic(secret),
          new URLSearchParams(),
          insecure,
        ),
      )
    ).access_token
  const check = async (token: string) =>
    (
      await jwtVerify(token, keys, {
        issuer: installation.url,
        audience: `${installation.url}/api`,
        typ: 'at+jwt',
        algorithms: ['RS256'],
      })
    ).protectedHeader.kid

  const before = await mint()
  const kid = await check(before)
  expect((await installation.command(['keys', 'rotate', '--in', '0', '--force'])).code).toBe(0)
  // The running server notices the new key within a second.
  await expect.poll(async () => check(await mint()), { timeout: 15_000 }).not.toBe(kid)
  expect(await check(before)).toBe(kid)
})
