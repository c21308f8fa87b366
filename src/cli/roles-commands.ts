// dojang roles: creates, lists and deletes roles. A user has roles, and each role grants scopes.
import type { Command } from 'commander'
import { type Cli, listVerb, verb } from './command.ts'
import { scopeOption } from './options.ts'

export const rolesCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('roles').description('roles of users; a role grants scopes')
  scopeOption(verb(noun, 'create', 'create a role'), 'scopes that the role grants')
    .argument('<name>')
    .action(async (name: string, { scope: scopes }: { scope?: string[] }) => {
      const role = await cli.call('roles.create', { name, scopes })
      cli.show(role, `The role ${role.name} grants ${role.scopes.join(' ') || 'no scopes'}.`)
    })
  listVerb(noun, cli, {
    usage: 'list',
    description: 'list the roles',
    rows: () => cli.call('roles.list'),
    headings: { name: 'ROLE', scopes: 'SCOPES' },
    none: 'There are no roles.',
  })
  verb(noun, 'delete', 'delete a role and remove it from every user')
    .argument('<name>')
    .action(async (name: string) => {
      const deleted = await cli.call('roles.delete', { name })
      cli.show(deleted, `The role ${name} is deleted.`)
    })
}
