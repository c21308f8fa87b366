// No secret appears in the log at level trace, in the audit log, in the output of commands or in errors
// (H9 in docs/security.md).
import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, newInstallation, type Served } from '../../harness/installation.ts'
import { found, type Journey, newJourney, travel } from '../support/secret-journey.ts'
import { newClient, newPerson } from '../support/served-person.ts'

let installation: Installation
let served: Served
let journey: Journey
/** The output of commands that have no secret to show. */
const outputs: string[] = []

const quietly = async (args: readonly string[], input = '') => {
  const { stdout, stderr } = await installation.run(args, { input })
  outputs.push(stdout, stderr)
}

const file = (name: string, text: string): string => {
  const path = join(installation.folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

/** Manages users, clients and keys on the command line, with valid and invalid input. */
const administer = async () => {
  const { remember } = journey
  const password = 'typed-at-the-terminal-by-an-admin'
  remember('password', password)
  const create = ['users', 'create', '--email', 'made@example.com', '--password-stdin']
  await quietly(create, `${password}\n`)
  const hash = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'
  remember('hash', hash)
  const line = (email: string) => JSON.stringify({ email, password_hash: hash })
  await quietly(['users', 'import', file('people.jsonl', line('imported@example.com'))])
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  remember('private key', pem.split('\n')[5])
  await quietly(['keys', 'import', file('old.pem', pem)])
  await quietly(['keys', 'import', file('broken.pem', pem.replace('MII', 'MIJ'))])
  const rotated = await installation.run(['clients', 'rotate-secret', 'web', '--json'])
  remember('client secret', (rotated.json as { client_secret: string }).client_secret)
  outputs.push(rotated.stderr)
}

beforeAll(async () => {
  installation = await newInstallation({ LOG_LEVEL: 'trace', REFRESH_GRACE: '0' })
  served = await installation.serve()
  journey = newJourney()
  const client = { ...(await newClient(installation, 'web')), redirectUri: 'https://app.example/cb' }
  const user = await newPerson(installation)
  journey.remember('client secret', client.secret)
  journey.remember('password', user.password)
  for (const name of readdirSync(join(installation.folder, 'keys')))
    journey.remember(
      'key-encryption key',
      readFileSync(join(installation.folder, 'keys', name), 'utf8').trim(),
    )
  await travel({ url: installation.url, client, user, journey })
  await administer()
})
afterAll(() => installation?.remove())

test('the process prints no secret at log level trace (H9)', async () => {
  const lines = served
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
  expect(lines.length).toBeGreaterThan(100)
  expect(lines.join('\n')).toContain('token.reused')
  for (const line of lines) expect(found(line, journey), line).toEqual([])
})

test('the audit log contains no secret (H9)', async () => {
  const { json, stdout } = await installation.run(['audit', 'list', '--limit', '1000', '--json'])
  const types = new Set((json as { type: string }[]).map(({ type }) => type))
  for (const type of [
    'login.failed',
    'token.reused',
    'code.reused',
    'user.imported',
    'client.secret_rotated',
  ])
    expect(types, type).toContain(type)
  expect(found(stdout, journey)).toEqual([])
})

test('no command prints a secret that it was given (H9)', () => {
  for (const text of outputs) expect(found(text, journey), text).toEqual([])
})

test('no error response repeats a secret (H9)', () => {
  const refusals = journey.refusals.map((refusal) => found(refusal, journey))
  expect(refusals.flat().filter((name) => !name.startsWith('parked request'))).toEqual([])
})
