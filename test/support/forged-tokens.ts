// Tokens that nobody may be let in with: made from genuine ones of an issuer, in every way a forger would try.
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { headerOf } from './issuer.ts'

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const signed = (header: object, claims: object, key: KeyObject): string => {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}

const keyed = (header: object, claims: object, secret: string): string => {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** @param publicPem of the key that signed `accessToken`: the secret of an HS256 forger */
export const forgedAccessTokens = (genuine: {
  accessToken: string
  claims: Record<string, unknown>
  publicPem: string
}): Record<string, string> => {
  const { accessToken, claims, publicPem } = genuine
  const header = headerOf(accessToken)
  const [head = '', , signature = ''] = accessToken.split('.')
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const more = { ...claims, roles: ['admin'], exp: 9_999_999_999 }
  return {
    'alg none': `${encode({ ...header, alg: 'none' })}.${encode(more)}.`,
    'HS256 keyed with the public key': keyed({ ...header, alg: 'HS256' }, more, publicPem),
    'another key under our kid': signed(header, more, stranger),
    'another key with itself in the header': signed(
      {
        ...header,
        jwk: generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }),
      },
      more,
      stranger,
    ),
    'an unknown kid': signed({ ...header, kid: 'nobody' }, more, stranger),
    'no kid': signed({ alg: 'RS256', typ: 'at+jwt' }, more, stranger),
    'other claims under the same signature': `${head}.${encode(more)}.${signature}`,
    'no signature': accessToken.replace(/\.[^.]*$/, '.'),
    'half a signature': accessToken.slice(0, -100),
    'two parts': accessToken.split('.').slice(0, 2).join('.'),
    'no JSON': `${Buffer.from('{"alg":').toString('base64url')}.${encode(more)}.${signature}`,
    'as long as a header may be': `${head}.${'A'.repeat(7000)}.${signature}`,
    nothing: '',
    'a word': 'token',
  }
}
