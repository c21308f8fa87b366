// Tokens that this issuer did not make, or made for something else, shown at every door that takes an access token.
import {
  createHmac,
  createPublicKey,
  type JsonWebKey,
  randomBytes,
  subtle,
  type webcrypto,
} from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claimsOf, headerOf, type TestClient, type TestIssuer, testIssuer } from '../support/issuer.ts'

let issuer: TestIssuer
let client: TestClient
let genuine: { accessToken: string; idToken: string }
beforeAll(async () => {
  issuer = await testIssuer()
  client = await issuer.client()
  genuine = await issuer.tokens(client, await issuer.user())
})
afterAll(() => issuer.close())

const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** Whatever header and payload, signed with the issuer's own key unless another is given. */
const signed = async (header: unknown, payload: unknown, key?: webcrypto.CryptoKey): Promise<string> => {
  const input = `${part(header)}.${part(payload)}`
  const privateKey = key ?? issuer.app.keyRing.current().privateKey
  const signature = await subtle.sign('RSASSA-PKCS1-v1_5', privateKey, Buffer.from(input))
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

const publicKey = async () => {
  const { keys } = (await issuer.send('/.well-known/jwks.json')).json as { keys: JsonWebKey[] }
  return createPublicKey({ key: keys[0] ?? {}, format: 'jwk' })
}

const doors: Record<string, (token: string) => Promise<boolean>> = {
  'GET /userinfo': async (token) => (await issuer.bearer('/userinfo', token)).status === 200,
  'POST /userinfo': async (token) => (await issuer.bearer('/userinfo', token, 'POST')).status === 200,
  'GET /api/users/me': async (token) => (await issuer.bearer('/api/users/me', token)).status === 200,
  'POST /introspect': async (token) => {
    const credentials = { client_id: client.id, client_secret: client.secret ?? '' }
    const { status, json } = await issuer.form('/introspect', { token, ...credentials })
    expect(status).toBe(200)
    if (json.active !== true) expect(json).toEqual({ active: false })
    return json.active === true
  },
}

const expectShut = async (token: string) => {
  for (const [door, opens] of Object.entries(doors)) expect(await opens(token), door).toBe(false)
  const logout = await issuer.bearer('/api/logout', token, 'POST')
  expect(logout.status).toBe(401)
}

const header = () => headerOf(genuine.accessToken)
const claims = () => claimsOf(genuine.accessToken)

test('the genuine token opens every door, also signed by the forger of this test', async () => {
  for (const [door, opens] of Object.entries(doors)) {
    expect(await opens(genuine.accessToken), door).toBe(true)
    expect(await opens(await signed(header(), claims())), door).toBe(true)
  }
})

describe('what the issuer refuses of its own (B12)', () => {
  const payload = () => genuine.accessToken.split('.')[1] ?? ''
  const unsigned = (alg: string) => `${part({ ...header(), alg })}.${payload()}.`
  const hs256 = (secret: string | Buffer) => {
    const input = `${part({ ...header(), alg: 'HS256' })}.${payload()}`
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  }
  const strangersKey = async () => {
    const algorithm = {
      ...{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048 },
      publicExponent: new Uint8Array([1, 0, 1]),
    }
    return (await subtle.generateKey(algorithm, false, ['sign'])).privateKey
  }

  const attacks: Record<string, () => string | Promise<string>> = {
    'alg none': () => unsigned('none'),
    'alg nOnE': () => unsigned('nOnE'),
    'an empty signature': () => unsigned('RS256'),
    'HS256 keyed with the public PEM': async () =>
      hs256((await publicKey()).export({ format: 'pem', type: 'spki' })),
    'HS256 keyed with the public DER': async () =>
      hs256((await publicKey()).export({ format: 'der', type: 'spki' })),
    'another key under our kid': async () => signed(header(), claims(), await strangersKey()),
    'another key under an unknown kid': async () =>
      signed({ ...header(), kid: 'unknown' }, claims(), await strangersKey()),
    'our key under an unknown kid': () => signed({ ...header(), kid: 'unknown' }, claims()),
    'a key of its own in the header': () => signed({ ...header(), jwk: {} }, claims()),
    'an unknown crit': () => signed({ ...header(), crit: ['x'], x: 1 }, claims()),
    'a member twice in the header': () =>
      signed(JSON.stringify(header()).replace('{', '{"alg":"none",'), claims()),
    'a member twice in the payload': () =>
      signed(header(), JSON.stringify(claims()).replace('{', '{"sub":"usr_other",')),
    'another person under the same signature': () => {
      const [head, , signature] = genuine.accessToken.split('.')
      return `${head}.${part({ ...claims(), sub: 'usr_other' })}.${signature}`
    },
    'another issuer': () => signed(header(), { ...claims(), iss: 'https://evil.example' }),
    'more than 8 KB': () => signed(header(), { ...claims(), padding: 'x'.repeat(9000) }),
    'an age that is over': () => signed(header(), { ...claims(), exp: Number(claims().iat) - 1 }),
    'no subject': () => signed(header(), { ...claims(), sub: undefined }),
    'random bytes': () => randomBytes(200).toString('base64url'),
  }
  test.each(Object.entries(attacks))('%s (B12)', async (_what, forge) => {
    await expectShut(await forge())
    expect((await issuer.bearer('/userinfo', genuine.accessToken)).status).toBe(200)
  })
})

describe('one kind of token in the place of another (B4)', () => {
  const kinds = ['JWT', 'logout+jwt', 'secevent+jwt', 'statuslist+jwt', 'revocations+jwt', 'jwt', undefined]
  test.each(kinds)('our own signature under the typ %s opens nothing (B4)', async (typ) => {
    await expectShut(await signed({ ...header(), typ }, claims()))
  })

  test('an ID token opens nothing, even with every claim of an access token (B4)', async () => {
    await expectShut(genuine.idToken)
    await expectShut(await signed(headerOf(genuine.idToken), { ...claims(), ...claimsOf(genuine.idToken) }))
  })

  test('an ID token that calls itself an access token lacks what one has (B4)', async () => {
    await expectShut(await signed({ ...header(), typ: 'at+jwt' }, claimsOf(genuine.idToken)))
  })

  test.each(['at+jwt', 'logout+jwt', 'secevent+jwt'])(
    'the claims of an ID token under the typ %s are no hint to log out with (B4)',
    async (typ) => {
      const [own, agent] = [await issuer.client(), issuer.browser()]
      const { idToken } = await issuer.tokens(own, await issuer.user(), {}, agent)
      const hint = await signed({ ...headerOf(idToken), typ }, claimsOf(idToken))
      const page = await agent.get(`/end-session?${new URLSearchParams({ id_token_hint: hint })}`)
      expect(page.status).toBe(200)
      expect((await agent.get('/account')).status).toBe(200)
    },
  )
})
