// Every endpoint that accepts an access token rejects forged tokens and tokens of another type.
import {
  createHmac,
  createPublicKey,
  type JsonWebKey,
  randomBytes,
  subtle,
  type webcrypto,
} from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { newFamilyId } from '../../src/sessions/family.ts'
import { claimsOf, credentialsOf, headerOf, type TestClient } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()
let client: TestClient
let genuine: { accessToken: string; idToken: string }
beforeAll(async () => {
  client = await issuer.client()
  genuine = await issuer.tokens(client, await issuer.user())
})

const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A token with any header and payload, signed with the issuer's key unless the test gives another. */
const signed = async (header: unknown, payload: unknown, key?: webcrypto.CryptoKey): Promise<string> => {
  const input = `${part(header)}.${part(payload)}`
  if (key === undefined) return `${input}.${await issuer.app.keyRing.current().sign(input)}`
  const signature = await subtle.sign('RSASSA-PKCS1-v1_5', key, Buffer.from(input))
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

const publicKey = async () => {
  const { keys } = (await issuer.send('/.well-known/jwks.json')).json as { keys: JsonWebKey[] }
  return createPublicKey({ key: keys[0] ?? {}, format: 'jwk' })
}

const endpoints: Record<string, (token: string) => Promise<boolean>> = {
  'GET /userinfo': async (token) => (await issuer.bearer('/userinfo', token)).status === 200,
  'POST /userinfo': async (token) => (await issuer.bearer('/userinfo', token, 'POST')).status === 200,
  'GET /api/users/me': async (token) => (await issuer.bearer('/api/users/me', token)).status === 200,
  'POST /introspect': async (token) => {
    const { status, json } = await issuer.form('/introspect', { token, ...credentialsOf(client) })
    expect(status).toBe(200)
    if (json.active !== true) expect(json).toEqual({ active: false })
    return json.active === true
  },
}

const expectRejected = async (token: string) => {
  for (const [endpoint, accepts] of Object.entries(endpoints))
    expect(await accepts(token), endpoint).toBe(false)
  const logout = await issuer.bearer('/api/logout', token, 'POST')
  expect(logout.status).toBe(401)
}

const header = () => headerOf(genuine.accessToken)
const claims = () => claimsOf(genuine.accessToken)

test('every endpoint accepts the genuine token and the same claims signed by this test', async () => {
  for (const [endpoint, accepts] of Object.entries(endpoints)) {
    expect(await accepts(genuine.accessToken), endpoint).toBe(true)
    expect(await accepts(await signed(header(), claims())), endpoint).toBe(true)
  }
})

describe('forged access tokens', () => {
  const payload = () => genuine.accessToken.split('.')[1] ?? ''
  const unsigned = (alg: string) => `${part({ ...header(), alg })}.${payload()}.`
  const hs256 = (secret: string | Buffer) => {
    const input = `${part({ ...header(), alg: 'HS256' })}.${payload()}`
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  }
  const foreignKey = async () => {
    const algorithm = {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      modulusLength: 2048,
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
    'another key under the issuer’s kid': async () => signed(header(), claims(), await foreignKey()),
    'another key under an unknown kid': async () =>
      signed({ ...header(), kid: 'unknown' }, claims(), await foreignKey()),
    'the issuer’s key under an unknown kid': () => signed({ ...header(), kid: 'unknown' }, claims()),
    'a key in the header': () => signed({ ...header(), jwk: {} }, claims()),
    'an unknown crit': () => signed({ ...header(), crit: ['x'], x: 1 }, claims()),
    'a duplicate member in the header': () =>
      signed(JSON.stringify(header()).replace('{', '{"alg":"none",'), claims()),
    'a duplicate member in the payload': () =>
      signed(header(), JSON.stringify(claims()).replace('{', '{"sub":"usr_other",')),
    'another user under the same signature': () => {
      const [head, , signature] = genuine.accessToken.split('.')
      return `${head}.${part({ ...claims(), sub: 'usr_other' })}.${signature}`
    },
    'another issuer': () => signed(header(), { ...claims(), iss: 'https://evil.example' }),
    'more than 8 KB': () => signed(header(), { ...claims(), padding: 'x'.repeat(9000) }),
    'an expiry in the past': () => signed(header(), { ...claims(), exp: Number(claims().iat) - 1 }),
    'no subject': () => signed(header(), { ...claims(), sub: undefined }),
    'random bytes': () => randomBytes(200).toString('base64url'),
  }
  test.each(Object.entries(attacks))('every endpoint rejects a token with %s (B12)', async (_what, forge) => {
    await expectRejected(await forge())
    expect((await issuer.bearer('/userinfo', genuine.accessToken)).status).toBe(200)
  })
})

describe('validly signed tokens with other claims', () => {
  // Another program that used an imported key may have signed such tokens.
  test.each(['iss', 'sub', 'jti', 'client_id', 'scope', 'iat', 'exp'])(
    'every endpoint rejects a validly signed token without %s, or with a wrong type of it (B2)',
    async (name) => {
      await expectRejected(await signed(header(), { ...claims(), [name]: undefined }))
      await expectRejected(await signed(header(), { ...claims(), [name]: ['a list'] }))
    },
  )

  test('every endpoint rejects a validly signed token whose sid is not a text (B2)', async () => {
    await expectRejected(await signed(header(), { ...claims(), sid: 1 }))
  })
})

describe('validly signed hints with other claims', () => {
  test.each(['sub', 'aud', 'sid'])(
    'rejects a validly signed id_token_hint without %s, or with a wrong type of it (A20, A21)',
    async (name) => {
      const [own, agent] = [await issuer.client(), issuer.browser()]
      const { idToken } = await issuer.tokens(own, await issuer.user(), {}, agent)
      for (const value of [undefined, 1]) {
        const hint = await signed(headerOf(idToken), { ...claimsOf(idToken), [name]: value })
        const params = { prompt: 'none', id_token_hint: hint }
        const { location } = await issuer.authorize(own, params, agent)
        expect(location?.searchParams.get('error')).toBe('login_required')
        await agent.get(`/end-session?${new URLSearchParams({ id_token_hint: hint })}`)
        expect((await agent.get('/account')).status).toBe(200)
      }
    },
  )
})

test('logout rejects an id_token_hint whose user is not the user of its family (E2)', async () => {
  const [own, agent, other] = [await issuer.client(), issuer.browser(), await issuer.user()]
  const { idToken } = await issuer.tokens(own, await issuer.user(), {}, agent)
  const hint = await signed(headerOf(idToken), { ...claimsOf(idToken), sub: other.id })
  await agent.get(`/end-session?${new URLSearchParams({ id_token_hint: hint })}`)
  expect((await agent.get('/account')).status).toBe(200)
})

test('logout with a hint whose family was deleted long ago still redirects to its client (A21)', async () => {
  const hint = await signed(headerOf(genuine.idToken), { ...claimsOf(genuine.idToken), sid: newFamilyId() })
  const fields = { id_token_hint: hint, post_logout_redirect_uri: 'https://app.example/bye' }
  const opened = await issuer.browser().get(`/end-session?${new URLSearchParams(fields)}`)
  const crossSite = { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' }
  const posted = await issuer.browser().submit('/end-session', fields, crossSite)
  for (const page of [opened, posted]) expect(page.location?.href).toBe('https://app.example/bye')
})

describe('tokens of another type', () => {
  const kinds = ['JWT', 'logout+jwt', 'secevent+jwt', 'statuslist+jwt', 'revocations+jwt', 'jwt', undefined]
  test.each(kinds)('every endpoint rejects a validly signed token with typ %s (B4)', async (typ) => {
    await expectRejected(await signed({ ...header(), typ }, claims()))
  })

  test('every endpoint rejects an ID token, even with all claims of an access token (B4)', async () => {
    await expectRejected(genuine.idToken)
    await expectRejected(
      await signed(headerOf(genuine.idToken), { ...claims(), ...claimsOf(genuine.idToken) }),
    )
  })

  test('every endpoint rejects the claims of an ID token under typ at+jwt (B4)', async () => {
    await expectRejected(await signed({ ...header(), typ: 'at+jwt' }, claimsOf(genuine.idToken)))
  })

  test.each(['at+jwt', 'logout+jwt', 'secevent+jwt'])(
    'logout rejects an id_token_hint with typ %s (B4)',
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
