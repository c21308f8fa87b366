// Every command beside a running embedded server, as used at a terminal or in a script.
import { createHash, generateKeyPairSync } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  type Installation,
  newInstallation,
  type Ran,
  type RunOptions,
  type Served,
} from '../../harness/installation.ts'
import { randomToken } from '../../src/secrets.ts'
import { foreignHashes } from '../support/django-hashes.ts'

// Processes are slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let installation: Installation
let served: Served

beforeAll(async () => {
  installation = await newInstallation()
  served = await installation.serve()
})
afterAll(() => installation?.remove())

/** Runs the command with --json and returns its answer. The test fails if the command fails. */
const dojang = async <Answer = Record<string, unknown>>(
  command: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<Answer> => {
  const ran = await installation.command([...command.split(' '), ...args, '--json'], options)
  expect(ran, ran.stderr).toMatchObject({ code: 0 })
  expect(ran.json, ran.stdout).toBeDefined()
  // `jq` and `while read` need one line.
  expect(ran.stdout.trimEnd()).not.toContain('\n')
  return ran.json as Answer
}

/** The command exits with 1, prints nothing on stdout and one sentence on stderr. */
const expectRefusal = (ran: Ran, sentence: RegExp): void => {
  expect(ran.code).toBe(1)
  expect(ran.stdout).toBe('')
  expect(ran.stderr).toMatch(/^dojang: [^\n]+\n$/)
  expect(ran.stderr).toMatch(sentence)
}

const address = () => `${createHash('sha256').update(randomToken()).digest('hex').slice(0, 12)}@example.com`

const post = async (path: string, body: Record<string, string>) => {
  const response = await fetch(`${installation.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const { access = '', refresh = '' } = (await response.json()) as { access?: string; refresh?: string }
  return { status: response.status, access, refresh }
}

const logIn = (email: string, password: string) => post('/api/token', { email, password })

const newUser = async () => {
  const [email, password] = [address(), randomToken(16)]
  const { id } = await dojang<{ id: string }>('users create', ['--email', email, '--password-stdin'], {
    input: `${password}\n`,
  })
  return { email, password, id }
}

test('only the user who runs the server can read the data folder and the database', () => {
  const data = join(installation.folder, 'data')
  expect(statSync(data).mode & 0o777).toBe(0o700)
  expect(statSync(join(data, 'dojang.sqlite')).mode & 0o777).toBe(0o600)
})

describe('users', () => {
  test('the users commands create, list, change, disable and delete a user', async () => {
    await dojang('roles create', ['editor', '--scope', 'articles:write'])
    const { email, password, id } = await newUser()
    expect(await logIn(email, password)).toMatchObject({ status: 200 })

    expect(await dojang<object[]>('users list')).toContainEqual(expect.objectContaining({ id, email }))
    expect(await dojang('users roles', [email, '--add', 'editor'])).toMatchObject({
      roles: ['user', 'editor'],
    })
    expect(await dojang('users roles', [email, '--remove', 'editor', '--revoke-tokens'])).toMatchObject({
      roles: ['user'],
    })
    expect(await dojang('users claims', [email, '--set', 'premium=true'])).toMatchObject({
      claims: { premium: true },
    })
    expect(await dojang('users show', [email])).toMatchObject({ id, claims: { premium: true } })

    expect(await dojang('users disable', [email])).toMatchObject({ ended_sessions: 1 })
    expect((await logIn(email, password)).status).toBe(401)
    await dojang('users enable', [email])
    expect((await logIn(email, password)).status).toBe(200)

    const next = `  ${randomToken(16)} `
    await dojang('users set-password', [email, '--password-stdin'], { input: `${next}\r\n` })
    expect((await logIn(email, password)).status).toBe(401)
    expect((await logIn(email, next)).status).toBe(200)

    expect(await dojang('users delete', [email])).toMatchObject({ id })
    expectRefusal(await installation.command(['users', 'show', email]), /no user/i)
  })

  test('users update, users export and roles update work at a terminal', async () => {
    const { email, id } = await newUser()
    const changed = address()
    const update = [email, '--email', changed, '--email-verified', 'yes', '--claim', 'plan=pro']
    expect(await dojang('users update', [...update, '--locale', 'ko'])).toMatchObject({
      ...{ id, email: changed, email_verified: true, claims: { plan: 'pro' }, locale: 'ko' },
    })
    const lines = (text: string) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    const exported = await installation.command(['users', 'export'])
    expect(lines(exported.stdout)).toContainEqual(expect.objectContaining({ id, email: changed }))
    expect(exported).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.not.stringContaining('password_hash'),
    })
    const withHashes = await installation.command(['users', 'export', '--password-hashes', '--json'])
    expect(withHashes.stderr).toBe('The lines contain password hashes. Delete the file after use.\n')
    expect(lines(withHashes.stdout).find((line) => line.id === id).password_hash).toMatch(/^\$argon2id/)
    const file = join(installation.folder, 'exported.jsonl')
    writeFileSync(file, withHashes.stdout)
    expect(await dojang('users import', [file, '--check', '--skip-existing'])).toMatchObject({ refused: 0 })

    await dojang('roles create', ['writer'])
    expect(await dojang('roles update', ['writer', '--scope', 'a:write'])).toEqual({
      ...{ name: 'writer', scopes: ['a:write'] },
    })
    expect((await installation.command(['roles', 'update', 'writer', '--clear', 'scope'])).stdout).toBe(
      'The role writer grants no scopes. Tokens follow at the next refresh.\n',
    )
  })

  test('users create fails without a password on stdin and has no password option', async () => {
    const email = address()
    const empty = await installation.command(['users', 'create', '--email', email, '--password-stdin'])
    expectRefusal(empty, /no password on stdin/)
    expectRefusal(await installation.command(['users', 'show', email]), /no user/i)
    const help = await installation.command(['users', 'create', '--help'])
    expect(help.stdout).not.toMatch(/--password[ =]/)
  })
})

describe('users import', () => {
  test('users import accepts every kind of hash, and the first sign-in rehashes it (F1)', async () => {
    const people = foreignHashes.map(({ password, stored }) => ({ email: address(), password, stored }))
    const file = join(installation.folder, 'people.jsonl')
    const lines = people.map(({ email, stored }) =>
      JSON.stringify({ email, email_verified: true, password_hash: stored }),
    )
    writeFileSync(file, `${lines.join('\n')}\n`)
    expect(await dojang('users import', [file])).toMatchObject({ created: people.length, refused: 0 })
    for (const { email, password } of people)
      expect(await logIn(email, password)).toMatchObject({ status: 200 })
    const [first] = people
    expect(await logIn(first?.email ?? '', `${first?.password}x`)).toMatchObject({ status: 401 })
    expect(await logIn(first?.email ?? '', first?.password ?? '')).toMatchObject({ status: 200 })
    // The row of an audit event is stored soon after the answer.
    const rehashed = () => dojang<object[]>('audit list', ['--type', 'user.password_rehashed'])
    await expect.poll(rehashed, { timeout: 20_000 }).toHaveLength(people.length)
    const again = await installation.command(['users', 'import', file, '--json'])
    expect(again).toMatchObject({ code: 1, json: { created: 0, skipped: people.length } })
    expect(await dojang('users import', [file, '--skip-existing'])).toMatchObject({
      ...{ created: 0, skipped: people.length },
    })
  })

  test('users import ends with 1 and names each person who was not imported, and --check predicts it', async () => {
    const file = join(installation.folder, 'twice.jsonl')
    const { email, id } = await newUser()
    const [first, second] = [address(), address()]
    const people = [
      { id: 1, email: first },
      { id: 2, email: first.toUpperCase() },
      { id: 3, email },
      { id: 4, email: second },
    ]
    writeFileSync(file, people.map((person) => JSON.stringify(person)).join('\n'))
    const checked = await installation.command(['users', 'import', file, '--check'])
    expect(checked.code).toBe(1)
    expect(checked.stdout).toContain(`Line 2 (${first}) is skipped. Line 1 has the same e-mail address.`)
    expect(checked.stdout).toContain(`Line 3 (${email}) is skipped. ${id} already has this e-mail address.`)
    expect(checked.stdout).toContain('4 lines checked, 2 skipped, 0 refused. Nothing was imported.')

    const ran = await installation.command(['users', 'import', file])
    expect(ran.code).toBe(1)
    expect(ran.stdout).toMatch(new RegExp(`Line 2 \\(${first}\\) is skipped\\. usr_\\S+ already has`))
    expect(ran.stdout).toContain('2 users created, 2 skipped, 0 refused.')
    expect(ran.stderr).toBe(
      'dojang: 2 lines of the file were not imported, because the user exists. If you expect this, add --skip-existing.\n',
    )

    const identities = [{ provider: 'kakao', subject: '4711' }]
    writeFileSync(
      file,
      [people[0], { ...people[3], identities }].map((one) => JSON.stringify(one)).join('\n'),
    )
    const again = ['users', 'import', file, '--add-identities', '--skip-existing']
    expect(await installation.command(again)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('0 users created, 1 user with new identities, 1 skipped, 0 refused.'),
    })
  })

  test('users import refuses a file in which two users have one username', async () => {
    const file = join(installation.folder, 'namesakes.jsonl')
    const [first, second] = [address(), address()]
    const people = [
      { email: first, username: 'namesake' },
      { email: second, username: 'Namesake' },
    ]
    writeFileSync(file, people.map((person) => JSON.stringify(person)).join('\n'))
    const ran = await installation.command(['users', 'import', file])
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing was imported') })
    expect(ran.stdout).toContain(`Line 2 (${second}) is refused. Line 1 has the same username.`)
    expectRefusal(await installation.command(['users', 'show', first]), /no user/i)
  })

  test('users import names faulty lines and writes nothing', async () => {
    const file = join(installation.folder, 'faulty.jsonl')
    const email = address()
    writeFileSync(file, `${JSON.stringify({ email })}\n{"email":\n${JSON.stringify({ email: 'none' })}\n`)
    const ran = await installation.command(['users', 'import', file, '--json'])
    expect(ran.code).toBe(1)
    expect(ran.json).toMatchObject({
      created: 0,
      refused: 2,
      lines: [{ line: 1 }, { line: 2, outcome: 'refused' }, { line: 3, outcome: 'refused' }],
    })
    expect(ran.stderr).toMatch(/Nothing was imported/)
    expectRefusal(await installation.command(['users', 'show', email]), /no user/i)
    expectRefusal(await installation.command(['users', 'import', `${file}.not`]), /cannot be read \(ENOENT\)/)
  })
})

describe('clients, APIs and roles', () => {
  test('the clients commands create, change and delete a client and show its secret once', async () => {
    const created = await dojang('clients create', [
      '--id',
      'web',
      '--redirect-uri',
      'https://app.example/callback',
      '--post-logout-redirect-uri',
      'https://app.example/bye',
      '--scope',
      'openid profile email offline_access',
      '--origin',
      'https://app.example',
    ])
    expect(created).toEqual({
      client_id: 'web',
      first_party: true,
      client_secret: expect.stringMatching(/^[\w-]{43}$/),
    })
    const publicApp = ['--id', 'spa', '--public', '--third-party', '--redirect-uri', 'https://spa.example/']
    expect(await dojang('clients create', publicApp)).toEqual({ client_id: 'spa', first_party: false })
    expect(await dojang<object[]>('clients list')).toHaveLength(4)
    expect(await dojang('clients update', ['web', '--name', 'Web 앱'])).toMatchObject({ name: 'Web 앱' })
    const shown = await dojang('clients show', ['web'])
    expect(shown).toMatchObject({ scope: 'openid profile email offline_access' })
    expect(JSON.stringify(shown)).not.toContain(String(created.client_secret))
    const rotated = await dojang('clients rotate-secret', ['web', '--keep-old-for', '60'])
    expect(rotated.client_secret).not.toBe(created.client_secret)
    await dojang('clients delete', ['spa'])
    expectRefusal(await installation.command(['clients', 'show', 'spa']), /no client "spa"/)
    expectRefusal(await installation.command(['clients', 'create', '--id', 'web']), /redirect|already/)
  })

  test('the apis and roles commands create, list, change and delete', async () => {
    const audience = 'https://api.example/articles'
    await dojang('apis create', [audience, '--scope', 'articles:read', '--ttl', '300'])
    expect(await dojang('apis update', [audience, '--claim', 'premium'])).toMatchObject({
      claims: ['premium'],
    })
    expect(await dojang<object[]>('apis list')).toHaveLength(1)
    await dojang('roles create', ['reader', '--scope', 'articles:read'])
    expect(await dojang<object[]>('roles list')).toContainEqual({ name: 'reader', scopes: ['articles:read'] })
    await dojang('roles delete', ['reader'])
    await dojang('apis delete', [audience])
    expect(await dojang<object[]>('apis list')).toEqual([])
  })
})

describe('sessions', () => {
  test('sessions list counts the replays of refresh tokens, and marks repeated ones (C15)', async () => {
    const { email, password } = await newUser()
    let { refresh } = await logIn(email, password)
    /** Refreshes twice with the same token, as two tabs do. */
    const race = async () => {
      const [one, two] = [
        await post('/api/token/refresh', { refresh }),
        await post('/api/token/refresh', { refresh }),
      ]
      expect([one.status, two.status]).toEqual([200, 200])
      refresh = one.refresh
    }
    const listed = async () => (await installation.command(['sessions', 'list', email])).stdout
    for (let generation = 0; generation < 4; generation += 1) await race()
    expect(await listed()).toMatch(/ REPLAYS .*\n.* 4 /)
    await race()
    expect(await listed()).toMatch(/ REPLAYS .*\n.* 5 \(repeated\) /)
    expect(await dojang('sessions list', [email])).toMatchObject([
      { families: [{ replays: 5, replayed_repeatedly: true }] },
    ])
  })

  test('sessions revoke ends one session, one family or all of a user at once (E3)', async () => {
    const { email, password } = await newUser()
    const [one, two, three] = [
      await logIn(email, password),
      await logIn(email, password),
      await logIn(email, password),
    ]
    const me = async (access: string) =>
      (await fetch(`${installation.url}/api/users/me`, { headers: { authorization: `Bearer ${access}` } }))
        .status
    const listed = await dojang<{ id: string; families: { sid: string }[] }[]>('sessions list', [email])
    expect(listed).toHaveLength(3)
    await dojang('sessions revoke', [listed[0]?.id ?? ''])
    expect([await me(one.access), await me(two.access)]).toEqual([401, 200])
    await dojang('sessions revoke', [listed[1]?.families[0]?.sid ?? ''])
    expect([await me(two.access), await me(three.access)]).toEqual([401, 200])
    expect(await dojang('sessions revoke', ['--user', email])).toMatchObject({ ended_sessions: 2 })
    expect(await me(three.access)).toBe(401)
    expectRefusal(await installation.command(['sessions', 'revoke', listed[0]?.id ?? '']), /no session/)
  })
})

describe('mail', () => {
  test('mail test reaches the page of a running server, in the language of the terminal', async () => {
    const env = { LANG: 'ko_KR.UTF-8', LC_ALL: '' }
    const tested = await dojang<{ outcome: string; page: string }>('mail test', ['kim@example.com'], { env })
    expect(tested).toEqual({ outcome: 'queued', page: `${installation.url}/dev/mail` })
    const page = async () => (await fetch(tested.page)).text()
    await expect.poll(page, { timeout: 15_000 }).toContain('시험 메일')
    expect((await installation.command(['mail', 'list'])).stdout).toBe(
      'No mail waits, and every mail was sent.\n',
    )
    expect(await dojang('audit list', ['--type', 'mail.tested'])).toMatchObject([
      { actor: 'admin', reason: 'queued' },
    ])
  })

  test('mail test and mail retry refuse a wrong address, an unknown mail and missing arguments', async () => {
    expectRefusal(await installation.command(['mail', 'test', 'kim']), /must be an e-mail address/)
    expectRefusal(
      await installation.command(['mail', 'retry', 'unknown']),
      /There is no dead letter "unknown"/,
    )
    expect((await installation.command(['mail', 'retry'])).code).toBe(2)
    expect((await installation.command(['mail', 'retry', 'x', '--all'])).code).toBe(2)
    expect(await dojang('mail retry', ['--all'])).toEqual({ retried: 0 })
  })
})

describe('keys', () => {
  interface KeyAnswer {
    kid: string
    changed: boolean
    keys: { kid: string; state: string }[]
  }
  /** Generous, because the machine may be busy. */
  const soon = { timeout: 15_000 }

  const published = async (): Promise<string[]> => {
    const response = await fetch(`${installation.url}/.well-known/jwks.json`)
    return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
  }

  test('keys rotate shows its schedule, and a dry run or a repetition changes nothing (D9)', async () => {
    const before = await published()
    const signing = (await dojang<KeyAnswer['keys']>('keys list')).find(({ state }) => state === 'active')
    const plan = await installation.command(['keys', 'rotate', '--dry-run'])
    expect(plan).toMatchObject({ code: 0, stderr: '' })
    expect(plan.stdout).toMatch(/Nothing was changed/)
    expect(plan.stdout).toMatch(/KID +STATE .*SIGNS FROM +SIGNS UNTIL +REMOVED/)
    expect(await published()).toEqual(before)
    const { kid, changed } = await dojang<KeyAnswer>('keys rotate')
    expect(changed).toBe(true)
    // The running server notices the change within a second.
    await expect.poll(published, soon).toEqual(expect.arrayContaining([...before, kid]))
    expect(await dojang<KeyAnswer>('keys rotate')).toMatchObject({ kid, changed: false })
    const again = await installation.command(['keys', 'rotate'])
    expect(again.stdout).toMatch(/A rotation is already in progress/)
    expect(await dojang<object[]>('audit list', ['--type', 'key.rotated'])).toHaveLength(1)
    expectRefusal(await installation.command(['keys', 'activate', kid]), /Use --force/)
    // Activating the current key cancels the rotation.
    expect(await dojang('keys activate', [signing?.kid ?? ''])).toMatchObject({ changed: true })
  })

  test('keys revoke removes the active key at once, and a standby key takes over (D11)', async () => {
    await dojang('keys generate')
    const keys = await dojang<KeyAnswer['keys']>('keys list')
    const active = keys.find(({ state }) => state === 'active')?.kid ?? ''
    const ran = await installation.command(['keys', 'revoke', active, '--json'])
    expect(ran).toMatchObject({ code: 0, json: { kid: active, changed: true } })
    expect(ran.stderr).toMatch(/restarted/)
    await expect.poll(published, soon).not.toContain(active)
    expectRefusal(await installation.command(['keys', 'activate', active, '--force']), /cannot be used again/)
  })

  test('keys import reads a PEM file, and keys export prints its public key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const file = join(installation.folder, 'old.pem')
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    const { kid } = await dojang<KeyAnswer>('keys import', [file])
    await dojang('keys activate', [kid, '--force'])
    const pem = publicKey.export({ type: 'spki', format: 'pem' })
    expect(await dojang('keys export', ['--pem'])).toEqual({ kid, pem })
    expect(await installation.command(['keys', 'export', '--pem', '--kid', kid])).toMatchObject({
      stdout: pem,
    })
    expect(await dojang('keys export')).toMatchObject({ kid, kty: 'RSA', use: 'sig' })
    expectRefusal(await installation.command(['keys', 'import', `${file}.not`]), /cannot be read \(ENOENT\)/)
    expectRefusal(await installation.command(['keys', 'import', '-'], { input: 'nonsense' }), /PEM/)
  })
})

test('migrate and doctor find nothing to do beside a running server', async () => {
  expect(await dojang('migrate')).toMatchObject({ applied: [] })
  const { healthy, findings } = await dojang<{ healthy: boolean; findings: object[] }>('doctor')
  expect(healthy).toBe(true)
  expect(findings).toContainEqual(expect.objectContaining({ check: 'issuer URL', status: 'ok' }))
})

test('a command that runs as a process prints the same, ends, and has the same exit code', async () => {
  const email = address()
  const create = ['users', 'create', '--email', email, '--password-stdin']
  const created = await installation.run(create, { input: `${randomToken(16)}\n` })
  expect(created).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^Created usr_/) })
  const calls: [readonly string[], RunOptions?][] = [
    [['users', 'show', email]],
    [['users', 'show', email, '--json']],
    [['users', 'show', 'nobody@example.com']],
    [['keys', 'import', '-'], { input: 'nonsense' }],
    [['doctor'], { env: { ISSUER: 'http://id.example.com' } }],
    [['keys', 'export', '--kid']],
    [['users', '--help']],
  ]
  const both = calls.map(([args, options]) =>
    Promise.all([installation.run(args, options), installation.command(args, options)]),
  )
  const codes: unknown[] = []
  for (const [process, here] of await Promise.all(both)) {
    expect(here).toEqual(process)
    codes.push(process.code)
  }
  expect(codes).toEqual([0, 0, 1, 1, 1, 2, 0])
})

test.each([
  ['no command', [], /Usage: dojang/],
  ['an unknown noun', ['people', 'list'], /unknown command 'people'/],
  ['an unknown verb', ['users', 'fire'], /unknown command 'fire'/],
  ['an unknown option', ['users', 'list', '--all'], /unknown option '--all'/],
  ['a missing argument', ['users', 'show'], /missing required argument 'user'/],
  ['an invalid number', ['users', 'list', '--limit', 'many'], /must be a whole number/],
  ['an id together with --user', ['sessions', 'revoke', 'a', '--user', 'b'], /--user/],
])('the command line exits with 2 and prints only a hint on stderr: %s', async (_, args, hint) => {
  const ran = await installation.command(args)
  expect(ran.code).toBe(2)
  expect(ran.stdout).toBe('')
  expect(ran.stderr).toMatch(hint)
})

test('neither the log nor the audit log contains a password from stdin (H9)', async () => {
  const { password } = await newUser()
  expect(served.output()).not.toContain(password)
  expect(JSON.stringify(await dojang('audit list', ['--limit', '1000']))).not.toContain(password)
})
