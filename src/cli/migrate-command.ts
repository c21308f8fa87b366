// dojang migrate: brings the database to the form this version needs.
import type { Command } from 'commander'
import { type Cli, verb } from './command.ts'

interface Migrated {
  /** The names of the migrations that this call applied. */
  applied: string[]
  current: string | null
}

export const migrateCommand = (program: Command, cli: Cli): void => {
  verb(program, 'migrate', 'bring the database to the form that this version needs').action(async () => {
    const done = await cli.call<Migrated>('migrate')
    const applied = done.applied.map((name) => `Applied ${name}.`).join('\n')
    cli.show(done, applied || `Nothing to apply; the database is at ${done.current}.`)
  })
}
