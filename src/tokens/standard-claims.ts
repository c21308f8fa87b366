// Standard claims about a user (OIDC Core §5.1) that an admin or an import stored with the extra claims. Only
// /userinfo returns them, so that ID tokens stay small.
import { isJsonObject } from '../json-object.ts'
import type { ClaimValue, User } from '../users/user.ts'

const isText = (value: ClaimValue): boolean => typeof value === 'string'
const isFlag = (value: ClaimValue): boolean => typeof value === 'boolean'

/** The claims of each scope (OIDC Core §5.4), with their type. A claim of another type is left out. */
const claimsOfScopes: Readonly<Record<string, Readonly<Record<string, (value: ClaimValue) => boolean>>>> = {
  profile: {
    family_name: isText,
    given_name: isText,
    middle_name: isText,
    nickname: isText,
    profile: isText,
    picture: isText,
    website: isText,
    gender: isText,
    birthdate: isText,
    zoneinfo: isText,
  },
  address: { address: isJsonObject },
  phone: { phone_number: isText, phone_number_verified: isFlag },
}

/** The names of all these claims. */
export const standardClaimNames: readonly string[] = Object.values(claimsOfScopes).flatMap(Object.keys)

export const storedStandardClaims = (user: User, scope: readonly string[]): Record<string, ClaimValue> =>
  Object.fromEntries(
    Object.entries(claimsOfScopes)
      .filter(([name]) => scope.includes(name))
      .flatMap(([, claims]) => Object.entries(claims))
      .flatMap(([name, fits]) => {
        const value = Object.hasOwn(user.claims, name) ? user.claims[name] : undefined
        return value !== undefined && fits(value) ? [[name, value]] : []
      }),
  )
