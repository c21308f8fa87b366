// The commands of `dojang`: the expected nouns and verbs exist, and each has --json.
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { apisCommands } from '../../src/cli/apis-commands.ts'
import { auditCommands } from '../../src/cli/audit-commands.ts'
import { backupCommand } from '../../src/cli/backup-command.ts'
import { clientsCommands } from '../../src/cli/clients-commands.ts'
import type { Cli } from '../../src/cli/command.ts'
import { doctorCommand } from '../../src/cli/doctor-command.ts'
import { keysCommands } from '../../src/cli/keys-commands.ts'
import { mailCommands } from '../../src/cli/mail-commands.ts'
import { migrateCommand } from '../../src/cli/migrate-command.ts'
import { moveCommand } from '../../src/cli/move-command.ts'
import { rolesCommands } from '../../src/cli/roles-commands.ts'
import { sessionsCommands } from '../../src/cli/sessions-commands.ts'
import { usersCommands } from '../../src/cli/users-commands.ts'

const cli: Cli = {
  terminal: process,
  call: () => Promise.reject(new Error('Nothing is run here.')),
  show: () => {},
  remark: () => {},
  readPassword: async () => undefined,
}

const program = new Command('dojang')
for (const add of [
  keysCommands,
  usersCommands,
  rolesCommands,
  apisCommands,
  clientsCommands,
  sessionsCommands,
  auditCommands,
  mailCommands,
  migrateCommand,
  backupCommand,
  moveCommand,
  doctorCommand,
])
  add(program, cli)

const leaves = program.commands.flatMap((noun) =>
  noun.commands.length === 0
    ? [{ name: noun.name(), command: noun }]
    : noun.commands.map((verb) => ({ name: `${noun.name()} ${verb.name()}`, command: verb })),
)

const expected: Record<string, string> = {
  keys: 'list generate activate rotate revoke import export verifiers',
  users:
    'create list show update export set-password send-reset resend-confirmation verify-email disable enable roles claims delete import',
  roles: 'create list update delete',
  apis: 'create list update delete',
  clients: 'create list show update rotate-secret delete',
  sessions: 'list revoke',
  audit: 'list',
  mail: 'list retry test',
}

/** A vertical bar would begin the next cell of the table. */
const cell = (text: string): string => text.replaceAll('|', '\\|')

/** The row of a command in docs/commands.md, made from the same texts as its help. */
const rowOf = ({ name, command }: (typeof leaves)[number]): string => {
  const words = command.registeredArguments.map((one) =>
    one.required ? `<${one.name()}>` : `[${one.name()}]`,
  )
  const usage = ['dojang', name, ...words].join(' ')
  const options = command.options
    .filter(({ long }) => long !== '--json')
    .map(({ flags, description }) => `\`${cell(flags)}\` ${cell(description)}`)
  return `| \`${usage}\` | ${cell(command.description())} | ${options.join('<br>')} |`
}

test('docs/commands.md has exactly the arguments, options and descriptions of the help', () => {
  const page = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8')
  expect(page.split('\n').filter((line) => line.startsWith('| `dojang '))).toEqual(leaves.map(rowOf))
})

test('every expected noun and verb exists', () => {
  const names = Object.entries(expected).flatMap(([noun, verbs]) =>
    verbs.split(' ').map((verb) => `${noun} ${verb}`),
  )
  expect(leaves.map(({ name }) => name)).toEqual(
    expect.arrayContaining([...names, 'migrate', 'backup', 'move', 'doctor']),
  )
})

test.each(leaves)('the command $name has --json and a description', ({ command }) => {
  expect(command.options.map(({ long }) => long)).toContain('--json')
  expect(command.description()).not.toBe('')
})

test.each(leaves)('the command $name takes no secret as an argument (H9)', ({ command }) => {
  const withValue = command.options.filter((option) => option.required || option.optional)
  const names = [
    ...withValue.map(({ long }) => long),
    ...command.registeredArguments.map((one) => one.name()),
  ]
  for (const name of names) expect(name).not.toMatch(/password|secret|token(?!-type)/)
})
