// The ids of an imported user elsewhere: at Kakao, Google or Naver, and in the old system.
import { type Identity, identityOf } from '../identities/identity.ts'
import type { UserId } from '../ids.ts'
import { invalid } from './admin-error.ts'
import { readInput, required, text } from './input.ts'

/** Keeps the id of the old system. The `sub` is always an id of this issuer (OIDC Core §2). */
export const legacyIdClaim = 'legacy_id'

const providers: readonly string[] = ['kakao', 'google', 'naver']

const identityMembers = { provider: required(text), subject: required(text) }

export type ImportedIdentity = Pick<Identity, 'provider' | 'subject'>

const checkedIdentity = (given: unknown): ImportedIdentity => {
  const { provider, subject } = readInput(given, identityMembers)
  if (!providers.includes(provider))
    throw invalid(`"provider" must be one of ${providers.join(', ')}, not ${JSON.stringify(provider)}.`)
  // An e-mail address is not an id: people change addresses, and addresses change hands (F9).
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(subject))
    throw invalid(
      '"subject" must be the id of the user at the provider, with 1 to 255 characters of A-Z a-z 0-9 _ -.',
    )
  return { provider, subject }
}

/** @throws {AdminError} if a member of the list is not an identity, or is there twice */
export const checkedIdentities = (given: unknown): ImportedIdentity[] => {
  if (given === undefined || given === null) return []
  if (!Array.isArray(given) || given.length > 10)
    throw invalid('"identities" must be a list of at most 10 identities.')
  const identities = given.map(checkedIdentity)
  const keys = identities.map(({ provider, subject }) => `${provider} ${subject}`)
  if (new Set(keys).size < keys.length) throw invalid('"identities" has the same identity twice.')
  return identities
}

/** The provider says the e-mail address at the next sign-in, so the import stores none. */
export const newIdentities = (given: readonly ImportedIdentity[], userId: UserId, now: Date): Identity[] =>
  given.map((identity) => identityOf({ ...identity, emailVerified: false }, userId, now))
