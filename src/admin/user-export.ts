// Exports users in pages, in the form that `users import` accepts.
import type { Audit } from '../audit.ts'
import { defined } from '../defined.ts'
import type { Identities, Identity } from '../identities/identity.ts'
import type { User, Users } from '../users/user.ts'
import { legacyIdClaim } from './imported-identities.ts'
import { flag, text, whole } from './input.ts'
import { type Operation, operation } from './operation.ts'

/** An import keeps the id as a claim. The id of the older system goes first, because services know it. */
const exportedUser = ({ claims, ...user }: User, linked: readonly Identity[], passwordHashes: boolean) => {
  const { [legacyIdClaim]: legacyId, ...ownClaims } = claims
  return defined({
    id: legacyId ?? user.id,
    email: user.email,
    email_verified: user.emailVerified,
    username: user.username,
    name: user.name,
    locale: user.locale,
    password_hash: passwordHashes ? user.passwordHash : undefined,
    identities: linked.map(({ provider, subject }) => ({ provider, subject })),
    roles: user.roles,
    claims: ownClaims,
    onboarded: user.onboarded,
    disabled: user.disabledAt !== undefined,
  })
}

export type ExportedUser = ReturnType<typeof exportedUser>

const exportInput = { after: text, limit: whole(1, 1000), passwordHashes: flag }

export type UserExport = Operation<typeof exportInput, { users: ExportedUser[]; next: string | null }>

/** `next` is null on the last page. */
export const createUserExport = ({
  audit,
  users,
  identities,
}: {
  audit: Audit
  users: Users
  identities: Pick<Identities, 'listOfUser'>
}): UserExport =>
  operation(exportInput, async ({ after, limit = 1000, passwordHashes = false }) => {
    const page = await users.list({ ...defined({ after }), limit })
    if (after === undefined)
      audit({
        type: 'user.exported',
        actor: 'admin',
        reason: passwordHashes ? 'all users, with password hashes' : 'all users, without password hashes',
      })
    const exported: ExportedUser[] = []
    // One after the other, so that an export leaves connections to the servers.
    for (const user of page)
      exported.push(exportedUser(user, await identities.listOfUser(user.id), passwordHashes))
    return {
      users: exported,
      next: page.length < limit ? null : (page.at(-1)?.id ?? null),
    }
  })
