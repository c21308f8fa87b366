import { describe, expect, test } from 'vitest'
import { decideLinking, mayTakeOver } from '../../src/identities/linking.ts'

const [yes, no] = [true, false]

describe('to which account somebody new belongs', () => {
  test.each([
    // address, proven there, an account has it, proven here, policy → what happens
    { email: no, proven: no, held: no, verified: no, policy: yes, linking: 'register' },
    { email: no, proven: no, held: yes, verified: yes, policy: yes, linking: 'register' },
    { email: yes, proven: yes, held: no, verified: no, policy: yes, linking: 'register' },
    { email: yes, proven: no, held: no, verified: no, policy: no, linking: 'register' },
    { email: yes, proven: yes, held: yes, verified: yes, policy: yes, linking: 'link' },
    { email: yes, proven: yes, held: yes, verified: yes, policy: no, linking: 'confirm' },
    { email: yes, proven: yes, held: yes, verified: no, policy: yes, linking: 'confirm' },
    { email: yes, proven: yes, held: yes, verified: no, policy: no, linking: 'confirm' },
    { email: yes, proven: no, held: yes, verified: yes, policy: yes, linking: 'confirm' },
    { email: yes, proven: no, held: yes, verified: no, policy: yes, linking: 'confirm' },
    { email: yes, proven: no, held: yes, verified: no, policy: no, linking: 'confirm' },
  ])(
    '$linking if address $email, proven $proven; held $held, proven $verified; policy $policy (F10)',
    (row) => {
      const person = { ...(row.email && { email: 'jane@example.com' }), emailVerified: row.proven }
      const holder = row.held ? { emailVerified: row.verified } : undefined
      expect(decideLinking(person, holder, { linkVerifiedEmails: row.policy })).toBe(row.linking)
    },
  )

  test.each([
    [yes, no, yes],
    [yes, yes, no],
    [no, no, no],
    [no, yes, no],
  ])('proven %s, by the account %s: it may be claimed %s (F10)', (byProvider, byAccount, may) => {
    expect(mayTakeOver({ emailVerified: byProvider }, { emailVerified: byAccount })).toBe(may)
  })
})
