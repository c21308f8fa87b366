// dojang audit: the security events.
import type { Command } from 'commander'
import { type Cli, verb } from './command.ts'
import { limitOption, userOption } from './options.ts'
import { table } from './output.ts'

export const auditCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('audit').description('security events')
  const list = verb(noun, 'list', 'list security events, newest first').option(
    '--type <type>',
    'only events of this type, for example login.failed',
  )
  limitOption(userOption(list, 'only events of this user'), 50).action(
    async ({ user, type, limit }: { user?: string; type?: string; limit: number }) => {
      const events = await cli.call('audit.list', { user, type, limit })
      cli.show(
        events,
        table(events, 'No events match.', {
          at: 'TIME',
          type: 'EVENT',
          actor: 'ACTOR',
          user: 'USER',
          client_id: 'CLIENT',
          ip: 'IP ADDRESS',
          reason: 'REASON',
        }),
      )
    },
  )
}
