// The command line: NOUN VERB, with one file per noun. It reads arguments and prints; admin/ does the work.
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { OperationName } from '../admin/operations.ts'
import { readConfig } from '../config.ts'
import { isOverseer, oversee } from '../workers.ts'
import { apisCommands } from './apis-commands.ts'
import { auditCommands } from './audit-commands.ts'
import { backupCommand } from './backup-command.ts'
import { clientsCommands } from './clients-commands.ts'
import type { Cli } from './command.ts'
import { type Connection, connect } from './connect.ts'
import { doctorCommand } from './doctor-command.ts'
import { describeEnvFile, loadEnvFile } from './env-file.ts'
import { keysCommands } from './keys-commands.ts'
import { mailCommands } from './mail-commands.ts'
import { migrateCommand } from './migrate-command.ts'
import { moveCommand } from './move-command.ts'
import { readPassword } from './read-password.ts'
import { reportError } from './report-error.ts'
import { rolesCommands } from './roles-commands.ts'
import { sessionsCommands } from './sessions-commands.ts'
import type { Terminal } from './terminal.ts'
import { usersCommands } from './users-commands.ts'

const version = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version

/** A command logs only warnings, unless LOG_LEVEL is set. Its events are in the audit log. */
const configuration = ({ env }: Terminal) => {
  const config = readConfig(env)
  return env.LOG_LEVEL ? config : { ...config, logLevel: 'warn' as const }
}

/** Before the first operation: applies missing migrations, and compares the store of the sessions. */
const open = async (first: OperationName, terminal: Terminal): Promise<Connection> => {
  const opened = await connect(configuration(terminal), terminal)
  if (first === 'migrate') return opened
  try {
    await opened.call('migrate')
    await opened.requireSessionStoreOfServer()
    return opened
  } catch (error) {
    await opened.close()
    throw error
  }
}

const createProgram = (cli: Cli, isJson: () => boolean): Command => {
  const { env, stdout, stderr } = cli.terminal
  const program = new Command('dojang')
    .description('Signs users in and issues tokens that services verify on their own.')
    .version(version(), '--version', 'print the version')
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError('Add --help to see the commands and options.')
    .configureHelp({
      showGlobalOptions: false,
      subcommandTerm: (command) =>
        [command.name(), ...command.registeredArguments.map((argument) => `<${argument.name()}>`)].join(' '),
      // The help of `dojang` lists every noun with its verbs.
      subcommandDescription: (command) =>
        [command.description(), command.commands.map((one) => one.name()).join(' | ')]
          .filter(Boolean)
          .join('\n'),
    })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      // With --json the error is printed as JSON.
      writeErr: (text) => void (isJson() || stderr.write(text)),
    })
    .addHelpText(
      'after',
      `
Commands work with a running server and without one. The settings are environment variables, and
the lines of .env in the working directory; see .env.example. Exit code: 0 done, 1 failed,
2 wrong arguments. With --json an error is one line of JSON on stderr: {"error", "message"}.

  dojang users create --email jane@example.com --password-stdin < password.txt
  dojang clients create --id web --redirect-uri https://app.example.com/callback --scope "openid profile email"
  dojang keys rotate`,
    )

  program
    .command('serve')
    .description('start the server')
    .action(async () => {
      const config = readConfig(env)
      // It serves nothing, so it does not load the server.
      if (isOverseer(config.workers)) return oversee(config.workers)
      const { serve } = await import('../main.ts')
      await serve(config, describeEnvFile(cli.terminal))
    })
  keysCommands(program, cli)
  usersCommands(program, cli)
  rolesCommands(program, cli)
  apisCommands(program, cli)
  clientsCommands(program, cli)
  sessionsCommands(program, cli)
  auditCommands(program, cli)
  mailCommands(program, cli)
  migrateCommand(program, cli)
  backupCommand(program, cli)
  moveCommand(program, cli)
  doctorCommand(program, cli)
  return program
}

/** Moves ids behind `--`: an id in base64url may begin with a hyphen and would be read as options. */
const protectIds = (args: readonly string[]): string[] => {
  const isId = (arg: string) => /^-(?!-)(?:[A-Za-z0-9_-]{21}|[A-Za-z0-9_-]{42})$/.test(arg)
  const ids = args.filter((arg, index) => isId(arg) && !args[index - 1]?.startsWith('--'))
  if (ids.length === 0 || args.includes('--')) return [...args]
  return [...args.filter((arg) => !ids.includes(arg)), '--', ...ids]
}

/** True if the arguments before `--` ask for JSON. Commander does not say so if the arguments are wrong. */
const asksForJson = (args: readonly string[]): boolean =>
  args.slice(0, args.includes('--') ? args.indexOf('--') : undefined).includes('--json')

/** Runs one command and sets the exit code. `dojang serve` runs on after that. */
export const main = async (terminal: Terminal): Promise<void> => {
  const { argv, stdout, stderr } = terminal
  const args = protectIds(argv.slice(2))
  let connection: Promise<Connection> | undefined
  let command: Command | undefined
  let json = asksForJson(args)
  const cli: Cli = {
    terminal,
    call: (operation, ...input) => {
      connection ??= open(operation, terminal)
      return connection.then((opened) => opened.call(operation, ...input))
    },
    show: (value, text) => void stdout.write(`${json ? JSON.stringify(value) : text}\n`),
    remark: (text) => void stderr.write(`${text}\n`),
    readPassword: (options) => readPassword(terminal, options),
  }
  // A reader that stops early (`| head`) is not an error.
  for (const stream of [stdout, stderr]) stream.on('error', () => {})
  try {
    const program = createProgram(cli, () => json).hook('preAction', (_, action) => {
      command = action
      json = action.opts().json === true
      loadEnvFile(terminal)
    })
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    reportError(error, { command, json, terminal })
  } finally {
    await (await connection?.catch(() => undefined))?.close()
  }
}
