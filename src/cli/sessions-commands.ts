// dojang sessions: lists and ends the sessions of users.
import type { Command } from 'commander'
import type { RevokedSessions, SessionView } from '../admin/session-operations.ts'
import { type Cli, verb } from './command.ts'
import { userArgument, userOption } from './options.ts'
import { counted, table } from './output.ts'

/** The replays of all families. `repeated`: one of them was replayed in many generations in a row. */
const replaysOf = ({ families }: SessionView): string => {
  const replays = families.reduce((sum, family) => sum + family.replays, 0)
  return families.some((family) => family.replayed_repeatedly) ? `${replays} (repeated)` : String(replays)
}

const list = (noun: Command, cli: Cli) =>
  userArgument(verb(noun, 'list', 'list the sessions of a user')).action(async (user: string) => {
    const sessions = await cli.call('sessions.list', { user })
    const rows = sessions.map((session) => ({
      ...session,
      clients: session.families.map(({ client_id }) => client_id),
      replays: replaysOf(session),
    }))
    cli.show(
      sessions,
      table(rows, 'There are no sessions.', {
        id: 'SESSION',
        started_at: 'STARTED',
        last_seen_at: 'LAST SEEN',
        expires_at: 'EXPIRES',
        clients: 'CLIENTS',
        replays: 'REPLAYS',
        ip: 'IP ADDRESS',
        user_agent: 'BROWSER',
      }),
    )
  })

const ended = ({ id, ended_sessions }: RevokedSessions): string =>
  ended_sessions === 0 ? `The tokens with the sid ${id} are revoked.` : `The session ${id} ended.`

const endedAll = (user: string, { ended_sessions }: RevokedSessions): string =>
  `${counted(ended_sessions, 'session')} of ${user} ended. All tokens of this user are revoked.`

const revoke = (noun: Command, cli: Cli) =>
  userOption(
    verb(noun, 'revoke', 'end a session and revoke its tokens, or end all sessions of a user'),
    'end all sessions of this user',
  )
    .argument('[id]', 'id of a session, or the "sid" claim of a token')
    .action(async (id: string | undefined, { user }: { user?: string }, command: Command) => {
      if ((id === undefined) === (user === undefined))
        command.error('error: give either the id of a session or --user')
      const revoked = await cli.call('sessions.revoke', { id, user })
      cli.show(revoked, user === undefined ? ended(revoked) : endedAll(user, revoked))
    })

export const sessionsCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('sessions').description('sessions of users, with their clients')
  list(noun, cli)
  revoke(noun, cli)
}
