// How commands are made: every one has `--json`, and options are read the same way everywhere.
import { type Command, InvalidArgumentError } from 'commander'
import type { OperationName } from '../admin/operations.ts'

/** What a noun's commands work with. */
export interface Cli {
  /** Asks the running server, or does it in this process. @throws {CliError} */
  call<T>(operation: OperationName, input?: object): Promise<T>
  /** `value` with `--json`, else the text. */
  show(value: unknown, text: string): void
  /** A remark that is no part of the answer, on stderr. */
  remark(text: string): void
  /** From stdin if asked for, else typed without echo. Undefined if there is neither, or nothing was typed. */
  readPassword(options: { stdin: boolean }): Promise<string | undefined>
}

export const verb = (noun: Command, usage: string, description: string): Command =>
  noun.command(usage).description(description).option('--json', 'answer in JSON')

/** For options that may be repeated. */
export const repeated = (value: string, before: readonly string[] | undefined): string[] => [
  ...(before ?? []),
  value,
]

export const whole = (value: string): number => {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(value)
}

export const yesOrNo = (value: string): boolean => {
  if (!['yes', 'no', 'true', 'false'].includes(value)) throw new InvalidArgumentError('It must be yes or no.')
  return value === 'yes' || value === 'true'
}

/** The members that were given: an operation takes "absent" and not "undefined". */
export const given = (members: Record<string, unknown>): object =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
