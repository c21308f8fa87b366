// Reads the file of an import twice, in batches: first every line is checked, then all are written.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { type ImportedLine, maxLinesPerBatch, type NumberedRecord } from '../admin/user-import.ts'
import { CliError } from './cli-error.ts'
import type { Cli } from './command.ts'

const maxBatchLength = 1_000_000
const maxLineLength = 64 * 1024

type Line = NumberedRecord | ImportedLine

const readLine = (line: number, text: string): Line => {
  if (text.length > maxLineLength)
    return { line, outcome: 'refused', reason: 'The line is longer than 64 KiB.' }
  try {
    return { line, record: JSON.parse(text) }
  } catch {
    return { line, outcome: 'refused', reason: 'It is not JSON.' }
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

/** The report of one pass over the file, in the order of its lines. */
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
      throw new CliError(`${file} cannot be read (${error.code}).`)
    throw error
  }
  return report
}

const count = (report: readonly ImportedLine[], outcome: ImportedLine['outcome']): number =>
  report.filter((line) => line.outcome === outcome).length

/** `dojang users import FILE`. A faulty line: nothing is written. A known e-mail address: skipped. */
export const importUsers = async (cli: Cli, file: string, onlyCheck: boolean): Promise<void> => {
  const checked = await pass(cli, file, true)
  const faulty = count(checked, 'refused')
  const report = faulty > 0 || onlyCheck ? checked : await pass(cli, file, false)
  const refused = count(report, 'refused')
  const sums = { created: count(report, 'created'), skipped: count(report, 'skipped'), refused }
  const told = report.filter(({ outcome }) => outcome === 'refused' || outcome === 'skipped')
  const sentences = told.map(({ line, outcome, reason }) => `line ${line}: ${outcome}: ${reason ?? ''}`)
  const end =
    faulty > 0 || onlyCheck
      ? `${report.length} lines checked, ${faulty} of them faulty; nothing was written.`
      : `${sums.created} created, ${sums.skipped} skipped, ${refused} refused.`
  cli.show({ ...sums, checked: report.length, lines: report }, [...sentences, end].join('\n'))
  if (refused > 0)
    throw new CliError(
      faulty > 0 ? 'Correct the faulty lines; nothing was written.' : 'Some lines were refused.',
    )
}
