import { reservedClaims } from '../tokens/access-token.ts'
import { invalid } from './admin-error.ts'

/** What the record of the user itself answers (tokens/access-token.ts): a claim of the same name would never be seen. */
const ownMembers = ['username', 'name', 'email', 'email_verified', 'locale']

const isClaimName = (name: string): boolean => /^[A-Za-z][A-Za-z0-9_.:/-]{0,127}$/.test(name)

/** A fact that an API may ask to see in its tokens: anything but what the standards and the roles decide. */
export const checkClaimName = (name: string): void => {
  if (!isClaimName(name))
    throw invalid(`${JSON.stringify(name.slice(0, 130))} cannot be the name of a claim.`)
  if (reservedClaims.includes(name))
    throw invalid(`The claim "${name}" is the issuer's own and cannot be set here.`)
}

/** The same for a fact kept with a user. */
export const checkUserClaimName = (name: string): void => {
  checkClaimName(name)
  if (ownMembers.includes(name)) throw invalid(`"${name}" is part of the user's record, not an extra claim.`)
}
