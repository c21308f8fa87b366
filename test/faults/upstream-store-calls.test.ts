// Each store call of the way back from a provider fails once: before it is done, and after it was done with its answer
// lost. The answer is 503, and beginning anew at the same provider ends in one account, one identity and a session.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Fault, type FaultyStores, faultyStores } from '../support/faulty-stores.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { providerPeople } from '../support/provider-people.ts'
import { agree, comeBack, signedInAs, start, through, useUpstream } from '../support/upstream.ts'

const faulty: FaultyStores = faultyStores(memoryStores())
const upstream = useUpstream({ stores: faulty.stores })
const people = providerPeople(upstream)

beforeAll(() => faulty.mend())
afterAll(() => faulty.mend())

/** More than a callback makes. */
const atMost = 25

const ways: { name: string; before: (person: string) => Promise<void> }[] = [
  { name: 'somebody new', before: async () => {} },
  {
    name: 'somebody known',
    before: async (person) => void (await through(upstream.issuer.browser(), 'kakao', person)),
  },
]

test.each(
  ways.flatMap((way) => (['not done', 'done, answer lost'] as const).map((fault) => ({ ...way, fault }))),
)('$name comes back, and each store call is $fault once', async ({ before, fault }) => {
  let failed = 0
  for (let which = 1; which <= atMost; which += 1) {
    upstream.clock.advance(7200)
    const person = people.kakao({ emailCase: 'no_email' })
    await before(person)
    const agent = upstream.issuer.browser()
    const back = await agree(await start(agent, 'kakao'), person)
    faulty.failCall(which, fault satisfies Fault)
    const page = await comeBack(agent, back)
    const hit = faulty.mend()
    if (hit === undefined) {
      expect(page.location?.pathname).toBe('/account')
      break
    }
    failed += 1
    expect(page.status, hit).toBe(503)
    expect(page.headers.get('retry-after'), hit).toMatch(/^\d+$/)

    const again = await through(agent, 'kakao', person)
    expect(again.location?.pathname, hit).toBe('/account')
    const userId = (await signedInAs(agent)) ?? ''
    const identity = await upstream.issuer.stores.identities.find('kakao', person)
    expect(identity?.userId, hit).toBe(userId)
    expect(await upstream.issuer.stores.identities.listOfUser(userId), hit).toHaveLength(1)
  }
  expect(failed).toBeGreaterThan(3)
  expect(failed).toBeLessThan(atMost)
})
