// Creates, lists, changes and deletes roles. A user has roles, and each role grants scopes.
import type { Audit } from '../audit.ts'
import { defaultRole, isRoleName, type Role, type Roles } from '../users/role.ts'
import { alreadyExists, invalid, notFound, refused } from './admin-error.ts'
import { cleared } from './cleared.ts'
import { list, noInput, required, text } from './input.ts'
import { type Operation, operation } from './operation.ts'
import { scopeNames } from './scope-names.ts'

const createInput = { name: required(text), scopes: list }
const updateInput = { ...createInput, clear: list }
const nameInput = { name: required(text) }

export interface RoleOperations {
  'roles.create': Operation<typeof createInput, Role>
  'roles.list': Operation<typeof noInput, Role[]>
  /** The scopes replace the previous ones. Tokens have the new scopes from the next refresh on. */
  'roles.update': Operation<typeof updateInput, Role>
  'roles.delete': Operation<typeof nameInput, { name: string; deleted: true }>
}

const unknownRole = (name: string) =>
  notFound(`There is no role ${JSON.stringify(name)}. Run "dojang roles list" to see all roles.`)

const clearable: Readonly<Record<string, { scopes: string[] }>> = { scope: { scopes: [] } }

export const createRoleOperations = ({ roles, audit }: { roles: Roles; audit: Audit }): RoleOperations => ({
  'roles.create': operation(createInput, async ({ name, scopes = [] }) => {
    if (!isRoleName(name))
      throw invalid(
        'A role name has 1 to 64 letters and digits. After the first character it may also have . _ : and -.',
      )
    const role: Role = { name, scopes: scopeNames(scopes) }
    if ((await roles.create(role)) === 'exists') throw alreadyExists(`The role "${name}" already exists.`)
    audit({ type: 'role.created', actor: 'admin', reason: name })
    return role
  }),
  'roles.list': operation(noInput, () => roles.list()),
  'roles.update': operation(updateInput, async ({ name, scopes: given, clear = [] }) => {
    const change = { ...(given && { scopes: scopeNames(given) }), ...cleared(clearable, clear) }
    const { scopes } = change
    if (scopes === undefined) {
      const role = await roles.find(name)
      if (role === undefined) throw unknownRole(name)
      return role
    }
    if (!(await roles.grant(name, scopes))) throw unknownRole(name)
    audit({ type: 'role.changed', actor: 'admin', reason: name })
    return { name, scopes }
  }),
  'roles.delete': operation(nameInput, async ({ name }) => {
    if (name === defaultRole)
      throw refused(`The role "${name}" cannot be deleted: every user who registers gets it.`)
    if (!(await roles.delete(name))) throw unknownRole(name)
    audit({ type: 'role.deleted', actor: 'admin', reason: name })
    return { name, deleted: true }
  }),
})
