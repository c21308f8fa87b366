// Errors of commands: they name the option that the person typed, and with --json they are one line of JSON.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Installation, newInstallation } from '../../harness/installation.ts'

// Processes are slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let installation: Installation
beforeAll(async () => {
  installation = await newInstallation()
  await installation.command(['clients', 'create', '--id', 'web', '--redirect-uri', 'https://app.example/cb'])
})
afterAll(() => installation?.remove())

test.each([
  [
    ['apis', 'create', 'https://a.example', '--ttl', '99999'],
    '--ttl must be a whole number from 30 to 3600.',
  ],
  [['apis', 'create', 'https://a.example', '--token-type', 'x'], '--token-type must be at+jwt or JWT.'],
  [['clients', 'update', 'web', '--refresh', 'x'], '--refresh must be rotate or reuse.'],
  [['clients', 'update', 'web', '--refresh-grace', '999'], '--refresh-grace must be a whole number from 0'],
  [
    ['clients', 'update', 'web', '--refresh', 'reuse', '--refresh-grace', '9'],
    'Leave out --refresh-grace, or rotate them.',
  ],
  [['clients', 'rotate-secret', 'web', '--keep-old-for', '9999999'], '--keep-old-for must be a whole number'],
  [['users', 'list', '--limit', '0'], '--limit must be a whole number from 1 to 1000.'],
  [['users', 'create', '--email', ''], '--email must be a text and not empty.'],
  [['keys', 'generate', '--bits', '1024'], '--bits must be one of 2048, 3072, 4096.'],
  [
    ['clients', 'update', 'web', '--scope', 'openid profil nosuch:scope'],
    'No API has "profil", "nosuch:scope". Correct --scope, or add the scope to an API',
  ],
  [['roles', 'create', ''], '<name> must be a text and not empty.'],
  [['move', '--to', 'mysql://x'], '--to must be a URL that begins with postgres://'],
])('%j names the option that is wrong', async (args, sentence) => {
  const ran = await installation.command(args)
  expect(ran).toMatchObject({ code: 1, stdout: '' })
  expect(ran.stderr).toContain(`dojang: `)
  expect(ran.stderr).toContain(sentence)
})

test.each<[string, string[], Record<string, string>, number, RegExp]>([
  ['not_found', ['users', 'show', 'nobody@example.com'], {}, 1, /There is no user/],
  ['invalid', ['users', 'list', '--limit', '0'], {}, 1, /^--limit must be/],
  ['exists', ['roles', 'create', 'user'], {}, 1, /already exists/],
  ['refused', ['roles', 'delete', 'user'], {}, 1, /cannot be deleted/],
  ['failed', ['keys', 'import', '/nowhere.pem'], {}, 1, /cannot be read/],
  ['configuration', ['users', 'list'], { LOG_LEVEL: 'loud' }, 1, /LOG_LEVEL must be one of/],
  ['unavailable', ['users', 'list'], { DATABASE_URL: 'postgres://u:s3cret@127.0.0.1:9/db' }, 1, /Check that/],
  ['usage', ['users', 'show'], {}, 2, /^missing required argument 'user'$/],
  ['usage', ['users', 'list', '--limitless'], {}, 2, /^unknown option '--limitless'$/],
  ['usage', ['sessions', 'revoke'], {}, 2, /either the id of a session or --user/],
  ['usage', [], {}, 2, /./],
])(
  'with --json the error %s of %j is one line of JSON on stderr',
  async (error, args, env, code, message) => {
    const ran = await installation.command([...args, '--json'], { env })
    expect(ran).toMatchObject({ code, stdout: '' })
    expect(ran.stderr).toMatch(/^\{[^\n]+\}\n$/)
    expect(JSON.parse(ran.stderr)).toEqual({ error, message: expect.stringMatching(message) })
    expect(ran.stderr).not.toContain('s3cret')
  },
)

test('--json after -- is an argument, so the error is a sentence', async () => {
  expect((await installation.command(['users', 'show', '--', '--json'])).stderr).toBe(
    'dojang: There is no user "--json". Run "dojang users list" to see all users.\n',
  )
})

test('keys revoke asks for a standby key only if there is none', async () => {
  const kidOf = async (command: string) =>
    ((await installation.command(['keys', command, '--json'])).json as { kid: string }).kid
  await kidOf('generate')
  const [unused] = [await kidOf('generate'), await kidOf('generate')]
  expect((await installation.command(['keys', 'revoke', unused])).stderr).not.toContain('keys generate')
  const keys = (await installation.command(['keys', 'list', '--json'])).json as {
    kid: string
    state: string
  }[]
  const active = keys.find(({ state }) => state === 'active')?.kid ?? ''
  expect((await installation.command(['keys', 'revoke', active])).stderr).toContain('keys generate')
})
