// Roles: names that people hold and the scopes that each grants. Deny by default: a scope beyond OpenID Connect's own
// reaches a person only through a role.

export interface Role {
  name: string
  scopes: readonly string[]
}

/** The role that everyone who registers is given; it exists from the first migration on, with no scopes. */
export const defaultRole = 'user'

export interface Roles {
  create(role: Role): Promise<'created' | 'exists'>
  find(name: string): Promise<Role | undefined>
  list(): Promise<Role[]>
  /** Also takes the role from everyone who holds it. */
  delete(name: string): Promise<boolean>
}

export const isRoleName = (name: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9._:-]{0,63}$/.test(name)
