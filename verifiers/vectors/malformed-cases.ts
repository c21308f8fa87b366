// Authorization headers without a bearer token, and texts that are not a well-formed JWT.
import {
  accessToken,
  base64url,
  changePart,
  currentKey,
  headerOf,
  type Json,
  signRaw,
  validClaims,
} from './tokens.ts'
import { headerVector, type Vector, vector } from './vector.ts'

const missingTokens: Vector[] = [
  headerVector('missing', 'rejects a request without an Authorization header', null, 'missing'),
  headerVector('missing-other-scheme', 'rejects the scheme Basic', 'Basic d2ViOnNlY3JldA==', 'missing'),
  headerVector('missing-nothing-after', 'rejects the scheme without a token', 'Bearer', 'missing'),
  headerVector(
    'missing-only-space',
    'rejects the scheme with a space but without a token',
    'Bearer ',
    'missing',
  ),
]

const nextBase64Character = (letter: string): string =>
  letter === 'A' ? 'B' : String.fromCharCode(letter.charCodeAt(0) + 1)

const malformedParts: Vector[] = [
  headerVector(
    'malformed-two-tokens',
    'rejects two tokens in one header',
    `Bearer ${accessToken()} ${accessToken()}`,
    'malformed',
  ),
  headerVector(
    'malformed-comma',
    'rejects two Authorization headers joined by a comma',
    `Bearer ${accessToken()}, Bearer ${accessToken()}`,
    'malformed',
  ),
  vector(
    'too-large',
    'rejects a token of 8,193 characters',
    accessToken({ pad: 'x'.repeat(6000) })
      .padEnd(8193, 'A')
      .slice(0, 8193),
    'too_large',
  ),
  vector('malformed-word', 'rejects a text that is not a JWT', 'not-a-token', 'malformed'),
  vector(
    'malformed-two-parts',
    'rejects a token without the signature part',
    accessToken().split('.').slice(0, 2).join('.'),
    'malformed',
  ),
  vector(
    'malformed-five-parts',
    'rejects a token with five parts, like an encrypted token',
    `${accessToken()}.AAAA.AAAA`,
    'malformed',
  ),
  vector(
    'malformed-empty-header',
    'rejects an empty header',
    changePart(accessToken(), 'header', () => ''),
    'malformed',
  ),
  vector(
    'malformed-padding',
    'rejects base64url with padding',
    changePart(accessToken(), 'signature', (part) => `${part}==`),
    'malformed',
  ),
  vector(
    'malformed-alphabet',
    'rejects the + and / of plain base64',
    changePart(accessToken(), 'payload', (part) => `+/${part.slice(2)}`),
    'malformed',
  ),
  vector(
    'malformed-length',
    'rejects base64url of an impossible length',
    changePart(accessToken(), 'header', () => base64url('{"alg":"RS256"}').slice(0, 17)),
    'malformed',
  ),
  vector(
    'malformed-trailing-bits',
    'rejects base64url whose unused last bits are not zero',
    changePart(
      accessToken(),
      'signature',
      (part) => `${part.slice(0, -1)}${nextBase64Character(part.slice(-1))}`,
    ),
    'malformed',
  ),
]

const header = JSON.stringify(headerOf(currentKey))
const payload = JSON.stringify(validClaims)

const invalidPayloads: Record<string, { says: string; text: string }> = {
  array: { says: 'rejects a payload that is a JSON array', text: '[]' },
  null: { says: 'rejects a payload that is JSON null', text: 'null' },
  text: { says: 'rejects a payload that is a JSON string', text: '"claims"' },
  broken: { says: 'rejects a payload with incomplete JSON', text: '{"iss":' },
  comma: { says: 'rejects a payload with a trailing comma', text: `${payload.slice(0, -1)},}` },
  'two-values': { says: 'rejects a payload of two JSON objects', text: `${payload}{}` },
}

const payloadWithBrokenUtf8 = (): Buffer => {
  const bytes = Buffer.from(JSON.stringify({ ...validClaims, name: '?' }))
  bytes[bytes.lastIndexOf('?')] = 0xff
  return bytes
}

const invalidJson: Vector[] = [
  vector(
    'malformed-header-text',
    'rejects a header that is not JSON',
    signRaw('RS256', payload),
    'malformed',
  ),
  ...Object.entries(invalidPayloads).map(([id, { says, text }]) =>
    vector(`malformed-payload-${id}`, says, signRaw(header, text), 'malformed'),
  ),
  vector(
    'malformed-utf8',
    'rejects a payload with broken UTF-8',
    signRaw(header, payloadWithBrokenUtf8()),
    'malformed',
  ),
]

const withMember = (object: string, member: string): string => `${object.slice(0, -1)},${member}}`

const duplicateMembers: Vector[] = [
  vector(
    'duplicate-sub',
    'rejects a payload with two sub members',
    signRaw(header, withMember(payload, '"sub":"admin"')),
    'malformed',
  ),
  vector(
    'duplicate-escaped',
    'rejects a second sub member written with an escape',
    signRaw(header, withMember(payload, '"s\\u0075b":"admin"')),
    'malformed',
  ),
  vector(
    'duplicate-deep',
    'rejects a duplicate member in a nested object',
    signRaw(header, withMember(payload, '"a":[{"b":{"c":1,"c":2}}]')),
    'malformed',
  ),
  vector(
    'duplicate-alg',
    'rejects a header with two alg members',
    signRaw(withMember(header, '"alg":"none"'), payload),
    'malformed',
  ),
]

const tokenWithCritical = (more: Json) => accessToken({}, { header: more })

const criticalHeaders: Vector[] = [
  vector(
    'crit',
    'rejects a crit header, because no extension is supported (RFC 7515 §4.1.11)',
    tokenWithCritical({ crit: ['exp'] }),
    'malformed',
  ),
  vector(
    'crit-b64',
    'rejects an unencoded payload (RFC 7797)',
    tokenWithCritical({ crit: ['b64'], b64: false }),
    'malformed',
  ),
]

export const malformedCases: Vector[] = [
  ...missingTokens,
  ...malformedParts,
  ...invalidJson,
  ...duplicateMembers,
  ...criticalHeaders,
]
