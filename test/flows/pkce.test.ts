import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { claimsOf, pkce, type TestClient } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const { challenge } = pkce()

describe('an authorization request', () => {
  test.each([
    ['no code_challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['a code_challenge_method but no code_challenge', { code_challenge: undefined }],
    ['the method plain', { code_challenge_method: 'plain' }],
    ['no code_challenge_method (the default is plain)', { code_challenge_method: undefined }],
    ['the method s256 in lower case', { code_challenge_method: 's256' }],
    ['a code_challenge that is too short', { code_challenge: challenge.slice(1) }],
    ['a code_challenge that is too long', { code_challenge: `${challenge}A` }],
    ['a padded code_challenge', { code_challenge: `${challenge}=` }],
    ['a code_challenge in base64 instead of base64url', { code_challenge: `${challenge.slice(2)}+/` }],
  ])('rejects an authorization request with %s as invalid_request (A3)', async (_fault, params) => {
    const page = await issuer.authorize(await issuer.client(), params)
    expect(page.location?.searchParams.get('error')).toBe('invalid_request')
  })

  test('rejects the registration of a public client without PKCE (A3)', async () => {
    const registration = { public: true, pkce: false, redirectUris: ['https://app.example/callback'] }
    await expect(issuer.app.operations['clients.create'](registration)).rejects.toThrow(/PKCE/)
  })

  test('a confidential client registered without PKCE can use it, and then has to send the verifier (A3)', async () => {
    const [client, user] = [await issuer.client({ pkceRequired: false }), await issuer.user()]
    const { verifier, challenge } = pkce()
    const asked = { code_challenge: challenge, code_challenge_method: 'S256' }
    const first = await issuer.code(client, user, asked)
    expect((await issuer.redeem(client, first.code, verifier)).json.error).toBe('invalid_grant')
    const finished = await issuer.redeem(client, first.code, verifier, { code_verifier: verifier })
    expect(finished.status).toBe(200)
    const plain = await issuer.authorize(client, { code_challenge_method: 'plain' })
    expect(plain.location?.searchParams.get('error')).toBe('invalid_request')
  })
})

describe('a nonce in place of PKCE', () => {
  const noChallenge = { code_challenge: undefined, code_challenge_method: undefined }
  const refusalOf = async (client: TestClient, params: Record<string, string | undefined>) => {
    const { location } = await issuer.authorize(client, { ...noChallenge, ...params })
    const { error, error_description } = Object.fromEntries(location?.searchParams ?? [])
    return [error, error_description]
  }
  const withNonce = async (client: TestClient, params: Record<string, string | undefined> = {}) => {
    const user = await issuer.user()
    return issuer.code(client, user, { ...noChallenge, nonce: 'n0nce', ...params })
  }
  const noVerifier = { code_verifier: '' }

  test('a client with a secret may send a nonce and no PKCE, and gets the nonce in the ID token (A3)', async () => {
    const client = await issuer.client()
    const { code, verifier } = await withNonce(client)
    const { status, json } = await issuer.redeem(client, code, verifier, noVerifier)
    expect(status).toBe(200)
    expect(claimsOf(String(json.id_token)).nonce).toBe('n0nce')
  })

  test('a client with a secret may send a nonce and no PKCE with response_mode=form_post (A3)', async () => {
    const [client, user, agent] = [await issuer.client(), await issuer.user(), issuer.browser()]
    await issuer.tokens(client, user, {}, agent)
    const path = issuer.authorizePath(client, { nonce: 'n0nce', response_mode: 'form_post' })
    const code = /name="code" value="([^"]+)"/.exec((await agent.get(path)).body)?.[1] ?? ''
    expect((await issuer.redeem(client, code, '', noVerifier)).status).toBe(200)
  })

  test('a public client needs PKCE even if it sends a nonce (A3)', async () => {
    const client = await issuer.client({ secretHash: undefined } as never)
    const [error, description] = await refusalOf(client, { nonce: 'n0nce' })
    expect(error).toBe('invalid_request')
    expect(description).toMatch(/^PKCE is required: .*S256/)
  })

  test.each([
    ['neither PKCE nor a nonce', {}],
    ['an empty nonce', { nonce: '' }],
    ['a nonce without the scope openid, because there is no ID token', { nonce: 'n', scope: 'profile' }],
  ])('a client with a secret that sends %s learns what it should send (A3)', async (_fault, params) => {
    const [error, description] = await refusalOf(await issuer.client(), params)
    expect(error).toBe('invalid_request')
    expect(description).toMatch(/code_challenge .*S256 .*or a nonce together with the scope openid/)
  })

  test('a nonce does not allow the method plain or a method without a challenge (A3)', async () => {
    const client = await issuer.client()
    const plain = { code_challenge: challenge, code_challenge_method: 'plain', nonce: 'n0nce' }
    expect((await refusalOf(client, plain))[0]).toBe('invalid_request')
    const bare = { code_challenge_method: 'S256', nonce: 'n0nce' }
    expect((await refusalOf(client, bare))[0]).toBe('invalid_request')
  })

  test('an attacker who removes the challenge and adds a nonce gets no code that a client with PKCE can redeem (A3)', async () => {
    const client = await issuer.client()
    const { code, verifier } = await withNonce(client)
    const downgraded = await issuer.redeem(client, code, verifier)
    expect([downgraded.status, downgraded.json.error]).toEqual([400, 'invalid_grant'])
  })

  test('a client that sent a challenge and a nonce needs the verifier (A3)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { code, verifier } = await issuer.code(client, user, { nonce: 'n0nce' })
    expect((await issuer.redeem(client, code, verifier, noVerifier)).json.error).toBe('invalid_grant')
    expect((await issuer.redeem(client, code, verifier)).status).toBe(200)
  })

  test('a code without PKCE gives nothing without the secret of the client (A3)', async () => {
    const client = await issuer.client()
    const { code, verifier } = await withNonce(client)
    const thief = await issuer.redeem(client, code, verifier, { ...noVerifier, client_secret: '' })
    expect([thief.status, thief.json.error]).toEqual([401, 'invalid_client'])
    expect((await issuer.redeem(client, code, verifier, noVerifier)).status).toBe(200)
  })
})

describe('redeeming a code', () => {
  test('rejects an empty or wrong code_verifier, and the code stays valid (A3)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { code, verifier } = await issuer.code(client, user)
    const wrong = ['', pkce().verifier, `${verifier}A`, verifier.slice(1), verifier.toUpperCase()]
    for (const code_verifier of wrong)
      expect((await issuer.redeem(client, code, verifier, { code_verifier })).json).toMatchObject({
        error: 'invalid_grant',
      })
    expect((await issuer.redeem(client, code, verifier)).status).toBe(200)
  })

  test('rejects the code_challenge as the code_verifier (A3)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { verifier, challenge } = pkce()
    const { code } = await issuer.code(client, user, { code_challenge: challenge })
    const answer = await issuer.redeem(client, code, verifier, { code_verifier: challenge })
    expect(answer.json.error).toBe('invalid_grant')
  })

  test('rejects a code_verifier for a code that was requested without a code_challenge (A3)', async () => {
    const [client, user] = [await issuer.client({ pkceRequired: false }), await issuer.user()]
    const { code, verifier } = await issuer.code(client, user)
    const answer = await issuer.redeem(client, code, verifier, { code_verifier: verifier })
    expect(answer.json.error).toBe('invalid_grant')
    expect((await issuer.redeem(client, code, verifier)).status).toBe(200)
  })

  test('rejects a code_challenge_method without a code_challenge, even if the client may omit PKCE (A3)', async () => {
    const client = await issuer.client({ pkceRequired: false })
    const params = { code_challenge: undefined, code_challenge_method: 'S256' }
    const { location } = await issuer.authorize(client, params)
    expect(location?.searchParams.get('error')).toBe('invalid_request')
  })

  test.each([
    ['accepts', 43, true],
    ['accepts', 128, true],
    ['rejects', 42, false],
    ['rejects', 129, false],
  ])('%s a code_verifier of %i characters (A3)', async (_verb, length, good) => {
    const verifier = randomBytes(100).toString('base64url').slice(0, length)
    const own = createHash('sha256').update(verifier).digest('base64url')
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { code } = await issuer.code(client, user, { code_challenge: own })
    expect((await issuer.redeem(client, code, verifier)).status).toBe(good ? 200 : 400)
  })

  test('rejects a code_verifier with a character that RFC 7636 does not allow, even if its hash matches (A3)', async () => {
    const verifier = `${'a'.repeat(42)} `
    const own = createHash('sha256').update(verifier).digest('base64url')
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { code } = await issuer.code(client, user, { code_challenge: own })
    expect((await issuer.redeem(client, code, verifier)).json.error).toBe('invalid_grant')
  })
})
