// The real process on plain Node: the output of the first start, and the errors of a wrong set-up.

import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../harness/free-port.ts'
import { type Installation, newInstallation, program } from '../harness/installation.ts'
import { heapFlags } from '../src/heap.ts'
import { randomToken } from '../src/secrets.ts'

/** The output without the log lines. */
const terminalText = (output: string) =>
  output
    .split('\n')
    .filter((line) => !line.startsWith('{'))
    .join('\n')

let installation: Installation
/** The results of the first start. It has ended before the tests run. */
let first: {
  welcome: string
  curl: string
  answer: Record<string, never>
  keys: string
  exitCode: number | null
}

const get = async (path: string) => {
  const response = await fetch(`${installation.url}${path}`, { redirect: 'manual' })
  return { status: response.status, body: await response.text() }
}

beforeAll(async () => {
  installation = await newInstallation({}, { fresh: true })
  const served = await installation.serve()
  const welcome = terminalText(served.output())
  const curl = /curl -s [^\n]+\\\n[^\n]+/.exec(welcome)?.[0] ?? ''
  const answer = JSON.parse(execFileSync('bash', ['-c', curl], { encoding: 'utf8' }))
  const { body: keys } = await get('/.well-known/jwks.json')
  first = { welcome, curl, answer, keys, exitCode: await served.stop() }
})
afterAll(() => installation?.remove())

describe('an embedded issuer in an empty folder', () => {
  test('the first start prints the URLs and a curl command that works as printed', () => {
    expect(first.welcome).toContain(`${installation.url}/.well-known/openid-configuration`)
    expect(first.welcome).toContain(`Mails (shown, not sent) ${installation.url}/dev/mail`)
    expect(first.welcome).toMatch(/demo@dojang\.example {3}\S{20,}/)
    expect(first.answer).toMatchObject({
      token_type: 'Bearer',
      expires_in: 600,
      user: { email: 'demo@dojang.example' },
    })
    expect(first.exitCode).toBe(0)
  })

  test('a second start keeps users, sessions, refresh tokens and keys, and prints no password', async () => {
    const served = await installation.serve()
    expect(terminalText(served.output())).not.toContain('shown only once')
    for (const path of ['/', '/healthz', '/readyz']) expect((await get(path)).status, path).toBe(200)
    expect((await get('/.well-known/jwks.json')).body).toBe(first.keys)
    const again = JSON.parse(execFileSync('bash', ['-c', first.curl], { encoding: 'utf8' }))
    expect(again.user).toMatchObject({ email: 'demo@dojang.example' })
    const refreshed = await fetch(`${installation.url}/api/token/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh: first.answer.refresh }),
    })
    expect(refreshed.status).toBe(200)
    const headers = { authorization: `Bearer ${first.answer.access}` }
    expect((await fetch(`${installation.url}/api/users/me`, { headers })).status).toBe(200)
    expect(await served.stop('SIGINT')).toBe(0)
  })

  test('the created files are accessible only to the user of the process (D2)', () => {
    expect(statSync(join(installation.folder, 'keys')).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(join(installation.folder, 'keys')))
      expect(statSync(join(installation.folder, 'keys', name)).mode & 0o777, name).toBe(0o600)
    expect(statSync(join(installation.folder, 'data')).mode & 0o077).toBe(0)
  })

  test('the playground’s redirect URI follows a changed issuer URL', async () => {
    const moved = installation.url.replace('127.0.0.1', 'localhost')
    const served = await installation.serve({ ISSUER: moved })
    const { json } = await installation.command(['clients', 'show', 'demo', '--json'], {
      env: { ISSUER: moved },
    })
    expect(json).toMatchObject({ redirect_uris: [`${moved}/`] })
    expect(await served.stop()).toBe(0)
  })
})

describe('a start with a wrong set-up', () => {
  test('the start reports all faults of the configuration at once and shows no secret (I6)', async () => {
    const secret = 'c2hvcnQgc2VjcmV0'
    const { code, stderr, stdout } = await installation.run(['serve'], {
      env: {
        ISSUER: 'http://id.example.com',
        ACCESS_TOKEN_TTL: '86400',
        KEY_ENCRYPTION_KEY: secret,
        DATABASE_URL: 'mysql://user:hunter2@db/x',
        LOG_LEVEL: 'loud',
        TRUSTED_PROXIES: '*',
      },
    })
    expect(code).toBe(1)
    for (const name of [
      'ISSUER',
      'ACCESS_TOKEN_TTL',
      'KEY_ENCRYPTION_KEY',
      'DATABASE_URL',
      'LOG_LEVEL',
      'TRUSTED_PROXIES',
    ])
      expect(stderr).toContain(name)
    expect(stdout + stderr).not.toMatch(new RegExp(`${secret}|hunter2`))
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  test('the start reports a taken port, and the next start is still the first one', async () => {
    const fresh = await newInstallation({}, { fresh: true })
    const { port } = new URL(fresh.url)
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(Number(port), '127.0.0.1', resolve))
    try {
      const { code, stderr, stdout } = await fresh.run(['serve'])
      expect(code).toBe(1)
      expect(stderr).toMatch(new RegExp(`^dojang: Port ${port} is taken`, 'm'))
      expect(stderr).not.toMatch(/\n\s+at /)
      expect(terminalText(stdout)).not.toContain('demo@')
    } finally {
      await new Promise((resolve) => other.close(resolve))
    }
    const served = await fresh.serve()
    expect(terminalText(served.output())).toContain('demo@dojang.example')
    await served.stop()
    await fresh.remove()
  })

  test('an embedded issuer with a public address has no demo user, no demo client and no playground', async () => {
    const fresh = await newInstallation(
      { ISSUER: 'https://id.example.com', DRAIN_SECONDS: '0' },
      { fresh: true },
    )
    const served = await fresh.serve()
    try {
      expect(served.output()).not.toContain('demo@dojang.example')
      const page = await fetch(`${fresh.url}/`, { redirect: 'manual' })
      expect([page.status, page.headers.get('location')]).toEqual([303, '/account'])
      expect((await fresh.command(['clients', 'show', 'demo', '--json'])).code).toBe(1)
      expect((await fresh.command(['users', 'list', '--json'])).json).toEqual([])
    } finally {
      await served.stop()
      await fresh.remove()
    }
  })

  test.each([
    [
      'DATA_DIR',
      'a-file',
      /^dojang: .*a-file is not a folder that this user can write to \(\w+\).*DATA_DIR/m,
    ],
    ['KEYS_DIR', 'a-file', /^dojang: .*a-file is not a (folder|directory).*KEYS_DIR/m],
    [
      'DATABASE_URL',
      'postgres://jane:hunter2@127.0.0.1:1/x',
      /^dojang: the database is unavailable: .*ECONNREFUSED.* Check that it runs/m,
    ],
    [
      'ISSUER',
      'no-url',
      /^dojang: The configuration has a fault:\n {2}- ISSUER must be an absolute URL[^\n]*\n$/,
    ],
  ])('the start reports an unusable %s in one sentence: %s', async (name, value, sentence) => {
    const own = await newInstallation()
    writeFileSync(join(own.folder, 'a-file'), '')
    const { code, stderr } = await own.run(['serve'], {
      env: { [name]: value === 'a-file' ? join(own.folder, value) : value },
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toMatch(/\n\s+at |hunter2/)
    await own.remove()
  })

  test('the start rejects a key-encryption key that other users can read, and prints the chmod command (D2)', async () => {
    const own = await newInstallation()
    const [name = ''] = readdirSync(join(installation.folder, 'keys'))
    mkdirSync(join(own.folder, 'keys'), { mode: 0o700 })
    writeFileSync(join(own.folder, 'keys', name), Buffer.alloc(32, 1).toString('base64'), { mode: 0o644 })
    const { code, stderr } = await own.run(['serve'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/chmod/)
    await own.remove()
  })

  test.each(['18.20.4', '20.20.2', '22.12.0'])(
    'every command rejects Node %s in one sentence that says what to do',
    (version) => {
      const older = `
        const versions = { ...process.versions, node: '${version}' }
        Object.defineProperty(process, 'versions', { value: versions })
        Object.defineProperty(process, 'version', { value: 'v${version}' })`
      const preload = `data:text/javascript,${encodeURIComponent(older)}`
      for (const args of [['serve'], ['keys', 'list']]) {
        const { status, stdout, stderr } = spawnSync(
          process.execPath,
          ['--import', preload, program, ...args],
          { encoding: 'utf8', cwd: installation.folder, env: { PATH: process.env.PATH } },
        )
        expect(status).toBe(1)
        expect(stdout).toBe('')
        expect(stderr).toMatch(/^Dojang needs Node 24 or newer, and this is v\S+\. [^\n]+npm ci[^\n]+\n$/)
        expect(stderr).toContain(`v${version}`)
      }
    },
  )

  test('the start before npm ci says in one sentence to run npm ci', () => {
    const checkout = join(installation.folder, 'checkout')
    for (const part of ['bin', 'src', 'migrations', 'package.json'])
      cpSync(join(dirname(program), '..', part), join(checkout, part), { recursive: true })
    const { status, stderr } = spawnSync(process.execPath, [join(checkout, 'bin/dojang.js'), 'serve'], {
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stderr).toMatch(/^[^\n]+Run: npm ci\n$/)
  })

  test('a command keeps its compiled code beside the packages, for the next start', () => {
    const checkout = join(installation.folder, 'compiled')
    cpSync(join(dirname(program), '../bin'), join(checkout, 'bin'), { recursive: true })
    for (const part of ['src', 'migrations', 'package.json'])
      symlinkSync(join(dirname(program), '..', part), join(checkout, part))
    const env = { ...process.env, NODE_COMPILE_CACHE: undefined }
    const { status } = spawnSync(process.execPath, [join(checkout, 'bin/dojang.js'), '--version'], { env })
    expect(status).toBe(0)
    const files = readdirSync(join(checkout, 'node_modules/.cache/dojang'), { recursive: true })
    expect(files.length).toBeGreaterThan(100)
  })

  test('a second server on the same data folder issues tokens to the same users', async () => {
    const fresh = await newInstallation()
    onTestFinished(fresh.remove)
    const [port, password] = [await freePort(), randomToken(16)]
    const email = 'jane@example.com'
    const create = ['users', 'create', '--email', email, '--password-stdin']
    expect((await fresh.command(create, { input: password })).code).toBe(0)
    await fresh.serve()
    await fresh.serve({ PORT: String(port) })
    for (const url of [fresh.url, `http://127.0.0.1:${port}`]) {
      const answer = await fetch(`${url}/api/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password }),
      })
      expect(answer.status, url).toBe(200)
    }
  })

  test('npm start runs the server with the heap of a worker', () => {
    const file = join(dirname(program), '../package.json')
    const { scripts } = JSON.parse(readFileSync(file, 'utf8')) as { scripts: Record<string, string> }
    expect(scripts.start).toBe(`node ${heapFlags.join(' ')} bin/dojang.js serve`)
  })
})
