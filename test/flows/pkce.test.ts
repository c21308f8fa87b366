import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { pkce } from '../support/issuer.ts'
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
