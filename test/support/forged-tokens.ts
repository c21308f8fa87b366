// Forged access tokens that every verifier must reject. Most are made from a genuine token.
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { headerOf } from './issuer.ts'

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const signed = (header: object, claims: object, key: KeyObject): string => {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}

const signedWithSecret = (header: object, claims: object, secret: string): string => {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** @param genuine.publicPem the public key of `accessToken`, which an HS256 forger uses as the secret */
export const forgedAccessTokens = (genuine: {
  accessToken: string
  claims: Record<string, unknown>
  publicPem: string
}): Record<string, string> => {
  const { accessToken, claims, publicPem } = genuine
  const header = headerOf(accessToken)
  const [head = '', , signature = ''] = accessToken.split('.')
  const foreignKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const forgedClaims = { ...claims, roles: ['admin'], exp: 9_999_999_999 }
  return {
    'alg none': `${encode({ ...header, alg: 'none' })}.${encode(forgedClaims)}.`,
    'HS256 with the public key as the secret': signedWithSecret(
      { ...header, alg: 'HS256' },
      forgedClaims,
      publicPem,
    ),
    'a foreign key under the genuine kid': signed(header, forgedClaims, foreignKey),
    'a foreign key in the header': signed(
      {
        ...header,
        jwk: generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }),
      },
      forgedClaims,
      foreignKey,
    ),
    'an unknown kid': signed({ ...header, kid: 'unknown' }, forgedClaims, foreignKey),
    'no kid': signed({ alg: 'RS256', typ: 'at+jwt' }, forgedClaims, foreignKey),
    'other claims under the same signature': `${head}.${encode(forgedClaims)}.${signature}`,
    'an empty signature': accessToken.replace(/\.[^.]*$/, '.'),
    'a shortened signature': accessToken.slice(0, -100),
    'no signature part': accessToken.split('.').slice(0, 2).join('.'),
    'a header that is not JSON': `${Buffer.from('{"alg":').toString('base64url')}.${encode(forgedClaims)}.${signature}`,
    'a signature of 7000 characters': `${head}.${'A'.repeat(7000)}.${signature}`,
    'an empty string': '',
    'a word': 'token',
  }
}
