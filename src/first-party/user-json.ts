// The JSON form of a user in the first-party API.
import type { User } from '../users/user.ts'

export const userJson = (user: User) => ({
  id: user.id,
  email: user.email ?? null,
  email_verified: user.emailVerified,
  username: user.username ?? null,
  name: user.name ?? null,
  locale: user.locale ?? null,
  roles: [...user.roles],
  scopes: [...user.scopes],
  onboarded: user.onboarded,
  created_at: user.createdAt.toISOString(),
})

/** Without `email` or `profile` the token shows neither the address nor the names, as at /userinfo. */
export const allowedMembers = (
  { email, email_verified, username, name, locale, ...rest }: ReturnType<typeof userJson>,
  scopes: readonly string[],
) => ({
  ...rest,
  ...(scopes.includes('email') && { email, email_verified }),
  ...(scopes.includes('profile') && { username, name, locale }),
})
