import { describe, expect, test } from 'vitest'
import { decideLinking, mayTakeOver } from '../../src/identities/linking.ts'

const [yes, no] = [true, false]

describe('the account of a new identity', () => {
  test.each([
    // email: the provider names an address. provider: it verified the address. account: an account here has it.
    // verified: that account verified it. policy: LINK_VERIFIED_EMAILS is on.
    { email: no, provider: no, account: no, verified: no, policy: yes, linking: 'register' },
    { email: no, provider: no, account: yes, verified: yes, policy: yes, linking: 'register' },
    { email: yes, provider: yes, account: no, verified: no, policy: yes, linking: 'register' },
    { email: yes, provider: no, account: no, verified: no, policy: no, linking: 'register' },
    { email: yes, provider: yes, account: yes, verified: yes, policy: yes, linking: 'link' },
    { email: yes, provider: yes, account: yes, verified: yes, policy: no, linking: 'confirm' },
    { email: yes, provider: yes, account: yes, verified: no, policy: yes, linking: 'confirm' },
    { email: yes, provider: yes, account: yes, verified: no, policy: no, linking: 'confirm' },
    { email: yes, provider: no, account: yes, verified: yes, policy: yes, linking: 'confirm' },
    { email: yes, provider: no, account: yes, verified: no, policy: yes, linking: 'confirm' },
    { email: yes, provider: no, account: yes, verified: no, policy: no, linking: 'confirm' },
  ])(
    'decides $linking for address $email, by provider $provider, by account $account, verified $verified, policy $policy (F10)',
    (row) => {
      const person = { ...(row.email && { email: 'jane@example.com' }), emailVerified: row.provider }
      const holder = row.account ? { emailVerified: row.verified } : undefined
      expect(decideLinking(person, holder, { linkVerifiedEmails: row.policy })).toBe(row.linking)
    },
  )

  test.each([
    [yes, no, yes],
    [yes, yes, no],
    [no, no, no],
    [no, yes, no],
  ])(
    'with the address verified by provider %s and by account %s, a takeover is allowed: %s (F10)',
    (byProvider, byAccount, may) => {
      expect(mayTakeOver({ emailVerified: byProvider }, { emailVerified: byAccount })).toBe(may)
    },
  )
})
