// The JSON form of a user in the first-party API.
import type { User } from '../users/user.ts'

export const userJson = (user: User) => ({
  id: user.id,
  email: user.email ?? null,
  email_verified: user.emailVerified,
  username: user.username ?? null,
  name: user.name ?? null,
  roles: [...user.roles],
  scopes: [...user.scopes],
  onboarded: user.onboarded,
  created_at: user.createdAt.toISOString(),
})
