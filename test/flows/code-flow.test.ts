import { describe, expect, test } from 'vitest'
import { claimsOf, headerOf } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

describe('the code flow on the hosted pages', () => {
  test('a client redeems a code for an access token, an ID token and a refresh token', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { accessToken, idToken, refreshToken, answer } = await issuer.tokens(client, user, {
      nonce: 'n0nce',
    })
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(headerOf(accessToken)).toMatchObject({ alg: 'RS256', typ: 'at+jwt' })
    expect(claimsOf(accessToken)).toMatchObject({ iss: issuer.url, sub: user.id, client_id: client.id })
    expect(claimsOf(idToken)).toMatchObject({
      aud: client.id,
      sub: user.id,
      nonce: 'n0nce',
      email: user.email,
    })
    const refreshed = await issuer.refresh(client, refreshToken)
    expect(refreshed.status).toBe(200)
    expect(refreshed.json.refresh_token).not.toBe(refreshToken)
  })

  test('a second client in the same browser gets a code without another sign-in', async () => {
    const user = await issuer.user()
    const { agent } = await issuer.code(await issuer.client(), user)
    const other = await issuer.client()
    const page = await agent.get(
      issuer.authorizePath(other, { code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' }),
    )
    expect(page.location?.searchParams.get('code')).toBeTruthy()
  })
})

describe('the first-party API', () => {
  test('the first-party API signs a user in, refreshes, returns the user and logs out', async () => {
    const user = await issuer.user()
    const signedIn = await issuer.json('/api/token', { email: user.email, password: user.password })
    expect(signedIn.status).toBe(200)
    expect(signedIn.json).toMatchObject({ token_type: 'Bearer', expires_in: 600, user: { id: user.id } })
    const refreshed = await issuer.json('/api/token/refresh/', { refresh: signedIn.json.refresh })
    expect(refreshed.status).toBe(200)
    const access = String(refreshed.json.access)
    expect((await issuer.bearer('/api/users/me', access)).json).toMatchObject({ email: user.email })
    expect((await issuer.bearer('/api/logout', access, 'POST')).status).toBe(204)
    expect((await issuer.bearer('/api/users/me', access)).status).toBe(401)
    expect((await issuer.json('/api/token/refresh', { refresh: refreshed.json.refresh })).status).toBe(401)
  })
})
