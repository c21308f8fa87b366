// Runs the steps of docs/migrate-from-*.md: with a real Django and SimpleJWT, with an HS256 secret and with
// an RSA key from the old system.
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
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

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../harness/free-port.ts'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { removeFolder, type Service, serve, temporaryFolder } from '../../harness/process.ts'

import { createVerifier } from '../../verifiers/node/src/verifier.js'

const examples = new URL('..', import.meta.url).pathname
const python = join(tmpdir(), 'dojang-examples-python')
const docs = new URL('../../docs/', import.meta.url)
/** The API's name in the guides. */
const audience = 'https://api.example.com'
const password = 'wipe cactus ninety plaster'

let installation: Installation
let folder: string

/** The code block of a document that begins with the comment `# file`. */
const block = (document: string, file: string): string => {
  const text = readFileSync(new URL(document, docs), 'utf8')
  const [, code] = new RegExp(`\`\`\`python\n(# ${file}\n[\\s\\S]*?)\`\`\``).exec(text) ?? []
  if (code === undefined) throw new Error(`${document} has no code block for ${file}`)
  return code
}

beforeAll(async () => {
  execFileSync('python3', ['-m', 'venv', python])
  const install = ['install', '--quiet', '-r', 'requirements.txt', 'djangorestframework-simplejwt==5.5.1']
  execFileSync(join(python, 'bin/pip'), install, { cwd: join(examples, 'django'), stdio: 'pipe' })
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

describe('docs/migrate-from-simplejwt.md', () => {
  const guide = 'migrate-from-simplejwt.md'
  const secretKey = randomBytes(32).toString('hex')
  let project: string
  let service: Service | undefined

  const environment = () => ({ DATABASE: join(folder, 'django.sqlite3'), SECRET_KEY: secretKey })
  const manage = (args: string[], input = '') =>
    execFileSync(join(python, 'bin/python'), ['manage.py', ...args], {
      ...{ cwd: project, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] },
      env: { ...process.env, ...environment() },
    })
  /** The JSON that the last line of a Django shell's output holds. */
  const shell = (lines: string[]): unknown =>
    JSON.parse(
      manage(['shell'], ['import json', ...lines].join('\n'))
        .trim()
        .split('\n')
        .at(-1) ?? '',
    )
  const oldToken = (kind: 'AccessToken' | 'RefreshToken', username: string) =>
    shell([
      'from django.contrib.auth import get_user_model',
      `from rest_framework_simplejwt.tokens import ${kind} as Token`,
      `user = get_user_model().objects.get(username=${JSON.stringify(username)})`,
      'print(json.dumps(str(Token.for_user(user))))',
    ]) as string
  const rows = () =>
    shell([
      'from django.contrib.auth import get_user_model',
      'print(json.dumps(list(get_user_model().objects.order_by("pk").values_list("pk", "username"))))',
    ])
  const ask = async (path: string, token: string, method = 'GET') => {
    const response = await fetch(`${service?.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    })
    return { status: response.status, json: await response.json() }
  }

  const oldRows = [
    [1, 'hong'],
    [2, 'boss'],
    [3, 'gone'],
    // This name is the primary key of another person.
    [4, '1'],
    [5, 'social'],
  ]

  beforeAll(() => {
    project = join(folder, 'project')
    cpSync(join(examples, 'django'), project, { recursive: true })
    // The old project does not know Dojang yet.
    const settings = join(project, 'shop/settings.py')
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('    "dojang_verifier.django",\n', ''))
    manage(['migrate', '--verbosity', '0'])
    const created = [
      '"hong", "hong@example.com", password, first_name="길동", last_name="홍"',
      '"boss", "boss@example.com", password, is_staff=True',
      '"gone", "gone@example.com", password, is_active=False',
      '"1", "stranger@example.com", password',
      '"social", "", None',
    ].map((fields) => `get_user_model().objects.create_user(${fields})`)
    manage(
      ['shell'],
      [
        'from django.contrib.auth import get_user_model',
        `password = ${JSON.stringify(password)}`,
        ...created,
      ].join('\n'),
    )
    expect(rows()).toEqual(oldRows)
  })
  afterAll(() => service?.stop())

  test('the import keeps passwords and roles, and access tokens carry the old ids', async () => {
    manage(['shell'], block(guide, 'export_users.py'))
    const file = join(project, 'users.jsonl')
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(4)
    expect((await installation.run(['roles', 'create', 'admin'])).code).toBe(0)
    expect((await installation.run(['users', 'import', file, '--check'])).code).toBe(0)
    expect((await signIn('hong@example.com')).status).toBe(401)
    const first = await installation.run(['users', 'import', file, '--json'])
    expect(first).toMatchObject({ code: 0, json: { created: 4, skipped: 0 } })
    // The second run skips the people who were imported.
    const second = await installation.run(['users', 'import', file, '--json'])
    expect(second).toMatchObject({ code: 0, json: { created: 0, skipped: 4 } })

    const claim = ['apis', 'create', audience, '--name', 'API', '--claim', 'legacy_id']
    expect((await installation.run(claim)).code).toBe(0)
    const verifier = createVerifier({ issuer: installation.url, audience })
    try {
      const { status, json } = await signIn('hong@example.com')
      expect(status).toBe(200)
      expect(Object.keys(json)).toEqual(expect.arrayContaining(['access', 'refresh']))
      expect((await verifier.verify(json.access)).claims.legacy_id).toBe('1')
      const boss = await verifier.verify((await signIn('boss@example.com')).json.access, { roles: ['admin'] })
      expect(boss.claims.legacy_id).toBe('2')
      expect((await signIn('gone@example.com')).status).toBe(401)
      // A user name works as the login, too.
      expect((await signIn('hong')).status).toBe(200)
    } finally {
      verifier.stop()
    }
  })

  test('the export script stops at two users with the same e-mail address', () => {
    const change = (email: string) =>
      manage(
        ['shell'],
        `from django.contrib.auth import get_user_model\nget_user_model().objects.filter(pk=4).update(email="${email}")`,
      )
    change('HONG@example.com')
    try {
      expect(() => manage(['shell'], block(guide, 'export_users.py'))).toThrow('Users 1 and 4 have the same')
    } finally {
      change('stranger@example.com')
    }
  })

  test('Django starts with the code blocks of the guide', async () => {
    appendFileSync(join(project, 'shop/settings.py'), block(guide, 'shop/settings.py'))
    appendFileSync(join(project, 'shop/urls.py'), block(guide, 'shop/urls.py'))
    const auth = block(guide, 'shop/auth.py')
    expect(auth).toContain('"https://id.example.com"')
    expect(auth).toContain('datetime(2027, 1, 31')
    const atThisIssuer = auth.replace('https://id.example.com', installation.url)
    const year = new Date().getUTCFullYear() + 1
    writeFileSync(join(project, 'shop/auth.py'), atThisIssuer.replace('datetime(2027,', `datetime(${year},`))
    writeFileSync(join(project, 'shop/join.py'), block(guide, 'shop/join.py'))
    manage(['migrate', 'dojang_verifier', '--verbosity', '0'])

    const address = `127.0.0.1:${await freePort()}`
    const words = Object.entries(environment()).map(([name, value]) => `${name}=${value}`)
    words.push(join(python, 'bin/python'), 'manage.py', 'runserver', '--noreload', address)
    const answers = async () => (await fetch(`http://${address}`).catch(() => undefined))?.status === 200
    const child = await serve('env', words, { cwd: project, stopSignal: 'SIGTERM' }, answers)
    service = { url: `http://${address}`, ...child }
  })

  test('an old and a new token open the same row, and never the row of another person', async () => {
    for (const [login, username, pk] of [
      ['hong@example.com', 'hong', 1],
      ['stranger@example.com', '1', 4],
    ] as const) {
      const { access } = (await signIn(login)).json
      expect(await ask('/me', access), login).toMatchObject({ status: 200, json: { user: pk } })
      const old = oldToken('AccessToken', username)
      expect(await ask('/me', old), login).toMatchObject({ status: 200, json: { user: pk } })
    }
    expect(rows()).toEqual(oldRows)
  })

  test('Django rejects an old refresh token and an old token of a deactivated user', async () => {
    for (const token of [oldToken('RefreshToken', 'hong'), oldToken('AccessToken', 'gone')])
      expect(await ask('/me', token)).toEqual({ status: 401, json: { error: 'invalid_token' } })
  })

  test('a person who signed up at Dojang gets one row, and only by joining', async () => {
    // The user name equals the name of an old user.
    const create = ['users', 'create', '--email', 'new@example.com', '--username', 'gone', '--password-stdin']
    expect((await installation.run(create, { input: password })).code).toBe(0)
    const { access } = (await signIn('new@example.com')).json
    expect(await ask('/me', access)).toEqual({ status: 403, json: { error: 'no_local_user' } })
    expect(rows()).toEqual(oldRows)
    for (let attempt = 0; attempt < 2; attempt += 1)
      expect(await ask('/join', access, 'POST')).toEqual({ status: 201, json: { id: 6 } })
    expect(await ask('/me', access)).toMatchObject({ status: 200, json: { user: 6 } })
    const imported = (await signIn('hong@example.com')).json.access
    expect(await ask('/join', imported, 'POST')).toEqual({ status: 201, json: { id: 1 } })
    expect(rows()).toHaveLength(oldRows.length + 1)
  })
})

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
