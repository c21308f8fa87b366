// The steps of docs/migrate-from-*.md, taken: with a real Django's accounts, an HS256 secret, and an RSA key that signed
// before Dojang did.
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
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

const examples = new URL('..', import.meta.url).pathname
const python = join(tmpdir(), 'dojang-examples-python')
const docs = new URL('../../docs/', import.meta.url)

let installation: Installation
let folder: string
const password = 'wipe cactus ninety plaster'

/** The first code block of that language in a document. */
const block = (document: string, language: string): string =>
  new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(
    readFileSync(new URL(document, docs), 'utf8'),
  )?.[1] ?? ''

beforeAll(async () => {
  execFileSync('python3', ['-m', 'venv', python])
  const options = { cwd: join(examples, 'django'), stdio: 'pipe' } as const
  execFileSync(join(python, 'bin/pip'), ['install', '--quiet', '-r', 'requirements.txt'], options)
  folder = temporaryFolder()
  installation = await newInstallation()
  await installation.serve()
})
afterAll(async () => {
  await installation?.remove()
  removeFolder(folder)
})

const manage = (args: string[], input = '') =>
  execFileSync(join(python, 'bin/python'), ['manage.py', ...args], {
    ...{ cwd: join(examples, 'django'), input, encoding: 'utf8' },
    env: {
      ...process.env,
      DATABASE: join(folder, 'django.sqlite3'),
      SECRET_KEY: randomBytes(32).toString('hex'),
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })

const signIn = async (email: string) => {
  const response = await fetch(`${installation.url}/api/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  return { status: response.status, json: (await response.json()) as { access: string; refresh: string } }
}

test('accounts of a real Django come over by the script as printed, with their passwords, roles and old ids', async () => {
  manage(['migrate', '--verbosity', '0'])
  manage(
    ['shell'],
    [
      'from django.contrib.auth import get_user_model',
      'users = get_user_model().objects',
      `users.create_user("hong", "hong@example.com", ${JSON.stringify(password)}, first_name="길동", last_name="홍")`,
      `users.create_user("boss", "boss@example.com", ${JSON.stringify(password)}, is_staff=True)`,
      `users.create_user("gone", "gone@example.com", ${JSON.stringify(password)}, is_active=False)`,
    ].join('\n'),
  )
  const exported = manage(['shell'], block('migrate-from-simplejwt.md', 'python'))
  const lines = exported.split('\n').filter((line) => line.startsWith('{'))
  expect(lines).toHaveLength(2)
  const file = join(folder, 'users.jsonl')
  writeFileSync(file, `${lines.join('\n')}\n`)
  expect((await installation.run(['roles', 'create', 'admin'])).code).toBe(0)
  expect((await installation.run(['users', 'import', file, '--check'])).code).toBe(0)
  expect((await signIn('hong@example.com')).status).toBe(401)
  expect((await installation.run(['users', 'import', file])).code).toBe(0)
  // A second run skips who is there.
  expect((await installation.run(['users', 'import', file])).code).toBe(0)

  const api = `${installation.url}/api`
  expect(
    (await installation.run(['apis', 'create', api, '--name', 'API', '--claim', 'legacy_id'])).code,
  ).toBe(0)
  const verifier = createVerifier({ issuer: installation.url, audience: api })
  try {
    const { status, json } = await signIn('hong@example.com')
    expect(status).toBe(200)
    expect(Object.keys(json)).toEqual(expect.arrayContaining(['access', 'refresh']))
    expect((await verifier.verify(json.access)).claims.legacy_id).toBe('1')
    const boss = await verifier.verify((await signIn('boss@example.com')).json.access, { roles: ['admin'] })
    expect(boss.claims.legacy_id).toBe('2')
    expect((await signIn('gone@example.com')).status).toBe(401)
  } finally {
    verifier.stop()
  }
})

test('a service believes both: the old secret until its date, and Dojang', async () => {
  const [secret, audience] = [randomBytes(32).toString('hex'), `${installation.url}/api`]
  const key = new TextEncoder().encode(secret)
  const old = await new SignJWT({ user_id: 7, token_type: 'access' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(key)
  const until = new Date(Date.now() + 60_000)
  const making = (now?: () => Date) =>
    createVerifier({
      audience,
      issuer: [installation.url, { secret, until, subjectClaim: 'user_id' }],
      ...(now && { now }),
    })
  const verifier = making()
  const later = making(() => new Date(until.getTime() + 1))
  try {
    expect((await verifier.verify(old)).subject).toBe('7')
    await expect(later.verify(old)).rejects.toMatchObject({ verdict: 'unknown_issuer' })
  } finally {
    verifier.stop()
    later.stop()
  }
})

test('the old RSA key is published beside Dojang’s own, and tokens that it signed stay good', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const file = join(folder, 'private.pem')
  writeFileSync(file, pem, { mode: 0o600 })
  const signing = await importPKCS8(pem, 'RS256', { extractable: true })
  const { kty, n, e } = await exportJWK(signing)
  const kid = await calculateJwkThumbprint({ kty, n, e } as never)
  const outstanding = (header: Record<string, string>) =>
    new SignJWT({ sub: '7', jti: 'j-1', client_id: 'old' })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...header })
      .setIssuer('https://old.example.com')
      .setAudience('https://api.example.com')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(signing)

  expect((await installation.run(['keys', 'import', file])).code).toBe(0)
  const jwksUri = `${installation.url}/.well-known/jwks.json`
  const remote = createRemoteJWKSet(new URL(jwksUri))
  const { payload } = await jwtVerify(await outstanding({ kid }), remote, {
    issuer: 'https://old.example.com',
  })
  expect(payload.sub).toBe('7')

  const verifier = createVerifier({
    audience: 'https://api.example.com',
    issuer: [
      { issuer: installation.url, audience: `${installation.url}/api` },
      { issuer: 'https://old.example.com', types: ['jwt'], jwksUri, revocations: false },
    ],
  })
  try {
    expect((await verifier.verify(await outstanding({ kid }))).subject).toBe('7')
    await expect(verifier.verify(await outstanding({}))).rejects.toMatchObject({ verdict: 'unknown_key' })
    // The old key does not sign here until it is told to.
    const user = ['users', 'create', '--email', 'new@example.com', '--password-stdin']
    expect((await installation.run(user, { input: password })).code).toBe(0)
    const { status, json } = await signIn('new@example.com')
    expect(status).toBe(200)
    expect(decodeProtectedHeader(json.access).kid).not.toBe(kid)
    await verifier.verify(json.access)
  } finally {
    verifier.stop()
  }
})
