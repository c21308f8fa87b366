// Roles: what people hold, and the scopes that each grants.
import type { Audit } from '../audit.ts'
import { defaultRole, isRoleName, type Role, type Roles } from '../users/role.ts'
import { alreadyExists, invalid, notFound, refused } from './admin-error.ts'
import { readInput } from './input.ts'
import type { Operation } from './operation.ts'
import { scopeNames } from './scope-names.ts'

export type RoleView = Role

export const createRoleOperations = ({ roles, audit }: { roles: Roles; audit: Audit }) =>
  ({
    'roles.create': async (given) => {
      const input = readInput(given, ['name', 'scopes'])
      const name = input.text('name')
      if (!isRoleName(name))
        throw invalid('A role name has 1 to 64 letters, digits, and . _ : - after the first character.')
      const role: Role = { name, scopes: scopeNames(input.list('scopes') ?? []) }
      if ((await roles.create(role)) === 'exists') throw alreadyExists(`There is a role "${name}" already.`)
      audit({ type: 'role.created', actor: 'admin', reason: name })
      return role
    },
    'roles.list': async (given) => {
      readInput(given, [])
      return await roles.list()
    },
    'roles.delete': async (given) => {
      const name = readInput(given, ['name']).text('name')
      if (name === defaultRole)
        throw refused(`The role "${name}" is given to everyone who registers and stays.`)
      if (!(await roles.delete(name))) throw notFound(`There is no role ${JSON.stringify(name)}.`)
      audit({ type: 'role.deleted', actor: 'admin', reason: name })
      return { name, deleted: true }
    },
  }) satisfies Record<string, Operation>
