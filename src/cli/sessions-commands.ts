// dojang sessions: where users are signed in.
import type { Command } from 'commander'
import { type Cli, verb } from './command.ts'
import { userArgument, userOption } from './options.ts'
import { table } from './output.ts'

const list = (noun: Command, cli: Cli) =>
  userArgument(verb(noun, 'list', "list somebody's sessions")).action(async (user: string) => {
    const sessions = await cli.call('sessions.list', { user })
    const rows = sessions.map((session) => ({
      ...session,
      clients: session.families.map(({ client_id }) => client_id),
    }))
    cli.show(
      sessions,
      table(rows, 'There are no sessions.', {
        id: 'SESSION',
        started_at: 'STARTED',
        last_seen_at: 'LAST SEEN',
        expires_at: 'EXPIRES',
        clients: 'CLIENTS',
        ip: 'ADDRESS',
        user_agent: 'BROWSER',
      }),
    )
  })

const revoke = (noun: Command, cli: Cli) =>
  userOption(
    verb(noun, 'revoke', 'end a session with its refresh tokens and access tokens, or all of a user'),
    'all sessions of this user',
  )
    .argument('[id]', 'id of a session, or the "sid" of a token')
    .action(async (id: string | undefined, { user }: { user?: string }, command: Command) => {
      if ((id === undefined) === (user === undefined))
        command.error('error: give the id of a session, or --user')
      const revoked = await cli.call('sessions.revoke', { id, user })
      const sentence =
        user === undefined ? `${id} has ended.` : `${revoked.ended_sessions} sessions of ${user} have ended.`
      cli.show(revoked, sentence)
    })

export const sessionsCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('sessions').description('sessions: where people are signed in')
  list(noun, cli)
  revoke(noun, cli)
}
