// How commands are made: each one has `--json`, and lists look the same everywhere.
import type { Command } from 'commander'
import type { CallOperation } from './connect.ts'
import { table } from './output.ts'
import type { Terminal } from './terminal.ts'

/** The functions that every command uses. */
export interface Cli {
  terminal: Terminal
  /** Runs the operation here. The first call opens the stores. @throws {AdminError | Unavailable} */
  call: CallOperation
  /** Prints `value` with `--json`, else the text. */
  show(value: unknown, text: string): void
  /** Prints a remark that is not part of the answer, on stderr. */
  remark(text: string): void
  /** Reads stdin or the keyboard. Undefined if there is no terminal, or if nothing is typed. */
  readPassword(options: { stdin: boolean }): Promise<string | undefined>
}

export const verb = (noun: Command, usage: string, description: string): Command =>
  noun.command(usage).description(description).option('--json', 'print JSON')

/** A command without options that prints a table. `none` is printed if there are no rows. */
export const listVerb = <Row extends object>(
  noun: Command,
  cli: Cli,
  listing: {
    usage: string
    description: string
    rows(): Promise<Row[]>
    headings: Partial<Record<keyof Row & string, string>>
    none: string
  },
): void => {
  const { usage, description, headings, none } = listing
  verb(noun, usage, description).action(async () => {
    const rows = await listing.rows()
    cli.show(rows, table(rows, none, headings))
  })
}
