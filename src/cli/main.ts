// The command line: NOUN VERB, one file per noun. Reads arguments and prints; what a command does is admin/.
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { AdminError } from '../admin/admin-error.ts'
import type { OperationName } from '../admin/operations.ts'
import { ConfigError, readConfig } from '../config.ts'
import { Unavailable } from '../unavailable.ts'
import { apisCommands } from './apis-commands.ts'
import { auditCommands } from './audit-commands.ts'
import { CliError } from './cli-error.ts'
import { clientsCommands } from './clients-commands.ts'
import type { Cli } from './command.ts'
import { type Connection, connect } from './connect.ts'
import { doctorCommand } from './doctor-command.ts'
import { keysCommands } from './keys-commands.ts'
import { migrateCommand } from './migrate-command.ts'
import { readPassword } from './read-password.ts'
import { rolesCommands } from './roles-commands.ts'
import { sessionsCommands } from './sessions-commands.ts'
import { usersCommands } from './users-commands.ts'

const exitCodes = { ok: 0, failed: 1, usage: 2 } as const

const version = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version

let connection: Promise<Connection> | undefined
let json = false

/** A command in this process reports its events as rows; as lines too if LOG_LEVEL asks for them. */
const configuration = () => {
  const config = readConfig(process.env)
  return process.env.LOG_LEVEL ? config : { ...config, logLevel: 'warn' as const }
}

/** A server has brought its database up to date; what is opened here must be, before anything but `migrate` itself. */
const open = async (first: OperationName): Promise<Connection> => {
  const opened = await connect(configuration())
  if (opened.isServer || first === 'migrate') return opened
  try {
    await opened.call('migrate')
    return opened
  } catch (error) {
    await opened.close()
    throw error
  }
}

const cli: Cli = {
  call: (operation, ...input) => {
    connection ??= open(operation)
    return connection.then((opened) => opened.call(operation, ...input))
  },
  show: (value, text) => console.log(json ? JSON.stringify(value) : text),
  remark: (text) => console.error(text),
  readPassword,
}

const program = new Command('dojang')
  .description('A token issuer: signs people in, and signs what services can check on their own.')
  .version(version(), '--version', 'print the version')
  .helpCommand(false)
  .exitOverride()
  .showHelpAfterError('Add --help for what there is.')
  .configureHelp({
    showGlobalOptions: false,
    subcommandTerm: (command) =>
      [command.name(), ...command.registeredArguments.map((argument) => `<${argument.name()}>`)].join(' '),
    // The list of nouns is the list of everything there is.
    subcommandDescription: (command) =>
      [command.description(), command.commands.map((one) => one.name()).join(' | ')]
        .filter(Boolean)
        .join('\n'),
  })
  .hook('preAction', (_, action) => {
    json = action.opts().json === true
  })
  .addHelpText(
    'after',
    `
Commands work beside the running server and without it. Configuration comes from the environment;
see .env.example. Exit code: 0 done, 1 not done, 2 not understood.

  dojang users create --email jane@example.com --password-stdin < password.txt
  dojang clients create --id web --redirect-uri https://app.example.com/callback --scope "openid profile email"
  dojang keys rotate`,
  )

program
  .command('serve')
  .description('start the server')
  .action(async () => {
    const { serve } = await import('../main.ts')
    await serve(process.env)
  })
keysCommands(program, cli)
usersCommands(program, cli)
rolesCommands(program, cli)
apisCommands(program, cli)
clientsCommands(program, cli)
sessionsCommands(program, cli)
auditCommands(program, cli)
migrateCommand(program, cli)
doctorCommand(program, cli)

/** An id may begin with a hyphen (base64url); moved behind `--` it is not taken for options. */
const protectIds = (args: readonly string[]): string[] => {
  const isId = (arg: string) => /^-(?!-)(?:[A-Za-z0-9_-]{21}|[A-Za-z0-9_-]{42})$/.test(arg)
  const ids = args.filter((arg, index) => isId(arg) && !args[index - 1]?.startsWith('--'))
  if (ids.length === 0 || args.includes('--')) return [...args]
  return [...args.filter((arg) => !ids.includes(arg)), '--', ...ids]
}

/** Why a store does not answer, for the operator alone: drivers name addresses and users there, never passwords. */
const because = (cause: unknown): string => {
  if (!(cause instanceof Error)) return '.'
  return `: ${cause.message || (cause as NodeJS.ErrnoException).code}. Does it run, and is its URL right?`
}

/** What went wrong, on stderr, in as few words as are clear; the whole of it only if it is our own mistake. */
const fail = (error: unknown): void => {
  if (error instanceof CommanderError) {
    // It has said what it had to say itself.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    return
  }
  process.exitCode = exitCodes.failed
  const known = [CliError, AdminError, ConfigError].some((kind) => error instanceof kind)
  if (!(error instanceof Error)) console.error(`dojang: ${String(error)}`)
  else if (error instanceof Unavailable) console.error(`dojang: ${error.message}${because(error.cause)}`)
  else if (known) console.error(`dojang: ${error.message}`)
  else console.error(`dojang: ${process.env.LOG_LEVEL === 'debug' ? error.stack : error.message}`)
}

// A reader that has seen enough (`| head`) is no fault.
process.stdout.on('error', () => {})
try {
  await program.parseAsync(protectIds(process.argv.slice(2)), { from: 'user' })
} catch (error) {
  fail(error)
} finally {
  await (await connection?.catch(() => undefined))?.close()
}
