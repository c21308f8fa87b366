// Every command of `dojang` with its arguments and options. None of them is run.
import { Command } from 'commander'
import { apisCommands } from '../../src/cli/apis-commands.ts'
import { auditCommands } from '../../src/cli/audit-commands.ts'
import { backupCommand } from '../../src/cli/backup-command.ts'
import { clientsCommands } from '../../src/cli/clients-commands.ts'
import type { Cli } from '../../src/cli/command.ts'
import { doctorCommand } from '../../src/cli/doctor-command.ts'
import { keysCommands } from '../../src/cli/keys-commands.ts'
import { mailCommands } from '../../src/cli/mail-commands.ts'
import { migrateCommand } from '../../src/cli/migrate-command.ts'
import { moveCommand } from '../../src/cli/move-command.ts'
import { rolesCommands } from '../../src/cli/roles-commands.ts'
import { sessionsCommands } from '../../src/cli/sessions-commands.ts'
import { usersCommands } from '../../src/cli/users-commands.ts'

const cli: Cli = {
  terminal: process,
  call: () => Promise.reject(new Error('Nothing is run here.')),
  show: () => {},
  remark: () => {},
  readPassword: async () => undefined,
}

const program = new Command('dojang')
for (const add of [
  keysCommands,
  usersCommands,
  rolesCommands,
  apisCommands,
  clientsCommands,
  sessionsCommands,
  auditCommands,
  mailCommands,
  migrateCommand,
  backupCommand,
  moveCommand,
  doctorCommand,
])
  add(program, cli)

/** In the order of docs/commands.md. The name is noun and verb, such as `keys list`. */
export const everyCommand: readonly { name: string; command: Command }[] = program.commands.flatMap((noun) =>
  noun.commands.length === 0
    ? [{ name: noun.name(), command: noun }]
    : noun.commands.map((verb) => ({ name: `${noun.name()} ${verb.name()}`, command: verb })),
)
