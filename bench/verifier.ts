// node bench/verifier.ts: measures how long @dojang/verifier takes for one request,
// and how much of that time it spends outside the signature check.
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { compactVerify, exportJWK, importJWK } from 'jose'
import { createVerifier } from '../verifiers/node/src/verifier.js'

const issuer = 'https://id.example'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256', use: 'sig' }
const seconds = () => Math.floor(Date.now() / 1000)

const jwt = (header: object, payload: object): string => {
  const input = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`
}

/** A large revocation feed: 10,000 entries, 2,000 of each kind. */
const revoked = Object.fromEntries(
  ['jti', 'sid', 'sub', 'client_id', 'kid'].map((kind) => [
    kind,
    Object.fromEntries(
      Array.from({ length: 2000 }, (_, at) => [
        createHash('sha256').update(`${kind}${at}`).digest().subarray(0, 16).toString('base64url'),
        { exp: seconds() + 3600 },
      ]),
    ),
  ]),
)
const bodies: Record<string, string> = {
  '/.well-known/openid-configuration': JSON.stringify({
    issuer,
    jwks_uri: `${issuer}/keys`,
    revocations_uri: `${issuer}/revocations`,
  }),
  '/keys': JSON.stringify({ keys: [jwk] }),
  '/revocations': jwt(
    { alg: 'RS256', typ: 'revocations+jwt', kid: 'k' },
    {
      iss: issuer,
      iat: seconds(),
      exp: seconds() + 300,
      ttl: 5,
      as_of: seconds(),
      cursor: '1',
      full: true,
      revoked,
    },
  ),
}

const verifier = createVerifier({
  issuer,
  audience: 'https://api.example',
  fetch: async (url) => new Response(bodies[new URL(url).pathname] ?? '', { status: 200 }),
})
await verifier.start()

const token = jwt(
  { alg: 'RS256', typ: 'at+jwt', kid: 'k' },
  {
    iss: issuer,
    sub: 'user-1',
    aud: 'https://api.example',
    exp: seconds() + 500,
    iat: seconds(),
    jti: 'token-1',
    client_id: 'web',
    sid: 'family-1',
    scope: 'openid',
    roles: ['user'],
  },
)
const key = await importJWK(jwk, 'RS256')

const rounds = 2000
/** The median duration of a call in microseconds. The calls run one after another. */
const medianMicroseconds = async (call: () => Promise<unknown>): Promise<number> => {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now()
    await call()
    times.push((performance.now() - start) * 1000)
  }
  return times.sort((a, b) => a - b)[rounds / 2] ?? Number.NaN
}

const checkSignature = () => compactVerify(token, key, { algorithms: ['RS256'] })
const checkRequest = () => verifier.authenticate(`Bearer ${token}`, { scopes: ['openid'], roles: ['user'] })
// A first run of both warms up the code. The second run counts.
await medianMicroseconds(checkSignature)
await medianMicroseconds(checkRequest)
const [signatureUs, requestUs] = [
  await medianMicroseconds(checkSignature),
  await medianMicroseconds(checkRequest),
]
console.log(`signature only   ${signatureUs.toFixed(0)} µs`)
console.log(`whole request    ${requestUs.toFixed(0)} µs`)
console.log(`difference       ${(requestUs - signatureUs).toFixed(0)} µs`)
verifier.stop()
