// dojang roles: what people hold, and which scopes each grants.
import type { Command } from 'commander'
import type { RoleView } from '../admin/role-operations.ts'
import { type Cli, given, repeated, verb } from './command.ts'
import { table } from './output.ts'

export const rolesCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('roles').description('roles: a role grants scopes')
  verb(noun, 'create', 'make a role')
    .argument('<name>')
    .option('--scope <scopes>', 'scopes that it grants, repeatable or in one text', repeated)
    .action(async (name: string, { scope: scopes }) => {
      const role = await cli.call<RoleView>('roles.create', given({ name, scopes }))
      cli.show(role, `The role ${role.name} grants ${role.scopes.join(' ') || 'no scopes'}.`)
    })
  verb(noun, 'list', 'list the roles').action(async () => {
    const roles = await cli.call<RoleView[]>('roles.list')
    cli.show(roles, table(roles, { name: 'ROLE', scopes: 'SCOPES' }, 'There are no roles.'))
  })
  verb(noun, 'delete', 'delete a role, also from everyone who holds it')
    .argument('<name>')
    .action(async (name: string) => {
      const done = await cli.call('roles.delete', { name })
      cli.show(done, `The role ${name} is deleted.`)
    })
}
