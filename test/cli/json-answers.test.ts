// The answer of every command with --json has exactly the members that docs/commands.md names.
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import {
  documentedCommands,
  documentedRecords,
  faultsOfAnswer,
  optionalMembers,
  shown,
} from '../support/documented-answers.ts'
import { everyCommand } from '../support/every-command.ts'
import { isMissing, postgresDatabase } from '../support/services.ts'

// A server is a process, and slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let installation: Installation
beforeAll(async () => {
  installation = await newInstallation()
})
afterAll(() => installation?.remove())

/** The commands that ran, with the option that changes their answer. */
const ran = new Set<string>()

/** Runs the command, compares its answer with the page and returns it. */
const run = async <Answer = Record<string, string>>(
  command: string,
  args: readonly string[] = [],
  options: { input?: string; code?: number } = {},
): Promise<Answer> => {
  const [name, ...flags] = command.split(' --')
  const all = [...(name ?? '').split(' '), ...flags.map((flag) => `--${flag}`), ...args, '--json']
  const { code, stdout, stderr } = await installation.command(all, { input: options.input ?? '' })
  expect(code, stderr).toBe(options.code ?? 0)
  const lines = stdout.trimEnd().split('\n')
  expect(lines.length === 1 || command === 'users export').toBe(true)
  for (const line of lines) expect(faultsOfAnswer(command, JSON.parse(line))).toEqual([])
  ran.add(command)
  return JSON.parse(lines[0] ?? '')
}

const password = 'wipe cactus ninety plaster'
const jane = 'jane@example.com'

const runOnInstallation = async () => {
  await run('migrate')
  await run('backup', [join(installation.folder, 'copy.sqlite')])
  await run('doctor')
}

const runOnKeys = async () => {
  await run('keys generate')
  await run('keys generate')
  const [active, standby] = await run<Record<string, string>[]>('keys list')
  await run('keys rotate', ['--dry-run'])
  await run('keys export')
  const { pem } = await run('keys export --pem')
  expect(pem).toContain('PUBLIC KEY')
  await run('keys activate', [standby?.kid ?? '', '--force'])
  await run('keys revoke', [active?.kid ?? ''])
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const input = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  await run('keys import', ['-'], { input })
}

const runOnClients = async () => {
  const api = 'https://orders.example'
  await run('roles create', ['clerk', '--scope', 'orders:read'])
  await run('roles update', ['clerk', '--scope', 'orders:write'])
  await run('roles list')
  const texts = ['--scope-ko', 'orders:read=주문 보기', '--scope-en', 'orders:read=See orders']
  const { scope_texts } = await run('apis create', [api, '--scope', 'orders:read', ...texts])
  expect(scope_texts).toEqual({ 'orders:read': { ko: '주문 보기', en: 'See orders' } })
  await run('apis update', [api, '--name', 'Orders'])
  await run('apis list')
  await run('clients create', ['--id', 'web', '--redirect-uri', 'https://app.example/callback'])
  await run('clients create', ['--id', 'spa', '--public', '--redirect-uri', 'https://spa.example/callback'])
  expect(await run('clients update', ['web', '--sessions', 'one'])).toMatchObject({ sessions: 'one' })
  await run('clients show', ['web'])
  await run('clients list')
  await run('clients rotate-secret', ['web', '--keep-old-for', '60'])
  await run('clients delete', ['spa'])
  await run('apis delete', [api])
  await run('roles delete', ['clerk'])
}

const runOnUsers = async () => {
  await run('users create', ['--email', jane, '--username', 'jane', '--name', 'Jane', '--password-stdin'], {
    input: password,
  })
  await run('users update', [jane, '--locale', 'ko'])
  for (const command of ['show', 'send-reset', 'resend-confirmation', 'verify-email', 'disable', 'enable'])
    await run(`users ${command}`, [jane])
  await run('users list')
  await run('users roles', [jane])
  await run('users claims', [jane, '--set', 'premium=true'])
  await run('users set-password', [jane, '--password-stdin'], { input: password })
  const file = join(installation.folder, 'users.jsonl')
  const identities = [{ provider: 'kakao', subject: '1' }]
  const lines = [{ username: 'kim', identities }, { email: jane }, { roles: ['nobody'] }]
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'))
  await run('users import', [file], { code: 1 })
  writeFileSync(
    file,
    lines
      .slice(0, 2)
      .map((line) => JSON.stringify(line))
      .join('\n'),
  )
  await run('users import', [file, '--skip-existing'])
  await run('users export', ['--password-hashes'])
  await run('users delete', ['kim'])
}

const runOnLogs = async () => {
  await run('mail list')
  await run('mail test', ['someone@example.com'])
  await run('mail retry', ['--all'])
  await run('audit list')
}

const runBesideServer = async () => {
  const served = await installation.serve()
  try {
    const body = new URLSearchParams({ username: jane, password })
    const signedIn = await fetch(`${installation.url}/api/token`, { method: 'POST', body })
    expect(signedIn.status).toBe(200)
    const [session] = await run<Record<string, string>[]>('sessions list', [jane])
    await run('sessions revoke', [session?.id ?? ''])
    await run('sessions revoke', ['--user', jane])
    await fetch(`${installation.url}/.well-known/jwks.json`, { headers: { 'dojang-verifier': 'orders' } })
    await vi.waitFor(async () => expect(await run<unknown[]>('keys verifiers')).toHaveLength(1), 10_000)
    const { kid } = await run('keys generate')
    expect(await run('keys activate', [kid ?? '', '--force'])).toHaveProperty('warning')
  } finally {
    await served.stop()
  }
}

/** Needs the stopped server and PostgreSQL. */
const runMove = async () => {
  const target = await postgresDatabase()
  try {
    await run('move', ['--to', target.url, '--dry-run'])
  } finally {
    await target.close()
  }
}

test('docs/commands.md says what every command answers, and nothing about other commands', () => {
  const names = documentedCommands.filter((name) => !name.includes('--'))
  expect(names.toSorted()).toEqual(everyCommand.map(({ name }) => name).toSorted())
})

test('the answer of every command with --json has exactly the members that docs/commands.md names', async () => {
  await runOnInstallation()
  await runOnKeys()
  await runOnClients()
  await runOnUsers()
  await runOnLogs()
  await runBesideServer()
  const skipped = isMissing('postgres') ? ['move', 'copied table'] : []
  if (skipped.length === 0) await runMove()
  // Nothing is left that no run compared: no command, no record and no member that may be absent.
  expect(documentedCommands.filter((name) => !ran.has(name) && !skipped.includes(name))).toEqual([])
  expect(documentedRecords.filter((name) => !shown.has(name) && !skipped.includes(name))).toEqual([])
  expect(optionalMembers.filter((name) => !shown.has(name))).toEqual([])
})
