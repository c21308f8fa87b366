// dojang migrate: applies the migrations that the database lacks.
import type { Command } from 'commander'
import { type Cli, verb } from './command.ts'

export const migrateCommand = (program: Command, cli: Cli): void => {
  verb(program, 'migrate', 'update the database for this version').action(async () => {
    const migrated = await cli.call('migrate')
    const applied = migrated.applied.map((name) => `Applied ${name}.`).join('\n')
    cli.show(migrated, applied || `There is nothing to apply. The newest migration is ${migrated.current}.`)
  })
}
