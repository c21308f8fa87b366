// The random steps of a refresh history.
import fc from 'fast-check'
import { type Fault, faults } from '../support/faulty-stores.ts'
import type { Policy } from './refresh-model.ts'

export const policies = {
  lenient: { rotates: true, graceSeconds: 20 },
  strict: { rotates: true, graceSeconds: 0 },
  steady: { rotates: false },
} as const satisfies Record<string, Policy>

export type ClientId = keyof typeof policies
export const clientIds = Object.keys(policies) as ClientId[]
export const people = [0, 1] as const

/** The store call number `call` of this step fails. Number 1 is the first call. */
export interface Failure {
  call: number
  fault: Fault
}

export const endKinds = ['log out', 'revoke', 'sign out everywhere'] as const

/** The sender of a refresh. Two of these agree in the network, in the browser, in both or in nothing. */
export const senders = [
  { ip: '192.0.2.1', userAgent: 'Firefox' },
  { ip: '198.51.100.1', userAgent: 'Firefox' },
  { ip: '192.0.2.77', userAgent: 'Safari' },
  { ip: '2001:db8::1' },
] as const

export type Sender = (typeof senders)[number]

/** `family` counts back from the newest family, and starts again at the newest after the oldest. */
export type Step =
  /** Signs in with a new session, or with `again` in the last session of the person. */
  | { does: 'sign in'; person: number; client: ClientId; again: boolean }
  /** Sends the token that is `age` tokens old, in `copies` concurrent requests of one sender. */
  | { does: 'refresh'; family: number; age: number; copies: number; sender: Sender; failure?: Failure }
  /** Sends the newest token twice at the same time, and then the next one, and so on. */
  | { does: 'race'; family: number; generations: number }
  /** Sends a token that the store does not know, as after a restore from an older copy. */
  | { does: 'refresh ahead'; family: number }
  | { does: 'refresh as another client'; family: number }
  | { does: (typeof endKinds)[number]; family: number; failure?: Failure }
  | { does: 'wait'; seconds: number }

const family = fc.constantFrom(0, 0, 0, 1, 1, 2, 4)
const failure = fc.record({
  call: fc.integer({ min: 1, max: 9 }),
  fault: fc.constantFrom(...faults),
})

const steps: readonly fc.WeightedArbitrary<Step>[] = [
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('sign in'),
      person: fc.constantFrom(...people),
      client: fc.constantFrom(...clientIds),
      again: fc.boolean(),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record(
      {
        does: fc.constant('refresh'),
        family,
        age: fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 5),
        copies: fc.constantFrom(1, 1, 1, 2, 5),
        sender: fc.constantFrom(senders[0], senders[0], ...senders),
        failure,
      },
      { requiredKeys: ['does', 'family', 'age', 'copies', 'sender'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('race'),
      family,
      generations: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constantFrom('refresh ahead', 'refresh as another client'),
      family,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      { does: fc.constantFrom(...endKinds), family, failure },
      { requiredKeys: ['does', 'family'] },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('wait'),
      seconds: fc.constantFrom(0.001, 0.001, 1, 1, 5, 19.999, 20),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('wait'),
      seconds: fc.constantFrom(300, 300, 999.999, 1000, 3000),
    }),
  },
]

export const histories = fc.array(fc.oneof(...steps), { minLength: 5, maxLength: 40, size: 'max' })
