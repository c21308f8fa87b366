// People from another system, as JSON lines with the password hashes they had there. Every line is checked before the
// first is written; an address that is known is skipped, so a broken-off import is simply run again.

import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import type { Stores } from '../stores/stores.ts'
import { defaultRole } from '../users/role.ts'
import { type ClaimValue, newUserId, type User } from '../users/user.ts'
import { AdminError, invalid } from './admin-error.ts'
import { readInput } from './input.ts'
import type { Operation } from './operation.ts'
import { checkedClaims, checkedEmail, checkedName, checkedUsername } from './user-fields.ts'

export interface UserImportDeps {
  clock: Clock
  audit: Audit
  stores: Pick<Stores, 'users' | 'roles'>
  /** Can a login check this stored hash? */
  isImportable(hash: string): boolean
}

export interface ImportedLine {
  line: number
  outcome: 'created' | 'skipped' | 'refused' | 'ok'
  id?: string
  reason?: string
}

export const maxLinesPerBatch = 500

const members = [
  ...['id', 'email', 'email_verified', 'username', 'name', 'password_hash', 'roles', 'claims', 'onboarded'],
]

/** Where the id that the person had before is kept: `sub` is ours and never somebody else's (OIDC Core §2). */
const legacyIdClaim = 'legacy_id'

export const createUserImport = ({ clock, audit, stores, isImportable }: UserImportDeps): Operation => {
  const { users, roles } = stores

  const readUser = (record: unknown, knownRoles: readonly string[]): User => {
    const input = readInput(record, members)
    const [email, username, name] = ['email', 'username', 'name'].map((member) => input.optionalText(member))
    if (email === undefined && username === undefined) throw invalid('It has neither "email" nor "username".')
    const hash = input.optionalText('password_hash')
    if (hash !== undefined && !isImportable(hash))
      throw invalid('"password_hash" has no form that can be checked.')
    const names = input.list('roles') ?? [defaultRole]
    const stranger = names.find((role) => !knownRoles.includes(role))
    if (stranger !== undefined) throw invalid(`There is no role ${JSON.stringify(stranger)}.`)
    const claims: Record<string, ClaimValue> = checkedClaims(input.raw('claims') ?? {})
    const legacyId = input.raw('id')
    if (legacyId !== undefined && typeof legacyId !== 'string' && typeof legacyId !== 'number')
      throw invalid('"id" must be a text or a number.')
    const now = clock.now()
    return {
      id: newUserId(),
      ...(email !== undefined && { email: checkedEmail(email) }),
      emailVerified: email !== undefined && input.flag('email_verified') === true,
      ...(username !== undefined && { username: checkedUsername(username) }),
      ...(name !== undefined && { name: checkedName(name) }),
      ...(hash !== undefined && { passwordHash: hash }),
      roles: names,
      scopes: [],
      claims: { ...claims, ...(legacyId !== undefined && { [legacyIdClaim]: legacyId }) },
      onboarded: input.flag('onboarded') ?? false,
      createdAt: now,
      updatedAt: now,
    }
  }

  const write = async (line: number, user: User): Promise<ImportedLine> => {
    // Somebody without an address is recognised by the username.
    const known = await users.findByLogin(user.email ?? user.username ?? '')
    if (known !== undefined) return { line, outcome: 'skipped', id: known.id, reason: 'exists already' }
    const outcome = await users.create(user)
    switch (outcome) {
      case 'created':
        audit({ type: 'user.imported', actor: 'admin', userId: user.id })
        return { line, outcome, id: user.id }
      case 'email_taken':
        return { line, outcome: 'skipped', reason: 'exists already' }
      case 'username_taken':
        return { line, outcome: 'refused', reason: 'Another user has this username.' }
    }
  }

  const readLine = (item: unknown, knownRoles: readonly string[]) => {
    const entry = readInput(item, ['line', 'record'])
    const line = entry.whole('line', { min: 1, max: Number.MAX_SAFE_INTEGER }) ?? 0
    try {
      return { line, user: readUser(entry.raw('record'), knownRoles) }
    } catch (error) {
      if (error instanceof AdminError) return { line, reason: error.message }
      throw error
    }
  }

  /** `{ lines: [{ line, record }], check }`; with `check` nothing is written. Any faulty line: nothing is written. */
  return async (given) => {
    const input = readInput(given, ['lines', 'check'])
    const lines = input.raw('lines')
    if (!Array.isArray(lines) || lines.length > maxLinesPerBatch)
      throw invalid(`"lines" must be a list of at most ${maxLinesPerBatch} lines.`)
    const knownRoles = (await roles.list()).map(({ name }) => name)
    const read = lines.map((item) => readLine(item, knownRoles))
    const onlyCheck = input.flag('check') === true || read.some(({ reason }) => reason !== undefined)
    const report: ImportedLine[] = []
    for (const { line, user, reason } of read) {
      if (user === undefined) report.push({ line, outcome: 'refused', reason: reason ?? '' })
      else report.push(onlyCheck ? { line, outcome: 'ok' } : await write(line, user))
    }
    return report
  }
}
