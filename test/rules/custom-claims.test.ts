// The extra claims of an access token: what an API asks for, from the record of the user.
import { expect, test } from 'vitest'
import { customClaims } from '../../src/tokens/access-token.ts'
import type { User } from '../../src/users/user.ts'
import { anApi, aUser } from '../contracts/records.ts'

const userWith = (facts: Partial<User>): User => ({ ...aUser(), scopes: [], ...facts })
const claimsFor = (user: User, ...names: string[]) => customClaims(user, [anApi({ claims: names })])

test('a custom claim without a value is absent, never null (B2)', () => {
  const user = userWith({ claims: { premium: null, level: 0 } })
  expect(claimsFor(user, 'premium', 'level', 'unknown', 'name')).toEqual({ level: 0 })
})

test('a user without an e-mail address has no claim about its verification (B11)', () => {
  expect(claimsFor(userWith({}), 'email', 'email_verified')).toEqual({})
  const user = userWith({ email: 'jane@example.com' })
  expect(claimsFor(user, 'email', 'email_verified')).toEqual({ email: user.email, email_verified: false })
})

test('a custom claim with the name of an inherited member of objects is absent (B8)', () => {
  expect(claimsFor(userWith({ claims: { premium: true } }), 'constructor', 'toString', 'premium')).toEqual({
    premium: true,
  })
})
