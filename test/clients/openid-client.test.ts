// The client library openid-client, used as its documentation shows, against a started process.
import * as client from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { newClient, newPerson } from '../support/served-person.ts'

let installation: Installation
beforeAll(async () => {
  installation = await newInstallation()
  await installation.serve()
})
afterAll(() => installation?.remove())

const redirect_uri = 'https://app.example/cb'

const discovered = async (id: string, authentication?: client.ClientAuth) => {
  const { secret } = await newClient(installation, id)
  return client.discovery(new URL(installation.url), id, secret, authentication, {
    execute: [client.allowInsecureRequests],
  })
}

test.each([
  ['client_secret_post', client.ClientSecretPost],
  ['client_secret_basic', client.ClientSecretBasic],
])('openid-client signs in, refreshes, introspects, revokes and logs out with %s', async (name, method) => {
  const config = await discovered(`web-${name}`, method())
  const person = await newPerson(installation)

  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()]
  const callback = await person.visit(
    client.buildAuthorizationUrl(config, {
      redirect_uri,
      scope: 'openid profile email offline_access',
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
      max_age: '3600',
    }),
  )
  const tokens = await client.authorizationCodeGrant(config, callback, {
    pkceCodeVerifier,
    expectedState,
    expectedNonce,
    idTokenExpected: true,
    maxAge: 3600,
  })
  expect(tokens.claims()?.sub).toBe(person.id)
  expect(tokens.expires_in).toBe(600)

  const facts = await client.fetchUserInfo(config, tokens.access_token, person.id)
  expect(facts).toMatchObject({ sub: person.id, email: person.email })

  const next = await client.refreshTokenGrant(config, tokens.refresh_token ?? '')
  expect(next.refresh_token).toBeDefined()
  expect(next.refresh_token).not.toBe(tokens.refresh_token)

  expect(await client.tokenIntrospection(config, next.access_token)).toMatchObject({
    active: true,
    sub: person.id,
  })
  await client.tokenRevocation(config, next.access_token)
  expect(await client.tokenIntrospection(config, next.access_token)).toEqual({ active: false })

  const logout = client.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token ?? '',
    post_logout_redirect_uri: 'https://app.example/bye',
    state: 'later',
  })
  const { location } = await person.agent.get(`${logout.pathname}${logout.search}`)
  expect(location?.href).toBe('https://app.example/bye?state=later')
  await expect(client.refreshTokenGrant(config, next.refresh_token ?? '')).rejects.toMatchObject({
    error: 'invalid_grant',
  })
  await expect(client.fetchUserInfo(config, tokens.access_token, person.id)).rejects.toThrow()
})

test('openid-client gets a token with client_credentials', async () => {
  const { secret } = await newClient(installation, 'machine', ['--grant', 'client_credentials'])
  const config = await client.discovery(new URL(installation.url), 'machine', secret, undefined, {
    execute: [client.allowInsecureRequests],
  })
  const tokens = await client.clientCredentialsGrant(config)
  expect(tokens.token_type).toBe('bearer')
  expect(tokens.refresh_token).toBeUndefined()
})
