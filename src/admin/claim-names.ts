import { reservedClaims } from '../tokens/access-token.ts'
import { invalid } from './admin-error.ts'

/** Tokens take these from the user's record (tokens/access-token.ts) and ignore a claim of the same name. */
const ownMembers = ['username', 'name', 'email', 'email_verified', 'locale']

const isClaimName = (name: string): boolean => /^[A-Za-z][A-Za-z0-9_.:/-]{0,127}$/.test(name)

/** Accepts a claim that an API may ask for. The issuer itself sets the standard claims and the roles. */
export const checkClaimName = (name: string): void => {
  if (!isClaimName(name))
    throw invalid(
      `${JSON.stringify(name.slice(0, 130))} is not a claim name. Use a letter, then letters, digits and _ . : / -`,
    )
  if (reservedClaims.includes(name))
    throw invalid(`The issuer itself sets the claim "${name}". Choose another name.`)
}

/** Accepts a claim that an admin may set for a user. */
export const checkUserClaimName = (name: string): void => {
  checkClaimName(name)
  if (ownMembers.includes(name))
    throw invalid(`"${name}" is part of the user's record and cannot be an extra claim. Choose another name.`)
}
