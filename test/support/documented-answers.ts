// Reads the tables of "JSON answers" in docs/commands.md, and compares real answers with them.
import { readFileSync } from 'node:fs'

interface Member {
  name: string
  optional: boolean
  /** The record of which the member is a list. */
  listOf?: string
}

interface Shape {
  isList: boolean
  /** The record whose members come first. */
  record?: string
  members: Member[]
}

const shapeOf = (cell: string): Shape => {
  const text = cell.replace(/^one line for each: /, '')
  const start = /^(a list of )?\*([^*]+)\*(?:, )?/.exec(text)
  const members = [...text.matchAll(/`([a-z_]+)`(\?)?(?:: a list of \*([^*]+)\*)?/g)].map(
    ([, name = '', optional, listOf]) => ({ name, optional: optional === '?', ...(listOf && { listOf }) }),
  )
  return { isList: start?.[1] !== undefined, members, ...(start?.[2] && { record: start[2] }) }
}

const page = readFileSync(new URL('../../docs/commands.md', import.meta.url), 'utf8')
const rows = (page.split('## JSON answers')[1] ?? '')
  .split('\n')
  .map((line) => /^\| ([`*].+?) \| (.+) \|$/.exec(line))
  .flatMap((match) => (match ? [{ names: match[1] ?? '', cell: match[2] ?? '' }] : []))

const quoted = (text: string, mark: string): string[] =>
  text.split(', ').map((name) => name.replaceAll(mark, ''))

const tableOf = (mark: string): ReadonlyMap<string, Shape> =>
  new Map(
    rows
      .filter(({ names }) => names.startsWith(mark))
      .flatMap(({ names, cell }) => quoted(names, mark).map((name) => [name, shapeOf(cell)] as const)),
  )

const answers = tableOf('`')
const records = tableOf('*')

export const documentedCommands: readonly string[] = [...answers.keys()]
export const documentedRecords: readonly string[] = [...records.keys()]

/** What the answers have shown so far: names of records, and optional members as `record.member`. */
export const shown = new Set<string>()

/** Every optional member, in the form of `shown`. */
export const optionalMembers: readonly string[] = [...answers, ...records].flatMap(([name, { members }]) =>
  members.filter(({ optional }) => optional).map((member) => `${name}.${member.name}`),
)

const membersOf = (name: string, { record, members }: Shape): (Member & { of: string })[] => [
  ...(record === undefined ? [] : membersOf(record, records.get(record) ?? { isList: false, members: [] })),
  ...members.map((member) => ({ ...member, of: name })),
]

const faultsOfOne = (name: string, shape: Shape, value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return [`${name} is not an object`]
  if (shape.record !== undefined) shown.add(shape.record)
  const members = membersOf(name, shape)
  const unknown = Object.keys(value).filter((given) => members.every((member) => member.name !== given))
  return [
    ...unknown.map((given) => `${name} has ${given}, which the page does not name`),
    ...members.flatMap((member) => {
      const given = (value as Record<string, unknown>)[member.name]
      if (given === undefined) return member.optional ? [] : [`${name} has no ${member.name}`]
      if (member.optional) shown.add(`${member.of}.${member.name}`)
      return member.listOf === undefined ? [] : faultsOfList(member.listOf, given)
    }),
  ]
}

const faultsOfList = (record: string, value: unknown): string[] => {
  const shape = records.get(record)
  if (shape === undefined) return [`the page has no record ${record}`]
  if (!Array.isArray(value)) return [`${record} is not in a list`]
  if (value.length > 0) shown.add(record)
  return value.flatMap((each) => faultsOfOne(record, shape, each))
}

/** How the answer differs from the page. Empty if it has exactly the members that the page names. */
export const faultsOfAnswer = (command: string, answer: unknown): string[] => {
  const shape = answers.get(command)
  if (shape === undefined) return [`the page has no answer of ${command}`]
  if (shape.isList) return faultsOfList(shape.record ?? '', answer)
  return faultsOfOne(command, shape, answer)
}
