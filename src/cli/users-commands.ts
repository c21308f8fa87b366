// dojang users: people, their roles and what else is known of them.
import type { Command } from 'commander'
import type { UserView } from '../admin/user-operations.ts'
import { CliError } from './cli-error.ts'
import { type Cli, given, repeated, verb, whole, yesOrNo } from './command.ts'
import { importUsers } from './import-users.ts'
import { fields, table } from './output.ts'

const who = 'id, e-mail address or username'

const setPassword = (noun: Command, cli: Cli) =>
  verb(noun, 'set-password', 'give somebody a new password; ends all their sessions')
    .argument('<user>', who)
    .option('--password-stdin', 'read the password from stdin instead of asking for it')
    .action(async (user: string, options) => {
      const password = await cli.readPassword({ stdin: options.passwordStdin === true })
      if (password === undefined) throw new CliError('There is no password; use --password-stdin.')
      const done = await cli.call<{ id: string; ended_sessions: number }>('users.set-password', {
        user,
        password,
      })
      cli.show(done, `${done.id} has a new password; ${done.ended_sessions} sessions ended.`)
    })

const create = (noun: Command, cli: Cli) =>
  verb(noun, 'create', 'make an account')
    .option('--email <address>', 'e-mail address')
    .option('--email-verified', 'the address is known to be theirs')
    .option('--username <name>', 'username; without an e-mail address it is required')
    .option('--name <name>', 'name as shown')
    .option('--password-stdin', 'read the password from stdin instead of asking for it')
    .option('--role <name>', 'role, repeatable; "user" if none is given', repeated)
    .option('--onboarded', 'onboarding is done')
    .action(async (options) => {
      const { email, username, name, emailVerified, onboarded, role: roles } = options
      const password = await cli.readPassword({ stdin: options.passwordStdin === true })
      const input = { email, username, name, emailVerified, onboarded, roles, password }
      const created = await cli.call<{ id: string }>('users.create', given(input))
      cli.show(created, `Created ${created.id}${password === undefined ? ', without a password' : ''}.`)
    })

const list = (noun: Command, cli: Cli) =>
  verb(noun, 'list', 'list accounts by id')
    .option('--after <id>', 'begin after this id')
    .option('--limit <number>', 'at most this many, up to 1000', whole, 100)
    .action(async ({ after, limit }) => {
      const users = await cli.call<UserView[]>('users.list', given({ after, limit }))
      const headings = {
        id: 'ID',
        email: 'E-MAIL',
        username: 'USERNAME',
        roles: 'ROLES',
        disabled_at: 'DISABLED',
        created_at: 'CREATED',
      }
      cli.show(users, table(users, headings, 'There are no users.'))
      const last = users.at(-1)
      if (last !== undefined && users.length === limit) cli.remark(`There may be more: --after ${last.id}`)
    })

const roles = (noun: Command, cli: Cli) =>
  verb(noun, 'roles', "show or change somebody's roles")
    .argument('<user>', who)
    .option('--set <role>', 'have exactly these, repeatable', repeated)
    .option('--add <role>', 'have this too, repeatable', repeated)
    .option('--remove <role>', 'have this no more, repeatable', repeated)
    .action(async (user: string, { set, add, remove }) => {
      const view = await cli.call<UserView>('users.roles', given({ user, set, add, remove }))
      const { id, roles, scopes } = view
      cli.show(view, fields({ id, roles, scopes }))
    })

/** `name=value`; the value is JSON, or text if it is none. */
const readMember = (text: string): [string, unknown] => {
  const [name, ...rest] = text.split('=')
  const value = rest.join('=')
  if (name === undefined || name === '' || rest.length === 0)
    throw new CliError(`--set takes name=value, not ${JSON.stringify(text)}.`)
  try {
    return [name, JSON.parse(value)]
  } catch {
    return [name, value]
  }
}

const claims = (noun: Command, cli: Cli) =>
  verb(noun, 'claims', 'show or change what APIs may be told about somebody')
    .argument('<user>', who)
    .option('--set <name=value>', 'set a claim, repeatable; the value is JSON, else text', repeated)
    .option('--remove <name>', 'remove a claim, repeatable', repeated)
    .option('--onboarded <yes|no>', 'is onboarding done?', yesOrNo)
    .action(async (user: string, { set = [], remove, onboarded }) => {
      const { onboarded: member, ...members } = Object.fromEntries(set.map(readMember))
      if (member !== undefined && typeof member !== 'boolean')
        throw new CliError('onboarded is true or false, and no other claim.')
      const input = { user, set: members, remove, onboarded: onboarded ?? member }
      const view = await cli.call<UserView>('users.claims', given(input))
      cli.show(view, fields({ id: view.id, onboarded: view.onboarded, ...view.claims }))
    })

export const usersCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('users').description('people: accounts, roles, claims')
  create(noun, cli)
  list(noun, cli)
  verb(noun, 'show', 'show an account')
    .argument('<user>', who)
    .action(async (user: string) => {
      const view = await cli.call<UserView>('users.show', { user })
      cli.show(view, fields(view))
    })
  setPassword(noun, cli)
  verb(noun, 'disable', 'lock an account; ends all its sessions')
    .argument('<user>', who)
    .action(async (user: string) => {
      const view = await cli.call<UserView & { ended_sessions: number }>('users.disable', { user })
      cli.show(view, `${view.id} is disabled; ${view.ended_sessions} sessions ended.`)
    })
  verb(noun, 'enable', 'unlock an account')
    .argument('<user>', who)
    .action(async (user: string) => {
      const view = await cli.call<UserView>('users.enable', { user })
      cli.show(view, `${view.id} is enabled.`)
    })
  roles(noun, cli)
  claims(noun, cli)
  verb(noun, 'delete', 'delete an account for good; ends all its sessions')
    .argument('<user>', who)
    .action(async (user: string) => {
      const done = await cli.call<{ id: string; ended_sessions: number }>('users.delete', { user })
      cli.show(done, `${done.id} is deleted; ${done.ended_sessions} sessions ended.`)
    })
  verb(noun, 'import', 'take over accounts with their password hashes')
    .argument(
      '<file>',
      'JSON lines: email, username, name, password_hash, roles, claims, onboarded, email_verified, id',
    )
    .option('--check', 'check every line and write nothing')
    .action(async (file: string, { check = false }) => importUsers(cli, file, check))
}
