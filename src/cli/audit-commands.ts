// dojang audit: what happened.
import type { Command } from 'commander'
import type { AuditView } from '../admin/audit-operations.ts'
import { type Cli, given, verb, whole } from './command.ts'
import { table } from './output.ts'

export const auditCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('audit').description('security events')
  verb(noun, 'list', 'list security events, newest first')
    .option('--user <user>', 'about this user: id, e-mail address or username')
    .option('--type <type>', 'of this type, for example login.failed')
    .option('--limit <number>', 'at most this many, up to 1000', whole, 50)
    .action(async ({ user, type, limit }) => {
      const events = await cli.call<AuditView[]>('audit.list', given({ user, type, limit }))
      const headings = {
        at: 'AT',
        type: 'EVENT',
        actor: 'BY',
        user: 'USER',
        client_id: 'CLIENT',
        ip: 'ADDRESS',
        reason: 'REASON',
      }
      cli.show(events, table(events, headings, 'There are no such events.'))
    })
}
