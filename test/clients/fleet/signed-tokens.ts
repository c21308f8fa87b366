// Tokens for the verifiers. The issuer signs with a key that the suite imported, so the suite can sign tokens
// that are wrong in one way only.
import { createHmac, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeJwt, type JWTPayload, SignJWT } from 'jose'
import type { Installation } from '../../../harness/installation.ts'

export interface ImportedKey {
  kid: string
  privateKey: KeyObject
  publicPem: string
}

/** Imports a new key, which is published and does not sign yet. */
export const importKey = async ({ folder, command }: Installation): Promise<ImportedKey> => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const file = join(folder, 'imported.pem')
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const imported = await command(['keys', 'import', file, '--json'])
  if (imported.code !== 0) throw new Error(imported.stderr)
  const { kid } = imported.json as { kid: string }
  return { kid, privateKey, publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() }
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The tokens that a verifier must refuse, by the words of the page. */
export const wrongTokens = async (
  { kid, privateKey, publicPem }: ImportedKey,
  accessToken: string,
  idToken: string,
): Promise<Map<string, string>> => {
  const claims = decodeJwt(accessToken)
  const sign = (changes: JWTPayload, typ = 'at+jwt') =>
    new SignJWT({ ...claims, jti: randomUUID(), ...changes })
      .setProtectedHeader({ alg: 'RS256', typ, kid })
      .sign(privateKey)
  const [header = '', , signature = ''] = accessToken.split('.')
  const unsigned = `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode(claims)}`
  const withPublicKey = `${encode({ alg: 'HS256', typ: 'at+jwt', kid })}.${encode(claims)}`
  const mac = createHmac('sha256', publicPem).update(withPublicKey).digest('base64url')
  const hour = 3600
  const issuedAt = Number(claims.iat)
  return new Map([
    ['an ID token', idToken],
    ['another type', await sign({}, 'JWT')],
    ['another API', await sign({ aud: 'https://other.example.com' })],
    ['another issuer', await sign({ iss: 'https://other.example.com' })],
    ['an expired token', await sign({ iat: issuedAt - 2 * hour, exp: issuedAt - hour })],
    ['a changed token', `${header}.${encode({ ...claims, sub: 'someone-else' })}.${signature}`],
    ['no signature', `${unsigned}.`],
    ['the public key as a secret', `${withPublicKey}.${mac}`],
  ])
}
