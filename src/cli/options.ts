// Arguments and options that several commands share, so that they look and work the same everywhere.
import { type Command, InvalidArgumentError } from 'commander'

/** For an option that may be repeated. */
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

const user = 'user id, e-mail address or username'

export const userArgument = (command: Command): Command => command.argument('<user>', user)

export const userOption = (command: Command, description: string): Command =>
  command.option('--user <user>', `${description}: id, e-mail address or username`)

export const limitOption = (command: Command, initial: number): Command =>
  command.option('--limit <number>', 'show at most this many, up to 1000', whole, initial)

/** A password is never an argument, because every user of the machine can list arguments. */
export const passwordOption = (command: Command): Command =>
  command.option('--password-stdin', 'read the password from stdin instead of the keyboard')

export const scopeOption = (command: Command, description: string): Command =>
  command.option('--scope <scopes>', `${description}; repeatable, or separated by spaces`, repeated)

export const clearOption = (command: Command, settings: string): Command =>
  command.option('--clear <setting>', `empty a setting: ${settings}; repeatable`, repeated)
