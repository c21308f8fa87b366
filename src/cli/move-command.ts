// dojang move: copies the embedded database to PostgreSQL.
import type { Command } from 'commander'
import { type Cli, verb } from './command.ts'
import { table } from './output.ts'

const next = `PostgreSQL has every row. What to do next:
1. Set DATABASE_URL to the address of this database, for the server and for every command.
   Change no other setting: the server needs the same key-encryption key, and the same REDIS_URL if it had one.
2. Start the server. Users stay signed in.
3. Keep the embedded database until the server works. It was not changed, and no server may use it now.`

const rehearsed = 'Nothing was moved: PostgreSQL accepted every row, and then dropped all of them.'

const hasPassword = (url: string): boolean => URL.canParse(url) && new URL(url).password !== ''

export const moveCommand = (program: Command, cli: Cli): void => {
  verb(program, 'move', 'copy the embedded database to PostgreSQL')
    .requiredOption('--to <url>', 'an empty database, postgres://USER@HOST/NAME; stop the server first')
    .option('--dry-run', 'copy and check everything, and keep nothing')
    .addHelpText('after', '\nPGPASSWORD or ~/.pgpass may contain the password of the database.')
    .action(async ({ to, dryRun }: { to: string; dryRun?: true }) => {
      const moved = await cli.call('move', { to, dryRun })
      const rows = table(moved.tables, 'There are no tables.', { table: 'TABLE', rows: 'ROWS' })
      cli.show(moved, `${rows}\n\n${moved.dry_run ? rehearsed : next}`)
      if (hasPassword(to))
        cli.remark('Other users of this machine could read the password in --to. Set PGPASSWORD instead.')
    })
}
