// dojang sessions: where people are signed in.
import type { Command } from 'commander'
import type { SessionView } from '../admin/session-operations.ts'
import { type Cli, given, verb } from './command.ts'
import { table } from './output.ts'

export const sessionsCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('sessions').description('sessions: where people are signed in')
  verb(noun, 'list', "list somebody's sessions")
    .argument('<user>', 'id, e-mail address or username')
    .action(async (user: string) => {
      const sessions = await cli.call<SessionView[]>('sessions.list', { user })
      const rows = sessions.map((session) => ({
        ...session,
        clients: session.families.map(({ client_id }) => client_id),
      }))
      const headings = {
        id: 'SESSION',
        started_at: 'STARTED',
        last_seen_at: 'LAST SEEN',
        expires_at: 'EXPIRES',
        clients: 'CLIENTS',
        ip: 'ADDRESS',
        user_agent: 'BROWSER',
      }
      cli.show(sessions, table(rows, headings, 'There are no sessions.'))
    })
  verb(noun, 'revoke', 'end a session with its refresh tokens and access tokens, or all of a user')
    .argument('[id]', 'id of a session, or the "sid" of a token')
    .option('--user <user>', 'all sessions of this user: id, e-mail address or username')
    .action(async (id: string | undefined, { user }, command: Command) => {
      if ((id === undefined) === (user === undefined))
        command.error('error: give the id of a session, or --user')
      const done = await cli.call<{ ended_sessions: number }>('sessions.revoke', given({ id, user }))
      cli.show(
        done,
        user === undefined ? `${id} has ended.` : `${done.ended_sessions} sessions of ${user} have ended.`,
      )
    })
}
