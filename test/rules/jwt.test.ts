import { createHmac, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { epochSeconds, secondsAfter } from '../../src/clock.ts'
import {
  type InvalidJwt,
  type JwtExpectation,
  type LoadedKey,
  maxTokenLength,
  signJwt,
  thumbprint,
  verifyJwt,
} from '../../src/keys/jwt.ts'
import { exportPublicPem, loadSigningKey } from '../../src/keys/rsa-keys.ts'
import type { SigningKey } from '../../src/keys/signing-keys.ts'
import { testClock } from '../support/clock.ts'

const now = testClock().now()
const issuer = 'https://id.example.com'
const audience = 'https://api.example.com'
const claims = {
  iss: issuer,
  sub: 'usr_1',
  aud: audience,
  iat: epochSeconds(now),
  exp: epochSeconds(now) + 600,
}

const makeKey = async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
  const publicJwk = { kty: 'RSA' as const, n, e }
  const kid = await thumbprint(publicJwk)
  const record: SigningKey = {
    kid,
    alg: 'RS256',
    publicJwk,
    encryptedPrivateKey: '',
    createdAt: now,
    publishedAt: now,
  }
  const loaded = await loadSigningKey(record, privateKey.export({ format: 'der', type: 'pkcs8' }))
  return { record, privateKey, loaded, kid }
}

const ours = await makeKey()
const stranger = await makeKey()
const expected: JwtExpectation = { keys: [ours.loaded], typ: 'at+jwt', issuer, audience, now }

const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

const header = { alg: 'RS256', typ: 'at+jwt', kid: ours.kid }

/** A token with any header and payload and a valid signature of our private key. */
const forge = (head: unknown, payload: unknown = claims, key = ours.privateKey): string => {
  const input = `${part(head)}.${part(payload)}`
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}

const hs256 = (secret: string | Buffer): string => {
  const input = `${part({ ...header, alg: 'HS256' })}.${part(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

const unsigned = (head: object) => `${part(head)}.${part(claims)}.`

describe('signing', () => {
  test('signJwt writes only alg, typ and kid into the header (B1)', async () => {
    const token = await signJwt({ typ: 'at+jwt', claims: { ...claims, note: undefined }, key: ours.loaded })
    const [head = '', payload = ''] = token.split('.')
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual(header)
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual(claims)
  })

  test('verifyJwt accepts a token of signJwt and returns its claims', async () => {
    const token = await signJwt({ typ: 'at+jwt', claims: { ...claims, roles: ['관리자'] }, key: ours.loaded })
    await expect(verifyJwt(token, expected)).resolves.toEqual({
      outcome: 'valid',
      header,
      payload: { ...claims, roles: ['관리자'] },
    })
  })

  test('thumbprint gives the value of the example in RFC 7638 §3.1 (D5)', async () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs' +
      'tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbI' +
      'SD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
    await expect(thumbprint({ kty: 'RSA', n, e: 'AQAB' })).resolves.toBe(
      'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    )
  })
})

describe('verifying', () => {
  const publicPem = exportPublicPem(ours.record)
  const publicDer = createPublicKey(publicPem).export({ format: 'der', type: 'spki' })
  const genuine = forge(header)
  const [goodHead = '', goodPayload = '', goodSignature = ''] = genuine.split('.')
  const text = JSON.stringify(claims)

  test('verifyJwt accepts an unchanged token from the forge function of this test', async () => {
    expect((await verifyJwt(genuine, expected)).outcome).toBe('valid')
  })

  const attacks: [string, string, InvalidJwt][] = [
    ['alg none', unsigned({ ...header, alg: 'none' }), 'alg'],
    ['alg None', unsigned({ ...header, alg: 'None' }), 'alg'],
    ['no alg', forge({ typ: header.typ, kid: header.kid }), 'alg'],
    ['HS256 keyed with the public PEM', hs256(publicPem), 'alg'],
    ['HS256 keyed with the public PEM without its last line feed', hs256(publicPem.trim()), 'alg'],
    ['HS256 keyed with the public DER', hs256(publicDer), 'alg'],
    ['PS256 under an RS256 key', forge({ ...header, alg: 'PS256' }), 'alg'],
    ['RS512 under an RS256 key', forge({ ...header, alg: 'RS512' }), 'alg'],
    ['an empty signature', unsigned(header), 'signature'],
    ['a truncated signature', genuine.slice(0, -8), 'signature'],
    [
      'random bytes for a signature',
      `${goodHead}.${goodPayload}.${randomBytes(256).toString('base64url')}`,
      'signature',
    ],
    ['a signature with padding', `${genuine}==`, 'signature'],
    ["another key's signature under our kid", forge(header, claims, stranger.privateKey), 'signature'],
    [
      'another payload under the same signature',
      `${goodHead}.${part({ ...claims, sub: 'usr_2' })}.${goodSignature}`,
      'signature',
    ],
    ['an unknown crit', forge({ ...header, crit: ['x'], x: 1 }), 'header'],
    ['an empty crit', forge({ ...header, crit: [] }), 'header'],
    ['crit b64', forge({ ...header, crit: ['b64'], b64: false }), 'header'],
    [
      'a jwk in the header',
      forge({ ...header, jwk: stranger.record.publicJwk }, claims, stranger.privateKey),
      'header',
    ],
    ['a jku', forge({ ...header, jku: 'https://attacker.example/jwks' }), 'header'],
    ['an x5u', forge({ ...header, x5u: 'https://attacker.example/cert' }), 'header'],
    ['an x5c', forge({ ...header, x5c: ['AA=='] }), 'header'],
    ['zip', forge({ ...header, zip: 'DEF' }), 'header'],
    ['the typ of an ID token (B4)', forge({ ...header, typ: 'JWT' }), 'typ'],
    ['the typ of a logout token (B4)', forge({ ...header, typ: 'logout+jwt' }), 'typ'],
    ['no typ', forge({ alg: header.alg, kid: header.kid }), 'typ'],
    ['a typ that is not a string', forge({ ...header, typ: ['at+jwt'] }), 'typ'],
    ['an unknown kid', forge({ ...header, kid: stranger.kid }, claims, stranger.privateKey), 'unknown_kid'],
    ['no kid', forge({ alg: header.alg, typ: header.typ }), 'unknown_kid'],
    ['a kid that is not a string', forge({ ...header, kid: 7 }), 'unknown_kid'],
    [
      'a duplicate member in the header',
      forge(JSON.stringify(header).replace('{', '{"kid":"x",')),
      'malformed',
    ],
    ['a duplicate member in the payload', forge(header, text.replace('{', '{"sub":"usr_2",')), 'malformed'],
    [
      'a duplicate member in a nested object',
      forge(header, text.replace('{', '{"act":{"a":1,"a":2},')),
      'malformed',
    ],
    [
      'a duplicate member written with escapes',
      forge(header, text.replace('{', '{"\\u0073ub":"usr_2",')),
      'malformed',
    ],
    ['a space that JSON.stringify does not write', forge(header, text.replace('{', '{ ')), 'malformed'],
    ['a byte order mark', forge(header, `\uFEFF${text}`), 'malformed'],
    ['a payload that is an array', forge(header, [claims]), 'malformed'],
    ['a payload that is null', forge(header, null), 'malformed'],
    ['a payload that is not JSON', forge(header, 'hello'), 'malformed'],
    [
      'a payload that is not UTF-8',
      `${goodHead}.${Buffer.from([0x22, 0xff, 0x22]).toString('base64url')}.${goodSignature}`,
      'malformed',
    ],
    ['base64 with padding', `${goodHead}=.${goodPayload}.${goodSignature}`, 'malformed'],
    ['two parts', `${goodHead}.${goodPayload}`, 'malformed'],
    ['five parts (a JWE)', `${genuine}.a.b`, 'malformed'],
    ['no text', '', 'malformed'],
    ['two dots only', '..', 'malformed'],
    [
      'the JSON serialization',
      JSON.stringify({ payload: goodPayload, protected: goodHead, signature: goodSignature }),
      'malformed',
    ],
    ['more than 8 KB', forge(header, { ...claims, padding: 'x'.repeat(maxTokenLength) }), 'too_large'],
  ]
  test.each(attacks)('verifyJwt rejects a token with %s (B12)', async (_, token, reason) => {
    await expect(verifyJwt(token, expected)).resolves.toEqual({ outcome: 'invalid', reason })
  })

  const { exp: _exp, ...withoutExp } = claims
  const { iat: _iat, ...withoutIat } = claims
  const { iss: _iss, ...withoutIss } = claims
  const { aud: _aud, ...withoutAud } = claims
  const second = epochSeconds(now)
  const wrongClaims: [string, object, InvalidJwt][] = [
    ['no exp', withoutExp, 'claims'],
    ['exp as text', { ...claims, exp: String(claims.exp) }, 'claims'],
    ['no iat', withoutIat, 'claims'],
    ['no iss', withoutIss, 'claims'],
    ['exp at this second', { ...claims, exp: second }, 'expired'],
    ['iat a minute and a second ahead', { ...claims, iat: second + 61 }, 'issued_in_future'],
    ['nbf an hour ahead', { ...claims, nbf: second + 3600 }, 'issued_in_future'],
    ['another issuer', { ...claims, iss: 'https://id.example.com/' }, 'issuer'],
    ['a list of issuers', { ...claims, iss: [issuer] }, 'claims'],
    ['another audience (B3)', { ...claims, aud: 'https://other.example.com' }, 'audience'],
    ['an audience that only starts the same (B3)', { ...claims, aud: `${audience}/v2` }, 'audience'],
    ['no audience', withoutAud, 'audience'],
  ]
  test.each(wrongClaims)('verifyJwt rejects claims with %s (B12)', async (_, payload, reason) => {
    await expect(verifyJwt(forge(header, payload), expected)).resolves.toEqual({ outcome: 'invalid', reason })
  })

  test('verifyJwt accepts an iat one minute ahead and one of several audiences', async () => {
    const token = forge(header, { ...claims, iat: second + 60, aud: ['https://other.example.com', audience] })
    expect((await verifyJwt(token, expected)).outcome).toBe('valid')
  })

  test('verifyJwt with ignoreExpiry accepts an expired token and still checks everything else (A21)', async () => {
    const later: JwtExpectation = { ...expected, now: secondsAfter(now, 86_400), ignoreExpiry: true }
    expect((await verifyJwt(genuine, later)).outcome).toBe('valid')
    expect(await verifyJwt(genuine, { ...later, issuer: 'https://other.example.com' })).toEqual({
      outcome: 'invalid',
      reason: 'issuer',
    })
    expect(await verifyJwt(forge(header, withoutExp), later)).toEqual({
      outcome: 'invalid',
      reason: 'claims',
    })
    expect(await verifyJwt(forge(header, claims, stranger.privateKey), later)).toEqual({
      outcome: 'invalid',
      reason: 'signature',
    })
  })

  test('verifyJwt takes the algorithm from the key record, not from the token (D15)', async () => {
    expect(ours.loaded.alg).toBe(ours.record.alg)
    const weaker = forge({ ...header, alg: 'RS512' })
    expect(await verifyJwt(weaker, expected)).toEqual({ outcome: 'invalid', reason: 'alg' })
  })

  test('verifyJwt selects the key by its kid', async () => {
    const keys: LoadedKey[] = [stranger.loaded, ours.loaded]
    expect((await verifyJwt(genuine, { ...expected, keys })).outcome).toBe('valid')
    expect(await verifyJwt(genuine, { ...expected, keys: [] })).toEqual({
      outcome: 'invalid',
      reason: 'unknown_kid',
    })
  })
})
