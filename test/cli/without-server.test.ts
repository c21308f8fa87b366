// Commands without a running server: in an empty folder, on the data of a stopped server, on a broken
// installation, and on PostgreSQL.
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, renameSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Installation, newInstallation, type RunOptions } from '../../harness/installation.ts'
import { randomToken } from '../../src/secrets.ts'
import { isMissing, postgresDatabase, type TestDatabase } from '../support/services.ts'

// Processes are slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

interface Finding {
  check: string
  status: string
  message: string
  advice?: string
}

const examine = async (installation: Installation, env: RunOptions['env'] = {}) => {
  const ran = await installation.command(['doctor', '--json'], { env })
  const { healthy, findings } = ran.json as { healthy: boolean; findings: Finding[] }
  return { ...ran, healthy, findings, faults: findings.filter(({ status }) => status === 'fault') }
}

describe('in an empty folder', () => {
  let installation: Installation
  beforeAll(async () => {
    installation = await newInstallation({}, { fresh: true })
  })
  afterAll(() => installation?.remove())

  test('doctor reports an empty folder as healthy and creates nothing', async () => {
    const { code, healthy, findings } = await examine(installation)
    expect({ code, healthy }).toEqual({ code: 0, healthy: true })
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'database', message: expect.stringMatching(/first start/) }),
    )
    expect(existsSync(join(installation.folder, 'data'))).toBe(false)
    expect(existsSync(join(installation.folder, 'keys'))).toBe(false)
  })

  test.each([
    [{ ISSUER: 'http://id.example.com' }, /ISSUER must use https/],
    [{ ISSUER: 'https://id.example.com/' }, /ISSUER must not end with a slash/],
    [{ ACCESS_TOKEN_TTL: '86400' }, /ACCESS_TOKEN_TTL must be a whole number of seconds from 30 to 3600/],
    [{ KEY_ENCRYPTION_KEY: 'c2hvcnQ=' }, /KEY_ENCRYPTION_KEY must be 32 random bytes.*openssl/],
    [{ METRICS_TOKEN: 'short' }, /METRICS_TOKEN must be 16 characters or more/],
    [{ DATABASE_URL: 'mysql://x' }, /DATABASE_URL must be a URL that begins with postgres:/],
  ])('doctor reports the invalid setting %j as a fault', async (env, message) => {
    const { code, faults } = await examine(installation, env)
    expect(code).toBe(1)
    expect(faults).toEqual([
      expect.objectContaining({ check: 'configuration', message: expect.stringMatching(message) }),
    ])
  })

  test('doctor, commands and the server report all faults of the configuration at once', async () => {
    const env = { ISSUER: 'http://id.example.com', REFRESH_GRACE: '999', LOG_LEVEL: 'loud' }
    expect((await examine(installation, env)).faults).toHaveLength(3)
    const command = await installation.command(['users', 'list'], { env })
    for (const ran of [command, await installation.run(['serve'], { env })]) {
      expect(ran).toMatchObject({ code: 1, stdout: '' })
      for (const name of Object.keys(env)) expect(ran.stderr).toContain(name)
    }
  })
})

describe('on the data of an embedded server that is stopped', () => {
  let installation: Installation
  const password = randomToken(16)
  const email = 'jane@example.com'

  beforeAll(async () => {
    installation = await newInstallation()
    const create = ['users', 'create', '--email', email, '--password-stdin', '--json']
    const made = await installation.command(create, { input: password })
    expect(made, made.stderr).toMatchObject({ code: 0, stderr: '', json: { id: expect.any(String) } })
    // A kill must not need a repair.
    const served = await installation.serve()
    await served.stop('SIGKILL')
  })
  afterAll(() => installation?.remove())

  test('commands work on the data of a stopped server', async () => {
    expect(await installation.command(['users', 'show', email, '--json'])).toMatchObject({
      ...{ code: 0, stderr: '', json: { email } },
    })
    expect(await installation.command(['users', 'show', 'nobody@example.com'])).toMatchObject({
      ...{ code: 1, stdout: '' },
      stderr: 'dojang: There is no user "nobody@example.com". Run "dojang users list" to see all users.\n',
    })
  })

  test('the audit log names the admin of each command: DOJANG_ADMIN, or the user of the system (I4)', async () => {
    const env = { DOJANG_ADMIN: '홍길동 <x>' }
    expect((await installation.command(['roles', 'create', 'refused'], { env })).stderr).toContain(
      'DOJANG_ADMIN',
    )
    await installation.command(['roles', 'create', 'by-name'], { env: { DOJANG_ADMIN: 'jane@team.example' } })
    await installation.command(['roles', 'create', 'by-system'])
    const { json } = await installation.command(['audit', 'list', '--type', 'role.created', '--json'])
    const admins = (json as { reason: string; admin: string }[]).map(({ reason, admin }) => [reason, admin])
    expect(admins).toContainEqual(['by-name', 'jane@team.example'])
    expect(admins).toContainEqual(['by-system', userInfo().username])
    expect(admins.map(([reason]) => reason)).not.toContain('refused')
  })

  test('clients create says whether the client is first-party, and what that means (A24)', async () => {
    const uri = ['--redirect-uri', 'https://app.example/cb']
    const own = await installation.command(['clients', 'create', '--id', 'own', '--name', 'Own', ...uri])
    expect(own.stdout).toContain('FIRST-PARTY: users are not asked for consent')
    expect(own.stdout).toContain('dojang clients update own --third-party')
    const other = ['--id', 'other', '--name', 'Other', '--third-party', ...uri]
    expect((await installation.command(['clients', 'create', ...other])).stdout).toContain(
      'Third-party: users are asked',
    )
  })

  test('doctor says on a public issuer that anyone can register and that /api/token is open', async () => {
    const open = async (env: RunOptions['env']) =>
      (await examine(installation, env)).findings.filter(({ check }) => check === 'open to everyone')
    const ISSUER = 'https://id.invalid'
    expect((await open({ ISSUER })).map(({ advice }) => advice)).toEqual([
      expect.stringContaining('REGISTRATION=off'),
      expect.stringContaining('PASSWORD_API=off'),
    ])
    expect(await open({ ISSUER, REGISTRATION: 'off', PASSWORD_API: 'off' })).toEqual([])
    expect(await open({})).toEqual([])
  })

  test('commands that start together wait for each other', async () => {
    const made = await Promise.all(
      ['one', 'two'].map((name) => installation.run(['roles', 'create', name, '--json'])),
    )
    expect(made.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      made.map(() => ({ code: 0, stderr: '' })),
    )
  })

  test('the next start of the server keeps the existing users', async () => {
    const served = await installation.serve()
    expect(served.output()).not.toContain('A demo user was created')
    const response = await fetch(`${installation.url}/api/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    })
    expect(response.status).toBe(200)
    expect(await served.stop()).toBe(0)
  })

  test('a killed rotation can be repeated and leaves exactly one active key (D9)', async () => {
    // The command takes about half a second, so some of these kills interrupt it.
    const killed: boolean[] = []
    for (const afterMs of [100, 200, 250, 300, 350, 400])
      killed.push(await installation.runAndKill(['keys', 'rotate'], afterMs))
    expect(killed).toContain(true)
    const again = await installation.command(['keys', 'rotate', '--json'])
    const { keys } = again.json as { keys: { kid: string; state: string }[] }
    expect(keys.filter(({ state }) => state === 'active')).toHaveLength(1)
    expect(keys.filter(({ state }) => state === 'pending')).toHaveLength(1)
    expect(keys).toHaveLength(2)
  })

  describe('with a broken installation', () => {
    const keys = () => join(installation.folder, 'keys')

    test('doctor and the server reject a keys directory that other users can read, and print the chmod command (D2)', async () => {
      chmodSync(keys(), 0o755)
      try {
        const { code, faults } = await examine(installation)
        expect(code).toBe(1)
        expect(faults).toEqual([
          expect.objectContaining({ message: expect.stringContaining(`chmod 0700 '${keys()}'`) }),
        ])
        expect(await installation.run(['serve'])).toMatchObject({
          code: 1,
          stderr: expect.stringContaining(`chmod 0700 '${keys()}'`),
        })
      } finally {
        chmodSync(keys(), 0o700)
      }
    })

    test('doctor says what to do if the key-encryption key is missing or wrong (D3)', async () => {
      renameSync(keys(), `${keys()}.away`)
      try {
        expect((await examine(installation)).faults).toEqual([
          expect.objectContaining({
            check: 'key-encryption key',
            advice: expect.stringMatching(/Restore it/),
          }),
        ])
        const other = { KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64') }
        const { code, faults } = await examine(installation, other)
        expect(code).toBe(1)
        expect(faults[0]?.message).toMatch(/cannot be used/)
        expect(faults[0]?.advice).toMatch(/Restore the key-encryption key/)
      } finally {
        renameSync(`${keys()}.away`, keys())
      }
    })

    test('doctor reports an unreachable Redis or PostgreSQL as a fault without a stack trace', async () => {
      const closedPort = '127.0.0.1:9'
      const withoutRedis = await examine(installation, { REDIS_URL: `redis://:s3cret@${closedPort}` })
      expect(withoutRedis.faults).toEqual([
        expect.objectContaining({ check: 'redis', advice: expect.stringMatching(/Check that it runs/) }),
        expect.objectContaining({
          check: 'session store',
          advice: expect.stringMatching(/Remove REDIS_URL/),
        }),
      ])
      const withoutPostgres = await examine(installation, {
        DATABASE_URL: `postgres://u:s3cret@${closedPort}/db`,
      })
      expect(withoutPostgres.faults).toHaveLength(1)
      expect(withoutPostgres.faults[0]?.advice).toMatch(/Check that it runs/)
      for (const { code, stdout, stderr } of [withoutRedis, withoutPostgres]) {
        expect(code).toBe(1)
        expect(stdout + stderr).not.toContain('s3cret')
        expect(stderr).toBe('')
      }
      const listing = await installation.command(['users', 'list'], {
        env: { DATABASE_URL: `postgres://u:s3cret@${closedPort}/db` },
      })
      expect(listing).toMatchObject({ code: 1, stdout: '' })
      expect(listing.stderr).toMatch(/^dojang: [^\n]+\n$/)
    })
  })
})

describe.skipIf(isMissing('postgres'))('on PostgreSQL', () => {
  let installation: Installation
  let database: TestDatabase

  beforeAll(async () => {
    database = await postgresDatabase()
    installation = await newInstallation({
      DATABASE_URL: database.url,
      KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    })
  })
  afterAll(async () => {
    await installation?.remove()
    await database?.close()
  })

  test('doctor reports missing migrations and changes nothing, and migrate applies them', async () => {
    for (const _ of [1, 2])
      expect((await examine(installation)).faults).toEqual([
        expect.objectContaining({ check: 'migrations', advice: 'Run "dojang migrate".' }),
      ])
    const migrated = await installation.command(['migrate', '--json'])
    expect(migrated).toMatchObject({ code: 0, json: { applied: expect.arrayContaining(['0001-users']) } })
    expect((await installation.command(['migrate', '--json'])).json).toMatchObject({ applied: [] })
    expect(await examine(installation)).toMatchObject({ code: 0, faults: [] })
  })

  test('keys rotate creates no signing key without the key-encryption key (D3)', async () => {
    await installation.command(['keys', 'generate'])
    const refused = await installation.command(['keys', 'rotate'], { env: { KEY_ENCRYPTION_KEY: undefined } })
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/KEY_ENCRYPTION_KEY/)
    expect((await installation.command(['keys', 'list', '--json'])).json).toHaveLength(1)
  })

  test('commands work without a server and write audit events to the database', async () => {
    const made = await installation.command(['users', 'create', '--username', 'jane', '--json'])
    expect(made).toMatchObject({ code: 0, stderr: '' })
    const events = await installation.command(['audit', 'list', '--user', 'jane', '--json'])
    expect(events.json).toMatchObject([{ type: 'user.created', actor: 'admin' }])
  })
})
