// Starts every example service and a real issuer, each in its own process. Tests which tokens the services
// accept and how soon they reject a token after a logout. No service calls the issuer for each request.
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Installation, newInstallation, type Served } from '../../harness/installation.ts'
import { removeFolder, type ServerProcess, temporaryFolder } from '../../harness/process.ts'
import { dojangMachine, readGuide, runShell } from './guide.ts'
import { ownExamples, ownPython } from './own-copy.ts'
import { install, printed, start } from './printed-commands.ts'

const examples = ownExamples()
const PATH = ownPython()
/** By default the verifiers reject a revoked token within this many seconds. */
const limitSeconds = 5

const services = ['fastapi', 'django', 'express', 'gin'] as const
type Name = (typeof services)[number]
/** They do not notice a logout. */
const withPemOnly = ['static-public-key', 'static-public-key in Python'] as const

const pemPage = readGuide('../examples/static-public-key/README.md')

let installation: Installation
let issuer: Served
const started = new Map<string, ServerProcess>()
const folders: string[] = []

beforeAll(async () => {
  installation = await newInstallation()
  issuer = await installation.serve()
  const dojang = async (...args: string[]) => expect((await installation.run(args)).stderr).toBe('')
  await dojang('apis', 'create', `${installation.url}/api`, '--name', 'Orders', '--scope', 'orders:read')
  await dojang('roles', 'create', 'buyer', '--scope', 'orders:read')
  await dojang('roles', 'create', 'admin')
  const own = temporaryFolder()
  folders.push(own)
  const pems = join(installation.folder, 'examples/static-public-key')
  mkdirSync(pems, { recursive: true })
  runShell(dojangMachine(installation, {}), pemPage.block('npx dojang'))

  const env = {
    PATH,
    ISSUER: installation.url,
    PEOPLE: join(own, 'people'),
    DATABASE: join(own, 'db'),
    PEM_DIR: pems,
  }
  // The first compilation takes longer than a start may take.
  execFileSync('go', ['build', '-o', join(own, 'gin'), '.'], { cwd: join(examples, 'gin'), stdio: 'pipe' })
  for (const name of [...services, ...withPemOnly]) {
    install(name, { folder: examples, env })
    started.set(name, await start(name, { folder: examples, env }))
  }
})

afterAll(async () => {
  for (const { stop } of started.values()) await stop()
  await installation?.remove()
  for (const folder of folders) removeFolder(folder)
})

interface SignedInUser {
  id: string
  accessToken: string
}

let users = 0
/** Creates a user with these roles and signs the user in. */
const signIn = async (roles: readonly string[] = ['user', 'buyer']): Promise<SignedInUser> => {
  users += 1
  const [email, password] = [`user${users}@example.com`, 'wipe cactus ninety plaster']
  const args = [
    'users',
    'create',
    '--email',
    email,
    '--password-stdin',
    '--json',
    ...roles.flatMap((role) => ['--role', role]),
  ]
  const created = await installation.run(args, { input: password })
  const response = await fetch(`${installation.url}/api/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  return {
    id: (created.json as { id: string }).id,
    accessToken: ((await response.json()) as { access: string }).access,
  }
}

const request = async (name: string, path: string, token?: string) => {
  const response = await fetch(`${started.get(name)?.url}${path}`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    json: (await response.json()) as Record<string, unknown>,
  }
}

/** Measures how many seconds pass until each service rejects the token. */
const secondsUntilRejected = async (token: string) => {
  const start = performance.now()
  const measure = async (name: Name) => {
    while ((await request(name, '/me', token)).status !== 401) {
      if (performance.now() - start > 15_000) throw new Error(`${name} still accepts the token after 15 s`)
      await sleep(50)
    }
    return [name, Math.round((performance.now() - start) / 100) / 10] as const
  }
  return Object.fromEntries(await Promise.all(services.map(measure))) as Record<Name, number>
}

describe.each([...services, ...withPemOnly])('the %s example', (name) => {
  test('accepts a valid token only with the required scope or role', async () => {
    const [buyer, admin, plainUser] = [await signIn(), await signIn(['admin']), await signIn(['user'])]
    expect((await request(name, '/me', buyer.accessToken)).json.subject).toBe(buyer.id)
    expect((await request(name, '/orders', buyer.accessToken)).status).toBe(200)
    expect((await request(name, '/admin', admin.accessToken)).status).toBe(200)
    const scope = await request(name, '/orders', plainUser.accessToken)
    expect([scope.status, scope.challenge]).toEqual([
      403,
      expect.stringContaining('error="insufficient_scope"'),
    ])
    expect((await request(name, '/admin', buyer.accessToken)).status).toBe(403)
  })

  test('answers 401 to a missing or invalid token (RFC 6750 §3)', async () => {
    const { accessToken } = await signIn()
    expect(await request(name, '/me')).toMatchObject({ status: 401, challenge: 'Bearer' })
    for (const token of [
      'x',
      `${accessToken.slice(0, -8)}AAAAAAAA`,
      accessToken.split('.').slice(0, 2).join('.'),
    ])
      expect(await request(name, '/me', token)).toMatchObject({
        status: 401,
        challenge: 'Bearer error="invalid_token"',
      })
  })
})

test('the page of the examples with PEM files prints the commands of the table', () => {
  const lines = withPemOnly.map((name) => [...printed(name).install, printed(name).start].join(' && '))
  expect(pemPage.block('npm install')).toBe(`${lines.join('\n')}\n`)
})

test.each(withPemOnly)('the %s example says in the body why it rejects a request', async (name) => {
  const detail = expect.stringMatching(/ access token/)
  expect((await request(name, '/me')).json).toMatchObject({ detail })
  expect((await request(name, '/orders', (await signIn(['user'])).accessToken)).json).toMatchObject({
    detail,
  })
})

test.each(['express', 'fastapi'])(
  'the %s example allows requests of the single-page app only',
  async (name) => {
    const preflight = async (origin: string) => {
      const headers = {
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      }
      const { headers: answered } = await fetch(`${started.get(name)?.url}/me`, {
        method: 'OPTIONS',
        headers,
      })
      return answered.get('access-control-allow-origin')
    }
    expect(await preflight('http://localhost:5173')).toBe('http://localhost:5173')
    expect(await preflight('http://localhost:5174')).toBeNull()
  },
)

describe.each(services)('the %s example', (name) => {
  test('says in its answer what kind of error it is, as its framework does', async () => {
    const refused = await request(name, '/me', 'x')
    const isPython = name === 'fastapi' || name === 'django'
    expect(refused.json).toEqual({
      ...(!isPython && { type: 'about:blank', title: 'Unauthorized', status: 401 }),
      code: 'invalid_token',
      detail: 'The access token is not valid. It may have expired.',
    })
  })

  test('logs why it refused a request, and never the token', async () => {
    const { accessToken } = await signIn(['user'])
    expect((await request(name, '/orders', accessToken)).status).toBe(403)
    const log = () => started.get(name)?.printed() ?? ''
    await expect.poll(log, { timeout: 10_000 }).toContain('The token lacks a scope or a role')
    expect(log()).toContain(`${installation.url}/api`)
    for (const part of accessToken.split('.')) expect(log()).not.toContain(part)
  })
})

describe('a service that does not call the issuer for each request', () => {
  const revocations: [string, (user: SignedInUser) => Promise<unknown>][] = [
    [
      'a logout',
      ({ accessToken }) =>
        fetch(`${installation.url}/api/logout`, {
          method: 'POST',
          headers: { authorization: `Bearer ${accessToken}` },
        }),
    ],
    ['the end of all sessions', ({ id }) => installation.run(['sessions', 'revoke', '--user', id])],
    ['the user was disabled', ({ id }) => installation.run(['users', 'disable', id])],
  ]

  test.each(revocations)(
    `rejects the token within ${limitSeconds} seconds after %s (E7)`,
    async (event, revoke) => {
      const user = await signIn()
      const otherUser = await signIn()
      for (const name of services)
        expect((await request(name, '/me', user.accessToken)).status, name).toBe(200)
      await revoke(user)
      const seconds = await secondsUntilRejected(user.accessToken)
      console.log(`seconds until the token was rejected after ${event}: ${JSON.stringify(seconds)}`)
      for (const name of services) {
        expect(seconds[name], name).toBeLessThanOrEqual(limitSeconds)
        expect((await request(name, '/me', otherUser.accessToken)).status, name).toBe(200)
      }
    },
  )

  test(`rejects tokens of a revoked key within ${limitSeconds} seconds and accepts the next key at once (E7, D11)`, async () => {
    const { accessToken } = await signIn()
    const { json } = await installation.run(['keys', 'list', '--json'])
    const keys = json as { kid: string; state: string }[]
    const active = keys.find(({ state }) => state === 'active')?.kid ?? ''
    for (const name of services) expect((await request(name, '/me', accessToken)).status, name).toBe(200)
    expect((await installation.run(['keys', 'revoke', active])).code).toBe(0)
    const seconds = await secondsUntilRejected(accessToken)
    console.log(`seconds until the token was rejected after the key was revoked: ${JSON.stringify(seconds)}`)
    for (const name of services) expect(seconds[name], name).toBeLessThanOrEqual(limitSeconds)
    const after = await signIn()
    for (const name of services)
      expect((await request(name, '/me', after.accessToken)).status, name).toBe(200)
  })
})

test.each(['fastapi', 'express', 'gin'])(
  'the %s example creates one user for each subject, also if the first requests are concurrent',
  async (name) => {
    const [user, other] = [await signIn(), await signIn()]
    const answers = await Promise.all(Array.from({ length: 5 }, () => request(name, '/me', user.accessToken)))
    const { number } = answers[0]?.json ?? {}
    expect(number).toEqual(expect.any(Number))
    for (const { json } of answers) expect(json).toEqual({ subject: user.id, number })
    const { json } = await request(name, '/me', other.accessToken)
    expect(json.subject).toBe(other.id)
    expect(json.number).not.toBe(number)
  },
)

test('every service accepts valid tokens while the issuer is stopped', async () => {
  const { accessToken } = await signIn()
  for (const name of services) expect((await request(name, '/me', accessToken)).status).toBe(200)
  await issuer.stop()
  await sleep(4000)
  for (const name of services) expect((await request(name, '/me', accessToken)).status, name).toBe(200)
})
