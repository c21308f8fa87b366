// The commands of `dojang`: the expected nouns and verbs exist, and each has --json.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { everyCommand } from '../support/every-command.ts'

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
const rowOf = ({ name, command }: (typeof everyCommand)[number]): string => {
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
  expect(page.split('\n').filter((line) => line.startsWith('| `dojang '))).toEqual(everyCommand.map(rowOf))
})

test('docs/commands.ko.md has the commands, options and members of the English page', () => {
  const codeOfRows = (file: string) =>
    readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((row) => row.match(/`[^`]+`/g))
  expect(codeOfRows('commands.ko.md')).toEqual(codeOfRows('commands.md'))
})

test('every expected noun and verb exists', () => {
  const names = Object.entries(expected).flatMap(([noun, verbs]) =>
    verbs.split(' ').map((verb) => `${noun} ${verb}`),
  )
  expect(everyCommand.map(({ name }) => name)).toEqual(
    expect.arrayContaining([...names, 'migrate', 'backup', 'move', 'doctor']),
  )
})

test.each(everyCommand)('the command $name has --json and a description', ({ command }) => {
  expect(command.options.map(({ long }) => long)).toContain('--json')
  expect(command.description()).not.toBe('')
})

test.each(everyCommand)('the command $name takes no secret as an argument (H9)', ({ command }) => {
  const withValue = command.options.filter((option) => option.required || option.optional)
  const names = [
    ...withValue.map(({ long }) => long),
    ...command.registeredArguments.map((one) => one.name()),
  ]
  for (const name of names) expect(name).not.toMatch(/password|secret|token(?!-type)/)
})
