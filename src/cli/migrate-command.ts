// dojang migrate: brings the database schema to the form that this version needs.
import type { Command } from 'commander'
import { type Cli, verb } from './command.ts'

export const migrateCommand = (program: Command, cli: Cli): void => {
  verb(program, 'migrate', 'bring the database to the form that this version needs').action(async () => {
    const migrated = await cli.call('migrate')
    const applied = migrated.applied.map((name) => `Applied ${name}.`).join('\n')
    cli.show(migrated, applied || `Nothing to apply; the database is at ${migrated.current}.`)
  })
}
