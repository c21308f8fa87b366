import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pkce, type TestIssuer, testIssuer } from '../support/issuer.ts'

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await testIssuer()
})
afterAll(() => issuer.close())

const { challenge } = pkce()

describe('asking for a code', () => {
  test.each([
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['a method without a challenge', { code_challenge: undefined }],
    ['plain', { code_challenge_method: 'plain' }],
    ['no method, which means plain', { code_challenge_method: undefined }],
    ['s256 in small letters', { code_challenge_method: 's256' }],
    ['a challenge that is too short', { code_challenge: challenge.slice(1) }],
    ['a challenge that is too long', { code_challenge: `${challenge}A` }],
    ['a padded challenge', { code_challenge: `${challenge}=` }],
    ['a challenge in base64', { code_challenge: `${challenge.slice(2)}+/` }],
  ])('%s is invalid_request (A3)', async (_what, params) => {
    const page = await issuer.authorize(await issuer.client(), params)
    expect(page.location?.searchParams.get('error')).toBe('invalid_request')
  })

  test('a public client cannot be registered without PKCE (A3)', async () => {
    const registration = { public: true, pkce: false, redirectUris: ['https://app.example/callback'] }
    await expect(issuer.app.operations['clients.create'](registration)).rejects.toThrow(/PKCE/)
  })

  test('a confidential client registered without it may still use it, and then must finish it (A3)', async () => {
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

describe('redeeming a code', () => {
  test('without a verifier, or with another, nothing is given and the code stays good (A3)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { code, verifier } = await issuer.code(client, user)
    const wrong = ['', pkce().verifier, `${verifier}A`, verifier.slice(1), verifier.toUpperCase()]
    for (const code_verifier of wrong)
      expect((await issuer.redeem(client, code, verifier, { code_verifier })).json).toMatchObject({
        error: 'invalid_grant',
      })
    expect((await issuer.redeem(client, code, verifier)).status).toBe(200)
  })

  test('the challenge itself is no verifier (A3)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { verifier, challenge } = pkce()
    const { code } = await issuer.code(client, user, { code_challenge: challenge })
    const answer = await issuer.redeem(client, code, verifier, { code_verifier: challenge })
    expect(answer.json.error).toBe('invalid_grant')
  })

  test('a verifier for a code that was asked without a challenge is refused (no downgrade) (A3)', async () => {
    const [client, user] = [await issuer.client({ pkceRequired: false }), await issuer.user()]
    const { code, verifier } = await issuer.code(client, user)
    const answer = await issuer.redeem(client, code, verifier, { code_verifier: verifier })
    expect(answer.json.error).toBe('invalid_grant')
    expect((await issuer.redeem(client, code, verifier)).status).toBe(200)
  })

  test.each([
    ['43 characters', 43, true],
    ['128 characters', 128, true],
    ['42 characters', 42, false],
    ['129 characters', 129, false],
  ])('a verifier of %s (A3)', async (_what, length, good) => {
    const verifier = randomBytes(100).toString('base64url').slice(0, length)
    const own = createHash('sha256').update(verifier).digest('base64url')
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { code } = await issuer.code(client, user, { code_challenge: own })
    expect((await issuer.redeem(client, code, verifier)).status).toBe(good ? 200 : 400)
  })

  test('a verifier outside the unreserved characters is refused even if its hash fits (A3)', async () => {
    const verifier = `${'a'.repeat(42)} `
    const own = createHash('sha256').update(verifier).digest('base64url')
    const [client, user] = [await issuer.client(), await issuer.user()]
    const { code } = await issuer.code(client, user, { code_challenge: own })
    expect((await issuer.redeem(client, code, verifier)).json.error).toBe('invalid_grant')
  })
})
