// `.env` in the working directory: which settings count, what doctor says about it, and what a server says.
import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type Installation, newInstallation, type RunOptions } from '../../harness/installation.ts'

// Processes are slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let installation: Installation
let file: string
beforeAll(async () => {
  installation = await newInstallation()
  file = join(installation.folder, '.env')
})
afterEach(() => rmSync(file, { recursive: true, force: true }))
afterAll(() => installation?.remove())

interface Finding {
  check: string
  status: string
  message: string
  advice?: string
}

const examine = async (env: RunOptions['env'] = {}) => {
  const ran = await installation.command(['doctor', '--json'], { env })
  const { findings } = ran.json as { findings: Finding[] }
  const one = (name: string) => findings.find(({ check }) => check === name)
  return { ...ran, file: one('.env'), configuration: one('configuration') }
}

test('doctor reads .env in the working directory, and names the file', async () => {
  writeFileSync(file, 'LOG_LEVEL=loud\n', { mode: 0o600 })
  const { code, file: found, configuration } = await examine()
  expect(code).toBe(1)
  expect(configuration?.message).toMatch(/LOG_LEVEL must be one of/)
  expect(found).toEqual({ check: '.env', status: 'ok', message: `${file} was read.` })
})

test('doctor says that there is no .env, and where it was looked for', async () => {
  expect((await examine()).file).toEqual({
    check: '.env',
    status: 'ok',
    message: `There is no .env in ${installation.folder}. All settings are environment variables.`,
  })
})

test('a variable of the environment wins over .env, even if it is empty', async () => {
  writeFileSync(file, 'LOG_LEVEL=loud\nREFRESH_GRACE=999\n', { mode: 0o600 })
  const { configuration, file: found } = await examine({ LOG_LEVEL: 'info', REFRESH_GRACE: '' })
  expect(configuration?.status).toBe('ok')
  expect(found?.message).toContain('The environment has other values, which win: LOG_LEVEL, REFRESH_GRACE.')
})

test('METRICS_TOKEN_FILE in the environment wins over METRICS_TOKEN in .env', async () => {
  const token = join(installation.folder, 'token')
  writeFileSync(token, 'a-token-of-the-environment')
  writeFileSync(file, 'METRICS_TOKEN=a-token-of-the-file\n', { mode: 0o600 })
  expect((await examine({ METRICS_TOKEN_FILE: token })).configuration?.status).toBe('ok')
})

test('.env may have a byte order mark, Windows line ends, comments and quotation marks', async () => {
  writeFileSync(file, '\uFEFFLOG_LEVEL=loud\r\n# comment\r\nWORKERS="many" # more than one\r\n', {
    mode: 0o600,
  })
  const { findings } = (await examine()).json as { findings: Finding[] }
  const faults = findings.filter(({ status }) => status === 'fault').map(({ message }) => message)
  expect(faults).toEqual([expect.stringMatching(/^LOG_LEVEL/), expect.stringMatching(/^WORKERS/)])
})

test('a command ignores a folder with the name .env', async () => {
  mkdirSync(file)
  expect(await installation.command(['users', 'list', '--json'])).toMatchObject({ code: 0, json: [] })
})

test('commands use .env, and --help does not need it', async () => {
  writeFileSync(file, 'LOG_LEVEL=loud\n', { mode: 0o600 })
  expect((await installation.command(['users', 'list'])).stderr).toContain('LOG_LEVEL must be one of')
  expect((await installation.command(['users', 'list', '--help'])).code).toBe(0)
})

test('doctor warns if every user of the machine can read secrets in .env, and prints the command', async () => {
  writeFileSync(file, 'LOG_LEVEL=info\n')
  chmodSync(file, 0o644)
  expect((await examine()).file?.status).toBe('ok')
  writeFileSync(file, 'METRICS_TOKEN=s3cret-s3cret-s3cret\n')
  const { file: found, stdout } = await examine()
  expect(found).toEqual({
    check: '.env',
    status: 'warning',
    message: `Every user of this machine can read the secrets in ${file}.`,
    advice: `Run: chmod 600 '${file}'`,
  })
  expect(stdout).not.toContain('s3cret-s3cret')
  chmodSync(file, 0o640)
  expect((await examine()).file?.status).toBe('ok')
  chmodSync(file, 0o602)
  expect((await examine()).file?.message).toContain('can change')
})

test.skipIf(process.getuid?.() !== 0)('doctor warns if .env belongs to another user', async () => {
  writeFileSync(file, 'LOG_LEVEL=info\n', { mode: 0o600 })
  chownSync(file, 12_345, 0)
  expect((await examine()).file).toMatchObject({
    status: 'warning',
    message: expect.stringContaining('belongs to another user (uid 12345)'),
  })
})

test('a server and its workers use .env, and the server prints its path and no curl for a closed API', async () => {
  writeFileSync(file, 'PASSWORD_API=off\nWORKERS=2\n', { mode: 0o600 })
  const served = await installation.serve()
  try {
    expect(served.output()).toContain(`npx dojang doctor (settings: ${file})`)
    expect(served.output()).toContain('A demo user was created')
    expect(served.output()).not.toContain('/api/token')
    const answer = await fetch(`${installation.url}/api/token`, { method: 'POST' })
    expect(answer.status).toBe(404)
  } finally {
    await served.stop()
  }
})
