// Every example service as its own process beside a real issuer: who gets in, and how soon a logout is felt there by
// services that never ask the issuer about a request.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../harness/free-port.ts'
import { type Installation, newInstallation, type Served } from '../../harness/installation.ts'
import { removeFolder, type Service, serve, temporaryFolder } from '../../harness/process.ts'

const examples = new URL('..', import.meta.url).pathname
const python = join(tmpdir(), 'dojang-examples-python')
const run = (file: string, args: string[], folder = examples) =>
  execFileSync(file, args, { cwd: folder, stdio: 'pipe' })

/** The verifiers' default: within how many seconds a revocation is felt. */
const boundSeconds = 5

const services = ['fastapi', 'django', 'express', 'gin'] as const
type Name = (typeof services)[number]

let installation: Installation
let issuer: Served
const started = new Map<string, Service>()
const folders: string[] = []

const start = async (
  name: string,
  command: (address: string) => string[],
  env: Record<string, string> = {},
) => {
  const [port, folder] = [await freePort(), temporaryFolder()]
  folders.push(folder)
  const url = `http://127.0.0.1:${port}`
  const all = { PORT: String(port), ISSUER: installation.url, PEOPLE: join(folder, 'people'), ...env }
  const words = [
    ...Object.entries(all).map(([key, value]) => `${key}=${value}`),
    ...command(`127.0.0.1:${port}`),
  ]
  const answers = async () => (await fetch(url).catch(() => undefined))?.status === 200
  const child = await serve('env', words, { cwd: join(examples, name), stopSignal: 'SIGTERM' }, answers)
  started.set(name, { url, ...child })
}

beforeAll(async () => {
  run('python3', ['-m', 'venv', python])
  for (const name of ['fastapi', 'django'])
    run(join(python, 'bin/pip'), ['install', '--quiet', '-r', 'requirements.txt'], join(examples, name))
  for (const name of ['express', 'static-public-key'])
    run('npm', ['install', '--no-package-lock'], join(examples, name))
  const gin = join(temporaryFolder(), 'gin')
  folders.push(join(gin, '..'))
  run('go', ['build', '-o', gin, '.'], join(examples, 'gin'))

  installation = await newInstallation()
  issuer = await installation.serve()
  const dojang = async (...args: string[]) => expect((await installation.run(args)).stderr).toBe('')
  await dojang('apis', 'create', `${installation.url}/api`, '--name', 'Orders', '--scope', 'orders:read')
  await dojang('roles', 'create', 'buyer', '--scope', 'orders:read')
  await dojang('roles', 'create', 'admin')
  const pems = temporaryFolder()
  folders.push(pems)
  writeFileSync(join(pems, 'dojang.pem'), (await installation.run(['keys', 'export', '--pem'])).stdout)

  const db = join(temporaryFolder(), 'db')
  folders.push(join(db, '..'))
  execFileSync(join(python, 'bin/python'), ['manage.py', 'migrate'], {
    ...{ cwd: join(examples, 'django'), stdio: 'pipe', env: { ...process.env, DATABASE: db } },
  })
  const interpreter = join(python, 'bin/python')
  await start('fastapi', () => [interpreter, 'main.py'])
  await start('django', (address) => [interpreter, 'manage.py', 'runserver', '--noreload', address], {
    DATABASE: db,
  })
  await start('express', () => [process.execPath, 'server.js'])
  await start('gin', () => [gin])
  await start('static-public-key', () => [process.execPath, 'server.js'], { PEM_DIR: pems })
})

afterAll(async () => {
  for (const { stop } of started.values()) await stop()
  await installation?.remove()
  for (const folder of folders) removeFolder(folder)
})

interface Person {
  id: string
  access: string
}

let people = 0
const signedIn = async (roles: readonly string[] = ['user', 'buyer']): Promise<Person> => {
  people += 1
  const [email, password] = [`person${people}@example.com`, 'wipe cactus ninety plaster']
  const args = [
    'users',
    'create',
    '--email',
    email,
    '--password-stdin',
    '--json',
    ...roles.flatMap((role) => ['--role', role]),
  ]
  const made = await installation.run(args, { input: password })
  const response = await fetch(`${installation.url}/api/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  return {
    id: (made.json as { id: string }).id,
    access: ((await response.json()) as { access: string }).access,
  }
}

const ask = async (name: string, path: string, token?: string) => {
  const response = await fetch(`${started.get(name)?.url}${path}`, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    json: (await response.json()) as Record<string, unknown>,
  }
}

/** Seconds until each of the services refuses the token. */
const refusedAfter = async (token: string) => {
  const began = performance.now()
  const felt = async (name: Name) => {
    while ((await ask(name, '/me', token)).status !== 401) {
      if (performance.now() - began > 15_000) throw new Error(`${name} never felt it`)
      await sleep(50)
    }
    return [name, Math.round((performance.now() - began) / 100) / 10] as const
  }
  return Object.fromEntries(await Promise.all(services.map(felt))) as Record<Name, number>
}

describe.each([...services, 'static-public-key'])('%s', (name) => {
  test('lets a good token in, by its scopes and roles', async () => {
    const [buyer, admin, anybody] = [await signedIn(), await signedIn(['admin']), await signedIn(['user'])]
    expect((await ask(name, '/me', buyer.access)).json.subject).toBe(buyer.id)
    expect((await ask(name, '/orders', buyer.access)).status).toBe(200)
    expect((await ask(name, '/admin', admin.access)).status).toBe(200)
    const scope = await ask(name, '/orders', anybody.access)
    expect([scope.status, scope.challenge]).toEqual([
      403,
      expect.stringContaining('error="insufficient_scope"'),
    ])
    expect((await ask(name, '/admin', buyer.access)).status).toBe(403)
  })

  test('refuses the rest as RFC 6750 has it', async () => {
    const { access } = await signedIn()
    expect(await ask(name, '/me')).toMatchObject({ status: 401, challenge: 'Bearer' })
    for (const token of ['x', `${access.slice(0, -8)}AAAAAAAA`, access.split('.').slice(0, 2).join('.')])
      expect(await ask(name, '/me', token)).toMatchObject({
        status: 401,
        challenge: 'Bearer error="invalid_token"',
      })
  })
})

describe('what ends at the issuer is felt at each service, which asks nobody per request', () => {
  const measured: [string, (person: Person) => Promise<unknown>][] = [
    [
      'a logout',
      ({ access }) =>
        fetch(`${installation.url}/api/logout`, {
          method: 'POST',
          headers: { authorization: `Bearer ${access}` },
        }),
    ],
    ['signing out everywhere', ({ id }) => installation.run(['sessions', 'revoke', '--user', id])],
    ['a disabled user', ({ id }) => installation.run(['users', 'disable', id])],
  ]

  test.each(measured)(`E7: %s, within ${boundSeconds} seconds`, async (what, end) => {
    const person = await signedIn()
    const bystander = await signedIn()
    for (const name of services) expect((await ask(name, '/me', person.access)).status, name).toBe(200)
    await end(person)
    const seconds = await refusedAfter(person.access)
    console.log(`${what}: refused after ${JSON.stringify(seconds)} s`)
    for (const name of services) {
      expect(seconds[name], name).toBeLessThanOrEqual(boundSeconds)
      expect((await ask(name, '/me', bystander.access)).status, name).toBe(200)
    }
  })

  test(`E7, D11: an emergency key kill, within ${boundSeconds} seconds; the successor's tokens are good at once`, async () => {
    const { access } = await signedIn()
    const { json } = await installation.run(['keys', 'list', '--json'])
    const keys = json as { kid: string; state: string }[]
    const active = keys.find(({ state }) => state === 'active')?.kid ?? ''
    for (const name of services) expect((await ask(name, '/me', access)).status, name).toBe(200)
    expect((await installation.run(['keys', 'revoke', active])).code).toBe(0)
    const seconds = await refusedAfter(access)
    console.log(`an emergency key kill: refused after ${JSON.stringify(seconds)} s`)
    for (const name of services) expect(seconds[name], name).toBeLessThanOrEqual(boundSeconds)
    const after = await signedIn()
    for (const name of services) expect((await ask(name, '/me', after.access)).status, name).toBe(200)
  })
})

test('fastapi keeps one row per person, and streams', async () => {
  const { access } = await signedIn()
  const numbers = await Promise.all(Array.from({ length: 5 }, () => ask('fastapi', '/me', access)))
  expect(new Set(numbers.map(({ json }) => json.number)).size).toBe(1)
  const controller = new AbortController()
  const response = await fetch(`${started.get('fastapi')?.url}/chat`, {
    headers: { authorization: `Bearer ${access}` },
    signal: controller.signal,
  })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    if (text.includes('data: word 3')) break
  }
  expect(text).toContain(': still here')
  controller.abort()
})

test('with the issuer stopped, every service goes on', async () => {
  const { access } = await signedIn()
  for (const name of services) expect((await ask(name, '/me', access)).status).toBe(200)
  await issuer.stop()
  await sleep(4000)
  for (const name of [...services]) expect((await ask(name, '/me', access)).status, name).toBe(200)
})
