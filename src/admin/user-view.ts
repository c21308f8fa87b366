import type { User } from '../users/user.ts'

/** A user as JSON. It shows whether there is a password, never its hash. */
export const userView = (user: User) => ({
  id: user.id,
  email: user.email ?? null,
  email_verified: user.emailVerified,
  username: user.username ?? null,
  name: user.name ?? null,
  locale: user.locale ?? null,
  roles: user.roles,
  scopes: user.scopes,
  claims: user.claims,
  onboarded: user.onboarded,
  has_password: user.passwordHash !== undefined,
  disabled_at: user.disabledAt?.toISOString() ?? null,
  tokens_valid_after: user.tokensValidAfter?.toISOString() ?? null,
  created_at: user.createdAt.toISOString(),
  updated_at: user.updatedAt.toISOString(),
})

export type UserView = ReturnType<typeof userView>
