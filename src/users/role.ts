// Roles: the record and its port. A role has a name and grants scopes to the users who have it.
// A user gets an API's scope only through a role (docs/decisions/0008-scopes-denied-by-default.md).

export interface Role {
  name: string
  scopes: readonly string[]
}

/** Each user who registers gets this role. The first migration creates it without scopes. */
export const defaultRole = 'user'

export interface Roles {
  create(role: Role): Promise<'created' | 'exists'>
  find(name: string): Promise<Role | undefined>
  list(): Promise<Role[]>
  /** Replaces the scopes that the role grants. False if the role does not exist. */
  grant(name: string, scopes: readonly string[]): Promise<boolean>
  /** Also removes the role from all users. False if the role does not exist. */
  delete(name: string): Promise<boolean>
}

/** Whether a new role may have this name. */
export const isRoleName = (name: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9._:-]{0,63}$/.test(name)
