// dojang users: accounts, with their roles and claims.
import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { type Cli, verb } from './command.ts'
import { type ImportOptions, importUsers } from './import-users.ts'
import { limitOption, passwordOption, repeated, userArgument, yesOrNo } from './options.ts'
import { counted, fields, table } from './output.ts'
import { usersExportCommand } from './users-export-command.ts'
import { readClaim, usersUpdateCommand } from './users-update-command.ts'

interface PasswordOptions {
  passwordStdin?: true
}

const readPassword = (cli: Cli, { passwordStdin }: PasswordOptions) =>
  cli.readPassword({ stdin: passwordStdin === true })

const ended = ({ ended_sessions }: { ended_sessions: number }): string =>
  `${counted(ended_sessions, 'session')} ended.`

const setPassword = (noun: Command, cli: Cli) =>
  passwordOption(
    userArgument(verb(noun, 'set-password', 'set a new password; ends all sessions of the user')),
  ).action(async (user: string, options: PasswordOptions) => {
    const password = await readPassword(cli, options)
    if (password === undefined)
      throw new CliError('There is no password. Type one at a terminal, or use --password-stdin.')
    const changed = await cli.call('users.set-password', { user, password })
    cli.show(changed, `${changed.id} has a new password. ${ended(changed)}`)
  })

interface CreateOptions extends PasswordOptions {
  email?: string
  emailVerified?: true
  username?: string
  name?: string
  role?: string[]
  onboarded?: true
}

const create = (noun: Command, cli: Cli) =>
  passwordOption(verb(noun, 'create', 'create a user'))
    .option('--email <address>', 'e-mail address')
    .option('--email-verified', 'the e-mail address is known to belong to the user')
    .option('--username <name>', 'username; required without an e-mail address')
    .option('--name <name>', 'display name')
    .option('--role <name>', 'role, "user" by default; repeatable', repeated)
    .option('--onboarded', 'the user has finished onboarding')
    .action(
      async ({ email, emailVerified, username, name, role: roles, onboarded, ...rest }: CreateOptions) => {
        const password = await readPassword(cli, rest)
        const input = { email, emailVerified, username, name, roles, onboarded, password }
        const created = await cli.call('users.create', input)
        cli.show(created, `Created ${created.id}${password === undefined ? ' without a password' : ''}.`)
      },
    )

const list = (noun: Command, cli: Cli) =>
  limitOption(
    verb(noun, 'list', 'list the users by id').option('--after <id>', 'start after this id'),
    100,
  ).action(async ({ after, limit }: { after?: string; limit: number }) => {
    const users = await cli.call('users.list', { after, limit })
    cli.show(
      users,
      table(users, 'There are no users.', {
        id: 'ID',
        email: 'E-MAIL',
        username: 'USERNAME',
        roles: 'ROLES',
        disabled_at: 'DISABLED',
        created_at: 'CREATED',
      }),
    )
    const last = users.at(-1)
    if (last !== undefined && users.length === limit)
      cli.remark(`There may be more users. Continue with --after ${last.id}`)
  })

interface RolesOptions {
  set?: string[]
  add?: string[]
  remove?: string[]
  revokeTokens?: boolean
}

const roles = (noun: Command, cli: Cli) =>
  userArgument(verb(noun, 'roles', 'show or change the roles of a user'))
    .option('--set <role>', 'replace all roles; repeatable', repeated)
    .option('--add <role>', 'add a role; repeatable', repeated)
    .option('--remove <role>', 'remove a role; repeatable', repeated)
    .option('--revoke-tokens', 'revoke the access tokens that have the old roles')
    .action(async (user: string, { set, add, remove, revokeTokens }: RolesOptions) => {
      const view = await cli.call('users.roles', { user, set, add, remove, revoke_tokens: revokeTokens })
      const { id, roles, scopes } = view
      cli.show(view, fields({ id, roles, scopes }))
    })

interface ClaimsOptions {
  set?: string[]
  remove?: string[]
  onboarded?: boolean
}

const claims = (noun: Command, cli: Cli) =>
  userArgument(verb(noun, 'claims', 'show or change the extra claims of a user'))
    .option('--set <name=value>', 'set a claim; the value is JSON, else text; repeatable', repeated)
    .option('--remove <name>', 'remove a claim; repeatable', repeated)
    .option('--onboarded <yes|no>', 'whether the user has finished onboarding', yesOrNo)
    .action(async (user: string, { set = [], remove, onboarded }: ClaimsOptions) => {
      const { onboarded: member, ...members } = Object.fromEntries(
        set.map((text) => readClaim(text, '--set')),
      )
      if (member !== undefined && typeof member !== 'boolean')
        throw new CliError('--set onboarded must be true or false.')
      const input = { user, set: members, remove, onboarded: onboarded ?? member }
      const view = await cli.call('users.claims', input)
      cli.show(view, fields({ id: view.id, onboarded: view.onboarded, ...view.claims }))
    })

export const usersCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('users').description('accounts, with their roles and claims')
  create(noun, cli)
  list(noun, cli)
  userArgument(verb(noun, 'show', 'show a user')).action(async (user: string) => {
    const view = await cli.call('users.show', { user })
    cli.show(view, fields(view))
  })
  usersUpdateCommand(noun, cli)
  setPassword(noun, cli)
  userArgument(verb(noun, 'send-reset', 'send a link with which the user sets a new password')).action(
    async (user: string) => {
      const sent = await cli.call('users.send-reset', { user })
      cli.show(sent, `A link for a new password goes to ${sent.email}.`)
    },
  )
  userArgument(verb(noun, 'resend-confirmation', 'send a link that confirms the e-mail address')).action(
    async (user: string) => {
      const sent = await cli.call('users.resend-confirmation', { user })
      cli.show(sent, `A link that confirms the address goes to ${sent.email}.`)
    },
  )
  userArgument(
    verb(
      noun,
      'verify-email',
      'mark the e-mail address as verified, if you know that it belongs to the user',
    ),
  ).action(async (user: string) => {
    const verified = await cli.call('users.verify-email', { user })
    cli.show(verified, `The e-mail address ${verified.email} of ${verified.id} is verified.`)
  })
  userArgument(verb(noun, 'disable', 'lock a user out; ends all sessions of the user')).action(
    async (user: string) => {
      const disabled = await cli.call('users.disable', { user })
      cli.show(disabled, `${disabled.id} is disabled. ${ended(disabled)}`)
    },
  )
  userArgument(verb(noun, 'enable', 'let a disabled user sign in again')).action(async (user: string) => {
    const enabled = await cli.call('users.enable', { user })
    cli.show(enabled, `${enabled.id} is enabled.`)
  })
  roles(noun, cli)
  claims(noun, cli)
  userArgument(verb(noun, 'delete', 'delete a user permanently; ends all sessions of the user')).action(
    async (user: string) => {
      const deleted = await cli.call('users.delete', { user })
      cli.show(deleted, `${deleted.id} is deleted. ${ended(deleted)}`)
    },
  )
  verb(noun, 'import', 'import users with their password hashes')
    .argument(
      '<file>',
      'JSON lines with email, username, name, locale, password_hash, roles, claims, onboarded, email_verified, disabled, identities, id',
    )
    .option('--check', 'check every line and import nothing')
    .option('--skip-existing', 'succeed although users of the file exist; they are not changed')
    .option('--add-identities', 'add new identities of the file to users who exist, and change nothing else')
    .action(async (file: string, options: ImportOptions) => importUsers(cli, file, options))
  usersExportCommand(noun, cli)
}
