// Reads the file of an import twice, in batches: first it checks every line, then it imports them.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { type ImportedLine, maxLinesPerBatch, type NumberedRecord } from '../admin/user-import.ts'
import { CliError } from './cli-error.ts'
import type { Cli } from './command.ts'
import { counted } from './output.ts'

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
const pass = async (cli: Cli, file: string, check: boolean): Promise<ImportedLine[]> => {
  const report: ImportedLine[] = []
  try {
    for await (const batch of readFile(file)) {
      const lines = batch.filter(isRecord)
      const answers = await cli.call('users.import', { lines, check })
      report.push(...[...answers, ...batch.filter(isReport)].sort((a, b) => a.line - b.line))
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'syscall' in error)
      throw new CliError(`${file} cannot be read (${error.code}). Check its path and permissions.`)
    throw error
  }
  return report
}

const count = (report: readonly ImportedLine[], outcome: ImportedLine['outcome']): number =>
  report.filter((line) => line.outcome === outcome).length

/** Imports nothing if a line is refused. Skips a user who already exists. */
export const importUsers = async (cli: Cli, file: string, onlyCheck: boolean): Promise<void> => {
  const checked = await pass(cli, file, true)
  const faulty = count(checked, 'refused')
  const report = faulty > 0 || onlyCheck ? checked : await pass(cli, file, false)
  const refused = count(report, 'refused')
  const sums = { created: count(report, 'created'), skipped: count(report, 'skipped'), refused }
  const notCreated = report.filter(({ outcome }) => outcome === 'refused' || outcome === 'skipped')
  const sentences = notCreated.map(
    ({ line, outcome, reason }) => `Line ${line} is ${outcome}. ${reason ?? ''}`,
  )
  const summary =
    faulty > 0 || onlyCheck
      ? `${counted(report.length, 'line')} checked, ${faulty} refused. Nothing was imported.`
      : `${counted(sums.created, 'user')} created, ${sums.skipped} skipped, ${refused} refused.`
  cli.show({ ...sums, checked: report.length, lines: report }, [...sentences, summary].join('\n'))
  if (refused > 0)
    throw new CliError(
      faulty > 0
        ? 'Nothing was imported. Correct the refused lines and run the import again.'
        : 'Some lines were refused. Correct them and run the import again.',
    )
}
