// The facts that docs/migrate-from-*.md state about legacy issuers: an HS256 secret, and an imported RSA key.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  calculateJwkThumbprint,
  createRemoteJWKSet,
  decodeProtectedHeader,
  exportJWK,
  importPKCS8,
  jwtVerify,
  SignJWT,
} from 'jose'

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { removeFolder, temporaryFolder } from '../../harness/process.ts'

import { createVerifier } from '../../verifiers/node/src/verifier.js'

/** The API's name in the guides. */
const audience = 'https://api.example.com'
const password = 'wipe cactus ninety plaster'

let installation: Installation
let folder: string

beforeAll(async () => {
  folder = temporaryFolder()
  installation = await newInstallation({ DEFAULT_AUDIENCE: audience, REGISTRATION: 'off' })
  await installation.serve()
})
afterAll(async () => {
  await installation?.remove()
  removeFolder(folder)
})

const signIn = async (login: string) => {
  const response = await fetch(`${installation.url}/api/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(login.includes('@') ? { email: login, password } : { username: login, password }),
  })
  return { status: response.status, json: (await response.json()) as { access: string; refresh: string } }
}

test('a verifier accepts tokens of the old secret until its date', async () => {
  const secret = randomBytes(32).toString('hex')
  const key = new TextEncoder().encode(secret)
  const old = await new SignJWT({ user_id: 7, token_type: 'access' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(key)
  const until = new Date(Date.now() + 60_000)
  const create = (now?: () => Date) =>
    createVerifier({
      audience,
      issuer: [installation.url, { secret, until, subjectClaim: 'user_id' }],
      ...(now && { now }),
    })
  const verifier = create()
  const later = create(() => new Date(until.getTime() + 1))
  try {
    expect((await verifier.verify(old)).subject).toBe('7')
    await expect(later.verify(old)).rejects.toMatchObject({ verdict: 'unknown_issuer' })
  } finally {
    verifier.stop()
    later.stop()
  }
})

test('the JWKS publishes an imported RSA key, and a verifier accepts its old tokens', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const file = join(folder, 'private.pem')
  writeFileSync(file, pem, { mode: 0o600 })
  const signing = await importPKCS8(pem, 'RS256', { extractable: true })
  const { kty, n, e } = await exportJWK(signing)
  const kid = await calculateJwkThumbprint({ kty, n, e } as never)
  const oldToken = (header: Record<string, string>) =>
    new SignJWT({ sub: '7', jti: 'j-1', client_id: 'old' })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...header })
      .setIssuer('https://old.example.com')
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(signing)

  expect((await installation.run(['keys', 'import', file])).code).toBe(0)
  const jwksUri = `${installation.url}/.well-known/jwks.json`
  // The running server notices the imported key within a second.
  await expect.poll(async () => (await fetch(jwksUri)).text(), { timeout: 15_000 }).toContain(kid)
  const remote = createRemoteJWKSet(new URL(jwksUri))
  const { payload } = await jwtVerify(await oldToken({ kid }), remote, {
    issuer: 'https://old.example.com',
  })
  expect(payload.sub).toBe('7')

  const verifier = createVerifier({
    audience,
    issuer: [
      installation.url,
      { issuer: 'https://old.example.com', types: ['jwt'], jwksUri, revocations: false },
    ],
  })
  try {
    expect((await verifier.verify(await oldToken({ kid }))).subject).toBe('7')
    await expect(verifier.verify(await oldToken({}))).rejects.toMatchObject({ verdict: 'unknown_key' })
    // An imported key does not sign until it is activated.
    const user = ['users', 'create', '--email', 'newer@example.com', '--password-stdin']
    expect((await installation.run(user, { input: password })).code).toBe(0)
    const { status, json } = await signIn('newer@example.com')
    expect(status).toBe(200)
    expect(decodeProtectedHeader(json.access).kid).not.toBe(kid)
    await verifier.verify(json.access)
  } finally {
    verifier.stop()
  }
})
