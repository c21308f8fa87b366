import { describe, expect, test } from 'vitest'
import { decideLinking, mayTakeOver } from '../../src/identities/linking.ts'

const [yes, no] = [true, false]

const email = 'jane@example.com'
const withoutAddress = { emailVerified: no }
const unverifiedAddress = { email, emailVerified: no }
const verifiedAddress = { email, emailVerified: yes }

/** Three cases of the account here that has the address. */
const noAccount = undefined
const unverifiedAccount = { emailVerified: no }
const verifiedAccount = { emailVerified: yes }

describe('the account of a new identity', () => {
  test.each([
    ['register', 'the provider names no address', withoutAddress, noAccount, yes],
    ['register', 'the provider names no address but an account exists', withoutAddress, verifiedAccount, yes],
    ['register', 'no account has the verified address', verifiedAddress, noAccount, yes],
    ['register', 'no account has the unverified address', unverifiedAddress, noAccount, no],
    ['link', 'both sides verified the address', verifiedAddress, verifiedAccount, yes],
    ['confirm', 'linking by address is off', verifiedAddress, verifiedAccount, no],
    ['confirm', 'only the provider verified the address', verifiedAddress, unverifiedAccount, yes],
    [
      'confirm',
      'only the provider verified the address and linking is off',
      verifiedAddress,
      unverifiedAccount,
      no,
    ],
    ['confirm', 'only the account verified the address', unverifiedAddress, verifiedAccount, yes],
    ['confirm', 'neither side verified the address', unverifiedAddress, unverifiedAccount, yes],
    [
      'confirm',
      'neither side verified the address and linking is off',
      unverifiedAddress,
      unverifiedAccount,
      no,
    ],
  ] as const)('decides "%s" if %s (F10)', (linking, _condition, person, holder, linkVerifiedEmails) => {
    expect(decideLinking(person, holder, { linkVerifiedEmails })).toBe(linking)
  })

  test.each([
    ['allows', 'only the provider verified the address', yes, no, yes],
    ['refuses', 'both sides verified the address', yes, yes, no],
    ['refuses', 'neither side verified the address', no, no, no],
    ['refuses', 'only the account verified the address', no, yes, no],
  ])('%s a takeover if %s (F10)', (_verb, _condition, byProvider, byAccount, allowed) => {
    expect(mayTakeOver({ emailVerified: byProvider }, { emailVerified: byAccount })).toBe(allowed)
  })
})
