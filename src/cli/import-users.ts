// Reads the file of an import twice, in batches: first it checks every line, then it imports them. At the end
// it names everyone who was not imported.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { type ImportedLine, maxLinesPerBatch, type NumberedRecord } from '../admin/user-import.ts'
import { normalUsername } from '../users/user.ts'
import { CliError } from './cli-error.ts'
import type { Cli } from './command.ts'
import { counted, plain } from './output.ts'

const maxBatchLength = 1_000_000
const maxLineLength = 64 * 1024

type Line = NumberedRecord | ImportedLine

const readLine = (line: number, text: string): Line => {
  if (text.length > maxLineLength)
    return { line, outcome: 'refused', reason: 'The line is longer than 64 KiB.' }
  try {
    return { line, record: JSON.parse(text) }
  } catch {
    return { line, outcome: 'refused', reason: 'The line is not JSON.' }
  }
}

const readFile = async function* (file: string): AsyncGenerator<Line[]> {
  let batch: Line[] = []
  let length = 0
  let line = 0
  for await (const text of createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line += 1
    if (text.trim() === '') continue
    batch.push(readLine(line, text))
    length += text.length
    if (batch.length < maxLinesPerBatch && length < maxBatchLength) continue
    yield batch
    batch = []
    length = 0
  }
  if (batch.length > 0) yield batch
}

const isRecord = (line: Line): line is NumberedRecord => 'record' in line
const isReport = (line: Line): line is ImportedLine => 'outcome' in line

/** Reads the file once. The report has the order of its lines. */
const pass = async (
  cli: Cli,
  file: string,
  options: { check: boolean; addIdentities: boolean },
): Promise<ImportedLine[]> => {
  const report: ImportedLine[] = []
  try {
    for await (const batch of readFile(file)) {
      const lines = batch.filter(isRecord)
      const answers = await cli.call('users.import', { lines, ...options })
      report.push(...[...answers, ...batch.filter(isReport)].sort((a, b) => a.line - b.line))
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'syscall' in error)
      throw new CliError(`${file} cannot be read (${error.code}). Check its path and permissions.`)
    throw error
  }
  return report
}

/** Finds users who are in the file twice, because a check creates no user that the second line would meet. */
const withRepeats = (report: readonly ImportedLine[]): ImportedLine[] => {
  const [emails, usernames] = [new Map<string, number>(), new Map<string, number>()]
  return report.map((line) => {
    const { email, username } = line
    if (line.outcome !== 'ok') return line
    const same = email === undefined ? undefined : emails.get(email)
    const namesake = username === undefined ? undefined : usernames.get(normalUsername(username))
    if (email !== undefined) emails.set(email, same ?? line.line)
    if (username !== undefined) usernames.set(normalUsername(username), namesake ?? line.line)
    if (same !== undefined)
      return { ...line, outcome: 'skipped', reason: `Line ${same} has the same e-mail address.` }
    if (namesake !== undefined)
      return {
        ...line,
        outcome: email === undefined ? 'skipped' : 'refused',
        reason: `Line ${namesake} has the same username.`,
      }
    return line
  })
}

const count = (report: readonly ImportedLine[], outcome: ImportedLine['outcome']): number =>
  report.filter((line) => line.outcome === outcome).length

const sentence = ({ line, email, username, outcome, reason = '' }: ImportedLine): string => {
  const person = email ?? username
  return `Line ${line}${person === undefined ? '' : ` (${plain(person)})`} is ${outcome}. ${reason}`
}

export interface ImportOptions {
  /** Import nothing. */
  check?: boolean
  /** A user who exists is not an error. */
  skipExisting?: boolean
  /** A user who exists gets the identities of the line. */
  addIdentities?: boolean
}

/** Imports nothing if a line is refused. A user who exists gets at most new identities. */
export const importUsers = async (
  cli: Cli,
  file: string,
  { check = false, skipExisting = false, addIdentities = false }: ImportOptions,
): Promise<void> => {
  const checked = withRepeats(await pass(cli, file, { check: true, addIdentities }))
  const wrong = count(checked, 'refused') > 0
  const report = wrong || check ? checked : await pass(cli, file, { check: false, addIdentities })
  const notImported = report.filter(({ outcome }) => outcome === 'refused' || outcome === 'skipped')
  const [skipped, refused] = [count(report, 'skipped'), count(report, 'refused')]
  const sums = { created: count(report, 'created'), updated: count(report, 'updated'), skipped, refused }
  const updated = addIdentities ? `${counted(sums.updated, 'user')} with new identities, ` : ''
  const done =
    wrong || check
      ? `${counted(report.length, 'line')} checked, ${skipped} skipped, ${refused} refused. Nothing was imported.`
      : `${counted(sums.created, 'user')} created, ${updated}${skipped} skipped, ${refused} refused.`
  cli.show(
    { ...sums, checked: report.length, lines: report },
    [...notImported.map(sentence), done].join('\n'),
  )
  if (wrong) throw new CliError('Nothing was imported. Correct the refused lines and run the import again.')
  if (refused > 0) throw new CliError('Some lines were refused. Correct them and run the import again.')
  if (skipped > 0 && !skipExisting)
    throw new CliError(
      `${counted(skipped, 'line')} of the file ${check ? 'would not be' : skipped === 1 ? 'was not' : 'were not'} imported, because the user exists. If you expect this, add --skip-existing.`,
    )
}
