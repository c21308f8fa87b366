// Imports users from another system, with the password hashes they had there. It checks every line before it
// creates the first user, and skips a user who exists, so that an interrupted import can be repeated.
import type { Audit } from '../audit.ts'
import type { Clock } from '../clock.ts'
import { defined } from '../defined.ts'
import type { UserId } from '../ids.ts'
import type { ComposeNotice } from '../mail/notices.ts'
import type { Stores } from '../stores/stores.ts'
import { defaultRole } from '../users/role.ts'
import { type NewUser, newUserId } from '../users/user.ts'
import { createAddIdentities } from './add-identities.ts'
import { AdminError, invalid } from './admin-error.ts'
import {
  checkedIdentities,
  type ImportedIdentity,
  legacyIdClaim,
  newIdentities,
} from './imported-identities.ts'
import {
  flag,
  type InputValues,
  json,
  list,
  type ReadMember,
  readInput,
  required,
  text,
  whole,
} from './input.ts'
import { type Operation, operation } from './operation.ts'
import { checkedClaims, checkedLocale, checkedNames } from './user-fields.ts'

/** The members of one user in the file. */
const recordMembers = {
  id: json,
  email: text,
  email_verified: flag,
  username: text,
  name: text,
  locale: text,
  password_hash: text,
  roles: list,
  claims: json,
  onboarded: flag,
  identities: json,
  disabled: flag,
}

const lineMembers = { line: required(whole(1, Number.MAX_SAFE_INTEGER)), record: json }

export type NumberedRecord = InputValues<typeof lineMembers>

export const maxLinesPerBatch = 500

const lines: ReadMember<NumberedRecord[]> = (value) => {
  if (!Array.isArray(value) || value.length > maxLinesPerBatch)
    throw invalid(`"lines" must be a list of at most ${maxLinesPerBatch} lines.`)
  return value.map((item) => readInput(item, lineMembers))
}

/**
 * `check`: create nothing. If a line is refused, no user of the batch is created. `addIdentities`: a user who
 * exists gets the identities of the line.
 */
const importInput = { lines, check: flag, addIdentities: flag }

export interface ImportedLine {
  line: number
  /** `ok`: the line was only checked. */
  outcome: 'created' | 'updated' | 'skipped' | 'refused' | 'ok'
  /** The new user, or else the user who exists. */
  id?: UserId
  email?: string
  username?: string
  reason?: string
}

export type UserImport = Operation<typeof importInput, ImportedLine[]>

type ReadUser = Extract<ReadLine, { outcome: 'read' }>

type ReadLine =
  | { outcome: 'read'; line: number; user: NewUser; identities: readonly ImportedIdentity[] }
  | { outcome: 'refused'; line: number; reason: string }

type Conflict = Pick<ImportedLine, 'outcome' | 'id' | 'reason'>

export interface UserImportDeps {
  clock: Clock
  audit: Audit
  stores: Pick<Stores, 'users' | 'roles' | 'identities'>
  composeNotice: ComposeNotice
  /** True if a login can check this stored hash. */
  isImportable(hash: string): boolean
}

export const createUserImport = (deps: UserImportDeps): UserImport => {
  const { clock, audit, stores, isImportable } = deps
  const { users, roles, identities } = stores
  const addIdentities = createAddIdentities(deps)

  const readUser = (record: unknown, knownRoles: readonly string[]) => {
    const given = readInput(record, recordMembers)
    const { id: legacyId, password_hash: passwordHash } = given
    const identities = checkedIdentities(given.identities)
    const names = checkedNames(given, { hasIdentity: identities.length > 0 })
    if (passwordHash !== undefined && !isImportable(passwordHash))
      throw invalid('"password_hash" has an unknown form. Use bcrypt, Argon2, scrypt or a form of Django.')
    const held = given.roles ?? [defaultRole]
    const unknown = held.find((role) => !knownRoles.includes(role))
    if (unknown !== undefined)
      throw invalid(`There is no role ${JSON.stringify(unknown)}. Create it with "dojang roles create".`)
    if (legacyId !== undefined && typeof legacyId !== 'string' && typeof legacyId !== 'number')
      throw invalid('"id" must be a text or a number.')
    const now = clock.now()
    const user: NewUser = {
      id: newUserId(),
      ...names,
      ...defined({
        passwordHash,
        locale: given.locale && checkedLocale(given.locale),
        disabledAt: given.disabled === true ? now : undefined,
      }),
      emailVerified: names.email !== undefined && given.email_verified === true,
      roles: held,
      claims: { ...checkedClaims(given.claims ?? {}), ...defined({ [legacyIdClaim]: legacyId }) },
      onboarded: given.onboarded ?? false,
      createdAt: now,
      updatedAt: now,
    }
    return { user, identities }
  }

  const readLine = ({ line, record }: NumberedRecord, knownRoles: readonly string[]): ReadLine => {
    try {
      return { outcome: 'read', line, ...readUser(record, knownRoles) }
    } catch (error) {
      if (error instanceof AdminError) return { outcome: 'refused', line, reason: error.message }
      throw error
    }
  }

  /** Why the user cannot be created: another user has the login or the identity. */
  const conflict = async ({ user, identities: given }: ReadUser): Promise<Conflict | undefined> => {
    const { email, username } = user
    // A user without an e-mail address is recognised by the username.
    const login = email ?? username
    const known = login === undefined ? undefined : await users.findByLogin(login)
    if (known !== undefined) {
      const reason = `${known.id} already has this ${email === undefined ? 'username' : 'e-mail address'}.`
      return { outcome: 'skipped', id: known.id, reason }
    }
    for (const { provider, subject } of given) {
      const found = await identities.find(provider, subject)
      if (found !== undefined)
        return {
          ...{ outcome: 'skipped', id: found.userId },
          reason: `${found.userId} already has this identity of ${provider}.`,
        }
    }
    const namesake = username === undefined ? undefined : await users.findByLogin(username)
    return namesake && { outcome: 'refused', reason: `${namesake.id} already has this username.` }
  }

  const create = async ({ user, identities: given }: ReadUser): Promise<Omit<ImportedLine, 'line'>> => {
    const outcome =
      given.length === 0
        ? await users.create(user)
        : await identities.register(user, newIdentities(given, user.id, user.createdAt))
    switch (outcome) {
      case 'created':
      case 'registered':
        audit({ type: 'user.imported', actor: 'admin', userId: user.id })
        return { outcome: 'created', id: user.id }
      case 'taken':
        return { outcome: 'skipped', reason: 'A user with this identity was just created.' }
      case 'email_taken':
        return { outcome: 'skipped', reason: 'A user with this e-mail address was just created.' }
      case 'username_taken':
        return { outcome: 'refused', reason: 'A user with this username was just created.' }
    }
  }

  /** What happens to a user who exists. */
  const meet = async (read: ReadUser, met: Conflict, check: boolean): Promise<Conflict> => {
    const { id } = met
    if (met.outcome !== 'skipped' || id === undefined) return met
    const added = await addIdentities(id, read, check)
    if (added.outcome === 'none') return met
    return added.outcome === 'addable' ? { outcome: 'ok', id } : { id, ...added }
  }

  return operation(importInput, async ({ lines: given, check, addIdentities: adds }) => {
    const knownRoles = (await roles.list()).map(({ name }) => name)
    const read = given.map((line) => readLine(line, knownRoles))
    const onlyCheck = check === true || read.some(({ outcome }) => outcome === 'refused')
    const report: ImportedLine[] = []
    for (const result of read) {
      if (result.outcome === 'refused') {
        report.push(result)
        continue
      }
      const { line, user } = result
      const met = await conflict(result)
      const done =
        (met && (adds === true ? await meet(result, met, onlyCheck) : met)) ??
        (onlyCheck ? { outcome: 'ok' as const } : await create(result))
      report.push({ line, ...defined({ email: user.email, username: user.username }), ...done })
    }
    return report
  })
}
