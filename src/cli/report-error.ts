// Says why a command failed: one sentence on stderr, or one line of JSON with --json.
import { type Command, CommanderError } from 'commander'
import { AdminError } from '../admin/admin-error.ts'
import { ConfigError } from '../config.ts'
import { Unavailable } from '../unavailable.ts'
import { optionOf } from './option-names.ts'
import type { Terminal } from './terminal.ts'

export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const

/** The same members for every error. `error` is for programs, and `message` for people. */
interface Failure {
  error: AdminError['code'] | 'usage' | 'configuration' | 'unavailable' | 'failed'
  message: string
}

/** Adds why a store does not answer. Drivers name addresses and users in the message, but no passwords. */
const because = (cause: unknown): string => {
  if (!(cause instanceof Error)) return '.'
  return `: ${cause.message || (cause as NodeJS.ErrnoException).code}. Check that it runs and that its URL is correct.`
}

const usage = ({ code, message }: CommanderError): Failure => ({
  error: 'usage',
  message:
    code === 'commander.help'
      ? 'The command is not complete. Add --help to see the commands and options.'
      : message.replace(/^error: /, ''),
})

/** LOG_LEVEL=debug shows the stack of an unexpected error. */
const failureOf = (error: unknown, command: Command | undefined, { env }: Terminal): Failure => {
  if (error instanceof CommanderError) return usage(error)
  if (error instanceof AdminError) {
    const { code, message, member } = error
    const named =
      member === undefined ? message : message.replaceAll(`"${member}"`, optionOf(member, command))
    return { error: code, message: named }
  }
  if (error instanceof ConfigError) return { error: 'configuration', message: error.message }
  if (error instanceof Unavailable)
    return { error: 'unavailable', message: `${error.message}${because(error.cause)}` }
  if (!(error instanceof Error)) return { error: 'failed', message: String(error) }
  return { error: 'failed', message: env.LOG_LEVEL === 'debug' ? String(error.stack) : error.message }
}

/** Prints the error and sets the exit code. @param command the command that ran, if one did */
export const reportError = (
  error: unknown,
  { command, json, terminal }: { command: Command | undefined; json: boolean; terminal: Terminal },
): void => {
  const isUsage = error instanceof CommanderError
  terminal.exitCode = isUsage ? exitCodes.usage : exitCodes.failed
  if (isUsage && error.exitCode === 0) {
    terminal.exitCode = exitCodes.ok
    return
  }
  const failure = failureOf(error, command, terminal)
  if (json) terminal.stderr.write(`${JSON.stringify(failure)}\n`)
  // Commander has already printed its own message.
  else if (!isUsage) terminal.stderr.write(`dojang: ${failure.message}\n`)
}
