// One store call fails while a person comes back from a provider. The callback answers 503.
// A second sign-in at the same provider then gives one account, one identity and a session.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FaultyStores, faultInWords, faults, faultyStores } from '../support/faulty-stores.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { providerPeople } from '../support/provider-people.ts'
import { agree, comeBack, signedInAs, start, through, useUpstream } from '../support/upstream.ts'

const faulty: FaultyStores = faultyStores(memoryStores())
const upstream = useUpstream({ stores: faulty.stores })
const people = providerPeople(upstream)

beforeAll(() => faulty.repair())
afterAll(() => faulty.repair())

/** A callback makes fewer store calls than this. */
const maxCalls = 25

const visitors: { name: string; before: (person: string) => Promise<void> }[] = [
  { name: 'new', before: async () => {} },
  {
    name: 'returning',
    before: async (person) => void (await through(upstream.issuer.browser(), 'kakao', person)),
  },
]

test.each(
  visitors.flatMap(({ name, before }) =>
    faults.map((fault) => [name, faultInWords[fault], before, fault] as const),
  ),
)(
  'a %s user gets 503, and one account after a retry, when a store call %s',
  async (_name, _failure, before, fault) => {
    let failed = 0
    for (let which = 1; which <= maxCalls; which += 1) {
      upstream.clock.advance(7200)
      const person = people.kakao({ emailCase: 'no_email' })
      await before(person)
      const agent = upstream.issuer.browser()
      const back = await agree(await start(agent, 'kakao'), person)
      faulty.failCall(which, fault)
      const page = await comeBack(agent, back)
      const failedCall = faulty.repair()
      if (failedCall === undefined) {
        expect(page.location?.pathname).toBe('/account')
        break
      }
      failed += 1
      expect(page.status, failedCall).toBe(503)
      expect(page.headers.get('retry-after'), failedCall).toMatch(/^\d+$/)

      const again = await through(agent, 'kakao', person)
      expect(again.location?.pathname, failedCall).toBe('/account')
      const userId = (await signedInAs(agent)) ?? ''
      const identity = await upstream.issuer.stores.identities.find('kakao', person)
      expect(identity?.userId, failedCall).toBe(userId)
      expect(await upstream.issuer.stores.identities.listOfUser(userId), failedCall).toHaveLength(1)
    }
    expect(failed).toBeGreaterThan(3)
    expect(failed).toBeLessThan(maxCalls)
  },
)
