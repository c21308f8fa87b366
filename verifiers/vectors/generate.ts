// Makes corpus.json: tokens, good and bad, with the verdict that every verifier must give (README.md). Its keys live as long
// as this process; only their public halves are written. Knows nothing of the issuer's code, as a stranger would.
import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign as rsaSign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { calculateJwkThumbprint, exportJWK } from 'jose'

type Json = Readonly<Record<string, unknown>>

const now = 1_900_000_000
const issuer = 'https://id.example'
const legacy = 'https://legacy.example'
const audience = 'https://api.example'
const sharedSecret = 'shared-secret-of-these-vectors-and-of-nothing-else'

const encode = (value: string | Buffer): string => Buffer.from(value).toString('base64url')

const makeKey = async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { kty = '', n = '', e = '' } = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint({ kty, n, e })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  return { kid, privateKey, pem, jwk: { kty, use: 'sig', alg: 'RS256', kid, n, e } }
}
type Key = Awaited<ReturnType<typeof makeKey>>

const [current, killed, unpublished] = [await makeKey(), await makeKey(), await makeKey()]

const rs256 = (privateKey: KeyObject) => (input: string) =>
  rsaSign('sha256', Buffer.from(input), privateKey).toString('base64url')
const hs256 = (secret: string) => (input: string) =>
  createHmac('sha256', secret).update(input).digest('base64url')

/** Signs header and payload as they are, JSON or whatever else. */
const signed = (header: string, payload: string, sign: (input: string) => string): string => {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${sign(input)}`
}

const good: Json = {
  ...{ iss: issuer, sub: 'user-1', aud: audience, exp: now + 500, iat: now - 100, jti: 'token-1' },
  ...{ client_id: 'web', sid: 'family-1', auth_time: now - 100, amr: ['pwd'] },
  ...{
    scope: 'openid notes:read',
    scopes: ['openid', 'notes:read'],
    roles: ['user', 'editor'],
    onboarded: true,
  },
}

const headerOf = (key: Key, more: Json = {}): Json => ({ alg: 'RS256', typ: 'at+jwt', kid: key.kid, ...more })

const token = (claims: Json = {}, { key = current, header = {} as Json } = {}): string =>
  signed(JSON.stringify(headerOf(key, header)), JSON.stringify({ ...good, ...claims }), rs256(key.privateKey))

const without = (...names: string[]): string =>
  token(Object.fromEntries(names.map((name) => [name, undefined])))

const name = (kind: string, value: string): string =>
  createHash('sha256').update(`${kind}:${value}`).digest().subarray(0, 16).toString('base64url')

/** The feed as docs/revocation-feed.md has it. */
const feed = (claims: Json = {}, { key = current, header = {} as Json } = {}): string =>
  signed(
    JSON.stringify(headerOf(key, { typ: 'revocations+jwt', ...header })),
    JSON.stringify({
      ...{ iss: issuer, iat: now, exp: now + 300, ttl: 5, as_of: now, cursor: String(now), full: true },
      revoked: {
        jti: { [name('jti', 'token-revoked')]: { exp: now + 560 } },
        sid: { [name('sid', 'family-revoked')]: { exp: now + 3660 } },
        sub: { [name('sub', 'user-signed-out')]: { exp: now + 3660, cutoff: now - 100 } },
        client_id: {
          [name('client_id', 'client-deleted')]: { exp: now + 3660, cutoff: now - 50 },
          [name('client_id', 'client-barred')]: { exp: now + 3660 },
        },
        kid: { [killed.kid]: { exp: now + 3660 } },
        a_kind_of_tomorrow: { [name('a_kind_of_tomorrow', 'x')]: { exp: now + 3660 } },
      },
      ...claims,
    }),
    rs256(key.privateKey),
  )

const json = (value: unknown) => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})
const feedAnswer = (body: string) => ({
  status: 200,
  headers: { 'content-type': 'application/revocations+jwt', etag: '"vectors.1"' },
  body,
})

const metadata = {
  issuer,
  jwks_uri: `${issuer}/.well-known/jwks.json`,
  revocations_uri: `${issuer}/.well-known/revocations`,
}
const curious = [
  { kty: 'EC', crv: 'P-256', kid: 'elliptic', x: 'AA', y: 'AA' },
  { kty: 'RSA', use: 'enc', kid: 'for-encryption', n: current.jwk.n, e: current.jwk.e },
  { kty: 'RSA', use: 'sig', alg: 'RS256', n: unpublished.jwk.n, e: unpublished.jwk.e },
]

const world = (revocations: unknown, changes: Json = {}) => ({
  [`${issuer}/.well-known/openid-configuration`]: json(metadata),
  [metadata.jwks_uri]: json({ keys: [...curious, killed.jwk, current.jwk] }),
  [metadata.revocations_uri]: revocations,
  ...changes,
})

const broken = { status: 503, headers: { 'retry-after': '2' }, body: '' }
const worlds = {
  normal: world(feedAnswer(feed())),
  'stores down for 400 s': world(feedAnswer(feed({ as_of: now - 400, cursor: String(now - 400) }))),
  'stores down for 200 s': world(feedAnswer(feed({ as_of: now - 200, cursor: String(now - 200) }))),
  'no feed': world(broken),
  'feed signed by a stranger': world(feedAnswer(feed({}, { key: unpublished }))),
  'feed signed under a borrowed kid': world(
    feedAnswer(feed({}, { key: unpublished, header: { kid: current.kid } })),
  ),
  'feed of another issuer': world(feedAnswer(feed({ iss: legacy }))),
  'feed that is an access token': world(feedAnswer(token())),
  'feed of another type': world(feedAnswer(feed({}, { header: { typ: 'JWT' } }))),
  'feed past its end': world(feedAnswer(feed({ iat: now - 400, exp: now - 100, as_of: now - 100 }))),
  'feed without its age': world(feedAnswer(feed({ as_of: undefined }))),
  'feed with a list that is none': world(feedAnswer(feed({ revoked: { jti: 'none' } }))),
  'feed that is no token': world(feedAnswer('<html>')),
  'metadata of another issuer': world(feedAnswer(feed()), {
    [`${issuer}/.well-known/openid-configuration`]: json({ ...metadata, issuer: legacy }),
  }),
  nothing: {},
}

const plain = { audience, issuer: [{ issuer }] }
const verifiers: Record<string, { world: keyof typeof worlds; options: Json }> = {
  default: { world: 'normal', options: plain },
  'no feed wanted': { world: 'no feed', options: { ...plain, revocations: false } },
  'no leeway': { world: 'normal', options: { ...plain, leeway_seconds: 0 } },
  'ID tokens too': { world: 'normal', options: { audience, issuer: [{ issuer, types: ['at+jwt', 'JWT'] }] } },
  migration: {
    world: 'normal',
    options: {
      audience,
      issuer: [
        { issuer },
        { secret: sharedSecret, issuer: legacy, until: now + 1000 },
        { secret: `${sharedSecret}-2`, until: now + 1000, subject_claim: 'user_id' },
      ],
    },
  },
  'migration with an audience': {
    world: 'normal',
    options: {
      audience,
      issuer: [{ issuer }, { secret: sharedSecret, issuer: legacy, until: now + 1000, audience: 'old-api' }],
    },
  },
  'migration that is over': {
    world: 'normal',
    options: { audience, issuer: [{ issuer }, { secret: sharedSecret, issuer: legacy, until: now }] },
  },
  'the public key as a secret': {
    world: 'normal',
    options: { audience, issuer: [{ issuer }, { secret: current.pem, issuer: legacy, until: now + 1000 }] },
  },
  ...Object.fromEntries(
    Object.keys(worlds)
      .filter((each) => each !== 'normal')
      .flatMap((each) => [
        [each, { world: each as keyof typeof worlds, options: plain }],
        [
          `${each}, accepting`,
          { world: each as keyof typeof worlds, options: { ...plain, when_stale: 'accept' } },
        ],
      ]),
  ),
}

interface Vector {
  id: string
  says: string
  verifier: string
  now: number
  authorization: string | null
  needs?: { scopes?: string[]; roles?: string[] }
  expect: { verdict: string; status: number; error?: string; scope?: string; subject?: string }
}

const vectors: Vector[] = []

const expected = (verdict: string, more: Json = {}): Vector['expect'] => {
  if (verdict === 'ok') return { verdict, status: 200, subject: 'user-1', ...more }
  if (verdict === 'missing') return { verdict, status: 401 }
  if (verdict === 'stale' || verdict === 'unavailable') return { verdict, status: 503 }
  if (verdict === 'insufficient_scope') return { verdict, status: 403, error: verdict, ...more }
  return { verdict, status: 401, error: 'invalid_token' }
}

const vector = (
  id: string,
  says: string,
  given: string | null,
  verdict: string,
  more: { verifier?: string; needs?: Vector['needs']; expect?: Json; now?: number } = {},
) => {
  const { verifier = 'default', needs } = more
  const authorization =
    given === null || given.includes(' ') || given === 'Bearer' ? given : `Bearer ${given}`
  const expect = expected(verdict, more.expect)
  vectors.push({
    ...{ id, says, verifier, now: more.now ?? now, authorization },
    ...(needs && { needs }),
    expect,
  })
}

const part = (text: string, at: number, change: (part: string) => string): string =>
  text
    .split('.')
    .map((each, index) => (index === at ? change(each) : each))
    .join('.')

// Good ones.
vector('good', 'an access token as the issuer makes it', token(), 'ok')
vector('good-lower-case-scheme', 'the scheme has no case (RFC 9110 §11.1)', `bearer ${token()}`, 'ok')
vector(
  'good-several-audiences',
  'ours is among them',
  token({ aud: ['https://other.example', audience] }),
  'ok',
)
vector('good-machine', 'a machine has no session', token({ sid: undefined, sub: 'web', roles: [] }), 'ok', {
  expect: { subject: 'web' },
})
vector(
  'good-long-typ',
  'typ may be written as a media type (RFC 9068 §2.1)',
  token({}, { header: { typ: 'application/at+jwt' } }),
  'ok',
)
vector('good-typ-case', 'typ has no case', token({}, { header: { typ: 'AT+JWT' } }), 'ok')
vector('good-clock-ahead', 'the issuer’s clock is 9 s ahead', token({ iat: now + 9 }), 'ok')
vector('good-just-expired', 'inside the leeway', token({ exp: now - 9 }), 'ok')
vector('good-nbf', 'nbf has passed', token({ nbf: now }), 'ok')
vector('good-unicode', 'claims in Korean and with escapes', token({ name: '홍길동 "\\ 😀' }), 'ok')
vector(
  'good-spaced',
  'JSON with white space is JSON',
  signed(
    JSON.stringify(headerOf(current), null, 2),
    JSON.stringify(good, null, 1),
    rs256(current.privateKey),
  ),
  'ok',
)
vector(
  'good-same-name-deeper',
  'one name in two objects is not twice in one',
  token({ a: { sub: 1, b: [{ sub: 2 }, { sub: 3 }] } }),
  'ok',
)
vector(
  'good-unknown-header',
  'header members that nobody knows are ignored',
  token({}, { header: { x: 1 } }),
  'ok',
)
vector(
  'good-jku-ignored',
  'a jku or jwk in the header is not followed',
  token({}, { header: { jku: 'https://evil.example/jwks', jwk: unpublished.jwk } }),
  'ok',
)

// What is no bearer token.
vector('missing', 'no Authorization header', null, 'missing')
vector('missing-other-scheme', 'another scheme', 'Basic d2ViOnNlY3JldA==', 'missing')
vector('missing-nothing-after', 'the scheme alone', 'Bearer', 'missing')
vector('missing-only-space', 'the scheme and a space', 'Bearer ', 'missing')
vector('malformed-two-tokens', 'two tokens in one header', `Bearer ${token()} ${token()}`, 'malformed')
vector('malformed-comma', 'two headers, joined', `Bearer ${token()}, Bearer ${token()}`, 'malformed')

// What is no token.
vector(
  'too-large',
  '8,193 characters',
  token({ pad: 'x'.repeat(6000) })
    .padEnd(8193, 'A')
    .slice(0, 8193),
  'too_large',
)
vector('malformed-word', 'not a JWT', 'not-a-token', 'malformed')
vector('malformed-two-parts', 'no signature part', token().split('.').slice(0, 2).join('.'), 'malformed')
vector('malformed-five-parts', 'as many parts as an encrypted token', `${token()}.AAAA.AAAA`, 'malformed')
vector(
  'malformed-empty-header',
  'an empty header',
  part(token(), 0, () => ''),
  'malformed',
)
vector(
  'malformed-padding',
  'base64 with padding',
  part(token(), 2, (each) => `${each}==`),
  'malformed',
)
vector(
  'malformed-alphabet',
  'base64 with the other alphabet',
  part(token(), 1, (each) => `+/${each.slice(2)}`),
  'malformed',
)
vector(
  'malformed-length',
  'base64 of an impossible length',
  part(token(), 0, () => encode('{"alg":"RS256"}').slice(0, 17)),
  'malformed',
)
vector(
  'malformed-trailing-bits',
  'base64 whose last bits are not zero: another spelling of the same bytes',
  part(
    token(),
    2,
    (each) =>
      `${each.slice(0, -1)}${each.endsWith('A') ? 'B' : String.fromCharCode(each.charCodeAt(each.length - 1) + 1)}`,
  ),
  'malformed',
)
vector(
  'malformed-header-text',
  'a header that is no JSON',
  signed('RS256', JSON.stringify(good), rs256(current.privateKey)),
  'malformed',
)
for (const [id, payload] of [
  ['array', '[]'],
  ['null', 'null'],
  ['text', '"claims"'],
  ['broken', '{"iss":'],
  ['comma', `${JSON.stringify(good).slice(0, -1)},}`],
  ['two-values', `${JSON.stringify(good)}{}`],
] as const)
  vector(
    `malformed-payload-${id}`,
    'a payload that is no JSON object',
    signed(JSON.stringify(headerOf(current)), payload, rs256(current.privateKey)),
    'malformed',
  )
vector(
  'malformed-utf8',
  'broken UTF-8 in the payload',
  (() => {
    const bytes = Buffer.from(JSON.stringify({ ...good, name: '?' }))
    bytes[bytes.lastIndexOf('?')] = 0xff
    const input = `${encode(JSON.stringify(headerOf(current)))}.${encode(bytes)}`
    return `${input}.${rs256(current.privateKey)(input)}`
  })(),
  'malformed',
)
const twice = (text: string, member: string) => `${text.slice(0, -1)},${member}}`
vector(
  'duplicate-sub',
  'sub twice in the payload',
  signed(
    JSON.stringify(headerOf(current)),
    twice(JSON.stringify(good), '"sub":"admin"'),
    rs256(current.privateKey),
  ),
  'malformed',
)
vector(
  'duplicate-escaped',
  'sub twice, once spelled with an escape',
  signed(
    JSON.stringify(headerOf(current)),
    twice(JSON.stringify(good), '"s\\u0075b":"admin"'),
    rs256(current.privateKey),
  ),
  'malformed',
)
vector(
  'duplicate-deep',
  'a member twice, deep inside',
  signed(
    JSON.stringify(headerOf(current)),
    twice(JSON.stringify(good), '"a":[{"b":{"c":1,"c":2}}]'),
    rs256(current.privateKey),
  ),
  'malformed',
)
vector(
  'duplicate-alg',
  'alg twice in the header',
  signed(
    twice(JSON.stringify(headerOf(current)), '"alg":"none"'),
    JSON.stringify(good),
    rs256(current.privateKey),
  ),
  'malformed',
)
vector(
  'crit',
  'a critical header that nobody understands (RFC 7515 §4.1.11)',
  token({}, { header: { crit: ['exp'] } }),
  'malformed',
)
vector(
  'crit-b64',
  'an unencoded payload (RFC 7797)',
  token({}, { header: { crit: ['b64'], b64: false } }),
  'malformed',
)

// Whose it is.
vector('issuer-unknown', 'another issuer', token({ iss: 'https://evil.example' }), 'unknown_issuer')
vector('issuer-slash', 'the issuer with a slash', token({ iss: `${issuer}/` }), 'unknown_issuer')
vector('issuer-case', 'the issuer in capitals', token({ iss: issuer.toUpperCase() }), 'unknown_issuer')
vector('issuer-missing', 'no issuer', without('iss'), 'unknown_issuer')
vector('issuer-list', 'a list with the issuer', token({ iss: [issuer] }), 'unknown_issuer')

// Algorithm, type, key, signature.
const forged = (header: Json, sign: (input: string) => string = () => ''): string =>
  signed(JSON.stringify(header), JSON.stringify(good), sign)
for (const alg of ['none', 'None', 'nOnE'])
  vector(
    `alg-${alg}`,
    'unsigned (RFC 8725 §3.1)',
    forged({ alg, typ: 'at+jwt', kid: current.kid }),
    'algorithm',
  )
vector(
  'alg-missing',
  'no algorithm',
  forged({ typ: 'at+jwt', kid: current.kid }, rs256(current.privateKey)),
  'algorithm',
)
vector(
  'alg-list',
  'a list of algorithms',
  forged({ alg: ['RS256'], typ: 'at+jwt', kid: current.kid }, rs256(current.privateKey)),
  'algorithm',
)
vector(
  'alg-hs256-public-key',
  'HMAC with the public key as its secret',
  forged({ alg: 'HS256', typ: 'at+jwt', kid: current.kid }, hs256(current.pem)),
  'algorithm',
)
vector(
  'alg-rs512',
  'a good signature of another algorithm',
  forged(headerOf(current, { alg: 'RS512' }), (input) =>
    rsaSign('sha512', Buffer.from(input), current.privateKey).toString('base64url'),
  ),
  'algorithm',
)
vector(
  'type-missing',
  'no typ',
  forged({ alg: 'RS256', kid: current.kid }, rs256(current.privateKey)),
  'type',
)
vector(
  'type-id-token',
  'an ID token in place of an access token',
  token(
    { aud: 'web', client_id: undefined, jti: undefined, nonce: 'n', at_hash: 'h' },
    { header: { typ: 'JWT' } },
  ),
  'type',
)
vector(
  'type-id-token-our-audience',
  'an ID token for our audience',
  token({}, { header: { typ: 'JWT' } }),
  'type',
)
vector(
  'type-logout-token',
  'a logout token',
  token({ events: {} }, { header: { typ: 'logout+jwt' } }),
  'type',
)
vector(
  'type-feed',
  'the revocation feed',
  feed({ aud: audience, sub: 'user-1', jti: 'x', client_id: 'web' }),
  'type',
)
vector('type-event', 'a security event', token({}, { header: { typ: 'secevent+jwt' } }), 'type')
vector('type-number', 'a typ that is a number', token({}, { header: { typ: 1 } }), 'type')
vector('type-allowed', 'an issuer whose access tokens say JWT', token({}, { header: { typ: 'JWT' } }), 'ok', {
  verifier: 'ID tokens too',
})
vector('kid-unknown', 'a key that the issuer never published', token({}, { key: unpublished }), 'unknown_key')
vector(
  'kid-missing',
  'no kid',
  forged({ alg: 'RS256', typ: 'at+jwt' }, rs256(current.privateKey)),
  'unknown_key',
)
vector(
  'kid-other-use',
  'a key of the set that is for encryption',
  token({}, { header: { kid: 'for-encryption' } }),
  'unknown_key',
)
vector(
  'kid-other-type',
  'a key of the set of another kind',
  token({}, { header: { kid: 'elliptic' } }),
  'unknown_key',
)
vector('kid-number', 'a kid that is a number', token({}, { header: { kid: 1 } }), 'unknown_key')
vector(
  'kid-prototype',
  'a kid that every object has',
  token({}, { header: { kid: '__proto__' } }),
  'unknown_key',
)
vector(
  'signature-empty',
  'no signature',
  part(token(), 2, () => ''),
  'signature',
)
vector(
  'signature-of-another-key',
  'another key under a known kid',
  token({}, { key: unpublished, header: { kid: current.kid } }),
  'signature',
)
vector(
  'signature-of-another-token',
  'another token’s signature',
  part(token(), 2, () => token({ jti: 'x' }).split('.')[2] ?? ''),
  'signature',
)
vector(
  'signature-short',
  'half a signature',
  part(token(), 2, (each) => each.slice(0, 172)),
  'signature',
)
vector(
  'payload-changed',
  'one claim changed after signing',
  part(token(), 1, () => encode(JSON.stringify({ ...good, sub: 'admin' }))),
  'signature',
)
vector(
  'header-changed',
  'one header member added after signing',
  part(token(), 0, () => encode(JSON.stringify(headerOf(current, { x: 1 })))),
  'signature',
)

// Claims.
for (const claim of ['exp', 'iat', 'sub', 'jti', 'client_id'])
  vector(`claims-no-${claim}`, `no ${claim}`, without(claim), 'claims')
for (const [id, says, claims] of [
  ['exp-text', 'exp as text', { exp: String(now + 500) }],
  ['exp-null', 'exp null', { exp: null }],
  ['iat-text', 'iat as text', { iat: String(now) }],
  ['nbf-text', 'nbf as text', { nbf: String(now - 10) }],
  ['sub-number', 'sub as a number', { sub: 1 }],
  ['sub-empty', 'an empty sub', { sub: '' }],
  ['jti-number', 'jti as a number', { jti: 1 }],
  ['sid-number', 'sid as a number', { sid: 1 }],
  ['client-list', 'client_id as a list', { client_id: ['web'] }],
] as const)
  vector(`claims-${id}`, says, token(claims), 'claims')
for (const [id, says, aud] of [
  ['other', 'for another API', 'https://other.example'],
  ['client', 'for the client', 'web'],
  ['missing', 'for nobody', undefined],
  ['empty', 'for an empty list', []],
  ['prefix', 'ours with more behind it', `${audience}/v2`],
  ['slash', 'ours with a slash', `${audience}/`],
  ['object', 'an object', { [audience]: true }],
] as const)
  vector(`audience-${id}`, says, token({ aud }), 'audience')

// Time.
vector('expired', 'expired beyond the leeway', token({ exp: now - 11 }), 'expired')
vector('expired-edge', 'exp is the first moment at which it is dead', token({ exp: now - 10 }), 'expired')
vector('expired-no-leeway', 'expired this second, without leeway', token({ exp: now }), 'expired', {
  verifier: 'no leeway',
})
vector('alive-no-leeway', 'the last second, without leeway', token({ exp: now + 1 }), 'ok', {
  verifier: 'no leeway',
})
vector('future-iat', 'issued in the future', token({ iat: now + 11 }), 'not_yet_valid')
vector('future-iat-edge', 'issued as far ahead as the leeway', token({ iat: now + 10 }), 'ok')
vector('future-nbf', 'not valid yet', token({ nbf: now + 11 }), 'not_yet_valid')

// Revocation.
vector('revoked-jti', 'this token', token({ jti: 'token-revoked' }), 'revoked')
vector('revoked-sid', 'its session', token({ sid: 'family-revoked' }), 'revoked')
vector(
  'revoked-sub',
  'its person, a minute before the cut-off',
  token({ sub: 'user-signed-out', iat: now - 160 }),
  'revoked',
)
vector(
  'revoked-sub-same-second',
  'its person, in the second of the cut-off (E3)',
  token({ sub: 'user-signed-out' }),
  'revoked',
)
vector(
  'signed-in-again',
  'the person signed in after the cut-off',
  token({ sub: 'user-signed-out', iat: now - 99 }),
  'ok',
  {
    expect: { subject: 'user-signed-out' },
  },
)
vector('revoked-client', 'its client was deleted', token({ client_id: 'client-deleted' }), 'revoked')
vector(
  'client-made-again',
  'a token after the client’s cut-off',
  token({ client_id: 'client-deleted', iat: now - 49 }),
  'ok',
)
vector(
  'revoked-client-wholly',
  'an entry without a cut-off means every token',
  token({ client_id: 'client-barred', iat: now }),
  'revoked',
)
vector(
  'killed-key',
  'signed by a key that was killed, though the keys we have still show it',
  token({}, { key: killed }),
  'revoked',
)
vector(
  'other-kind',
  'the jti of this token is the revoked sid: another name',
  token({ jti: 'family-revoked' }),
  'ok',
)
vector('no-feed-wanted', 'a verifier that does not read the feed', token({ jti: 'token-revoked' }), 'ok', {
  verifier: 'no feed wanted',
})

// The age of the feed, and feeds that are none.
vector('stores-down-fresh', 'a feed 200 s old is young enough', token(), 'ok', {
  verifier: 'stores down for 200 s',
})
vector('stores-down-revoked', 'an old feed still revokes', token({ jti: 'token-revoked' }), 'revoked', {
  verifier: 'stores down for 400 s',
})
for (const each of Object.keys(worlds).filter(
  (each) => !['normal', 'stores down for 200 s', 'metadata of another issuer', 'nothing'].includes(each),
)) {
  const id = each.replaceAll(' ', '-')
  vector(`stale-${id}`, `${each}: refuses`, token(), 'stale', { verifier: each })
  vector(`stale-${id}-accepted`, `${each}: accepts`, token(), 'ok', { verifier: `${each}, accepting` })
  vector(
    `stale-${id}-still-checked`,
    `${each}: accepts, but not everything`,
    token({ aud: 'web' }),
    'audience',
    {
      verifier: `${each}, accepting`,
    },
  )
}
for (const each of ['nothing', 'metadata of another issuer'])
  for (const verifier of [each, `${each}, accepting`])
    vector(
      `unavailable-${verifier.replaceAll(/\W+/g, '-')}`,
      `${verifier}: no keys, no judgement`,
      token(),
      'unavailable',
      {
        verifier,
      },
    )

// What a route needs.
vector('scope-ok', 'has the scope', token(), 'ok', { needs: { scopes: ['notes:read'] } })
vector('scope-both', 'has one of two scopes', token(), 'insufficient_scope', {
  needs: { scopes: ['notes:read', 'notes:write'] },
  expect: { scope: 'notes:read notes:write' },
})
vector('scope-prefix', 'a scope is no prefix', token(), 'insufficient_scope', {
  needs: { scopes: ['notes'] },
  expect: { scope: 'notes' },
})
vector('scope-text-only', 'an issuer that sends scope alone', token({ scopes: undefined }), 'ok', {
  needs: { scopes: ['notes:read'] },
})
vector(
  'scope-none',
  'a token without scopes',
  token({ scopes: undefined, scope: undefined }),
  'insufficient_scope',
  {
    needs: { scopes: ['openid'] },
    expect: { scope: 'openid' },
  },
)
vector(
  'scope-odd',
  'scopes that are no list of strings are none',
  token({ scopes: { openid: true } }),
  'insufficient_scope',
  {
    needs: { scopes: ['openid'] },
    expect: { scope: 'openid' },
  },
)
vector('role-one-of', 'has one of the roles', token(), 'ok', { needs: { roles: ['admin', 'editor'] } })
vector('role-none', 'has none of them', token(), 'insufficient_scope', {
  needs: { roles: ['admin', 'owner'] },
})
vector('role-text', 'roles as text are no roles', token({ roles: 'admin' }), 'insufficient_scope', {
  needs: { roles: ['admin'] },
})
vector('role-prefix', 'a role is no prefix', token({ roles: ['administrator'] }), 'insufficient_scope', {
  needs: { roles: ['admin'] },
})
vector('needs-both', 'the role but not the scope', token(), 'insufficient_scope', {
  needs: { roles: ['editor'], scopes: ['notes:write'] },
  expect: { scope: 'notes:write' },
})
vector('needs-after-revocation', 'revoked and without the role', token({ jti: 'token-revoked' }), 'revoked', {
  needs: { roles: ['admin'] },
})

// Several issuers, one of them with a shared secret and an end.
const old = (claims: Json, secret = sharedSecret, header: Json = { alg: 'HS256', typ: 'JWT' }): string =>
  signed(JSON.stringify(header), JSON.stringify(claims), hs256(secret))
const oldClaims = { iss: legacy, sub: 'user-7', exp: now + 500, iat: now - 100 }
const migration = { verifier: 'migration' }
const nameless = { token_type: 'access', user_id: 7, exp: now + 500, jti: 'x' }
vector('migration-new', 'the new issuer’s tokens count', token(), 'ok', migration)
vector('migration-old', 'the old issuer’s tokens count until its date', old(oldClaims), 'ok', {
  ...migration,
  expect: { subject: 'user-7' },
})
vector('migration-old-no-typ', 'without a typ too', old(oldClaims, sharedSecret, { alg: 'HS256' }), 'ok', {
  ...migration,
  expect: { subject: 'user-7' },
})
vector(
  'migration-old-typ',
  'but not as another kind of token',
  old(oldClaims, sharedSecret, { alg: 'HS256', typ: 'at+jwt' }),
  'type',
  migration,
)
vector(
  'migration-nameless',
  'tokens that name no issuer, with a numeric user',
  old(nameless, `${sharedSecret}-2`),
  'ok',
  {
    ...migration,
    expect: { subject: '7' },
  },
)
vector(
  'migration-nameless-other-secret',
  'signed with the secret of the other',
  old(nameless),
  'signature',
  migration,
)
vector(
  'migration-nameless-no-user',
  'no user in it',
  old({ ...nameless, user_id: undefined }, `${sharedSecret}-2`),
  'claims',
  migration,
)
vector(
  'migration-old-no-exp',
  'an old token that never expires',
  old({ ...oldClaims, exp: undefined }),
  'claims',
  migration,
)
vector(
  'migration-old-expired',
  'an old token that has expired',
  old({ ...oldClaims, exp: now - 11 }),
  'expired',
  migration,
)
vector(
  'migration-old-signature',
  'another secret',
  old(oldClaims, 'another-secret-that-nobody-configured-here'),
  'signature',
  migration,
)
vector(
  'migration-old-rs256',
  'the old issuer’s name under the new issuer’s key',
  token({ iss: legacy }),
  'algorithm',
  migration,
)
vector(
  'migration-new-hs256',
  'the new issuer’s name under the shared secret',
  old({ ...good }, sharedSecret),
  'algorithm',
  migration,
)
vector(
  'migration-new-hs256-at',
  'the same with typ and kid',
  old({ ...good }, sharedSecret, { alg: 'HS256', typ: 'at+jwt', kid: current.kid }),
  'algorithm',
  migration,
)
vector(
  'migration-old-none',
  'unsigned',
  signed(JSON.stringify({ alg: 'none', typ: 'JWT' }), JSON.stringify(oldClaims), () => ''),
  'algorithm',
  migration,
)
vector(
  'migration-audience',
  'an audience is checked if one is set',
  old({ ...oldClaims, aud: 'old-api' }),
  'ok',
  {
    verifier: 'migration with an audience',
    expect: { subject: 'user-7' },
  },
)
vector('migration-audience-other', 'and must be there', old(oldClaims), 'audience', {
  verifier: 'migration with an audience',
})
vector('migration-over', 'from the date on its tokens are nobody’s', old(oldClaims), 'unknown_issuer', {
  verifier: 'migration that is over',
})
vector('migration-over-new', 'the new issuer goes on', token(), 'ok', { verifier: 'migration that is over' })
vector(
  'migration-last-second',
  'the last second before the date',
  old({ ...oldClaims, exp: now + 2000, iat: now }),
  'ok',
  {
    ...migration,
    now: now + 999,
    expect: { subject: 'user-7' },
  },
)
vector(
  'alg-confusion-across-issuers',
  'a shared secret that is the public key opens nothing for the other issuer',
  forged({ alg: 'HS256', typ: 'at+jwt', kid: current.kid }, hs256(current.pem)),
  'algorithm',
  { verifier: 'the public key as a secret' },
)

const ids = vectors.map(({ id }) => id)
const repeated = ids.filter((id, at) => ids.indexOf(id) !== at)
if (repeated.length > 0) throw new Error(`twice: ${repeated.join(', ')}`)
const used = new Set(vectors.map(({ verifier }) => verifier))
const kept = Object.fromEntries(Object.entries(verifiers).filter(([each]) => used.has(each)))
writeFileSync(
  new URL('corpus.json', import.meta.url),
  `${JSON.stringify({ format: 1, worlds, verifiers: kept, vectors }, null, 1)}\n`,
)
process.stdout.write(`${vectors.length} vectors\n`)
