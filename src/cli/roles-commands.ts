// dojang roles: creates, lists, changes and deletes roles. A user has roles, and each role grants scopes.
import type { Command } from 'commander'
import { type Cli, listVerb, verb } from './command.ts'
import { clearOption, scopeOption } from './options.ts'

const granted = ({ name, scopes }: { name: string; scopes: readonly string[] }): string =>
  `The role ${name} grants ${scopes.join(' ') || 'no scopes'}.`

export const rolesCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('roles').description('roles of users; a role grants scopes')
  scopeOption(verb(noun, 'create', 'create a role'), 'scopes that the role grants')
    .argument('<name>')
    .action(async (name: string, { scope: scopes }: { scope?: string[] }) => {
      const role = await cli.call('roles.create', { name, scopes })
      cli.show(role, granted(role))
    })
  listVerb(noun, cli, {
    usage: 'list',
    description: 'list the roles',
    rows: () => cli.call('roles.list'),
    headings: { name: 'ROLE', scopes: 'SCOPES' },
    none: 'There are no roles.',
  })
  clearOption(
    scopeOption(
      verb(noun, 'update', 'change the scopes of a role; the list replaces the previous list'),
      'scopes that the role grants',
    ),
    'scope',
  )
    .argument('<name>')
    .action(async (name: string, { scope: scopes, clear }: { scope?: string[]; clear?: string[] }) => {
      const role = await cli.call('roles.update', { name, scopes, clear })
      cli.show(role, `${granted(role)} Tokens follow at the next refresh.`)
    })
  verb(noun, 'delete', 'delete a role and remove it from every user')
    .argument('<name>')
    .action(async (name: string) => {
      const deleted = await cli.call('roles.delete', { name })
      cli.show(deleted, `The role ${name} is deleted.`)
    })
}
