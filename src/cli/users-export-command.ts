// dojang users export: prints one line of JSON for each user, for `users import`.
import type { Command } from 'commander'
import { type Cli, verb } from './command.ts'

export const usersExportCommand = (noun: Command, cli: Cli): void => {
  verb(noun, 'export', 'print every user as one line of JSON, for "users import"')
    .option('--password-hashes', 'with the password hashes; keep such a file secret')
    .action(async ({ passwordHashes }: { passwordHashes?: true }) => {
      let after: string | undefined
      do {
        const { users, next } = await cli.call('users.export', { after, passwordHashes })
        for (const user of users) cli.show(user, JSON.stringify(user))
        after = next ?? undefined
      } while (after !== undefined)
      if (passwordHashes) cli.remark('The lines contain password hashes. Delete the file after use.')
    })
}
