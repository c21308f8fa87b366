import { expect, test } from 'vitest'
import {
  type KnownVerifier,
  knownForSeconds,
  maxKnownVerifiers,
  maxVerifiersOfNetwork,
} from '../../src/keys/known-verifiers.ts'
import { atOnce, onLastingBackends } from '../contracts/lasting-backends.ts'
import { testClock } from '../support/clock.ts'

const start = testClock().now()
const network = '192.0.2.1'

/** Each test uses days of its own, because sightings expire after a day. */
let days = 0
const nextDays = () => {
  days += 10
  return (seconds: number) => new Date(start.getTime() + days * 86_400_000 + seconds * 1000)
}

onLastingBackends('known verifiers', (stores) => {
  const { record, list } = {
    record: (sighting: Omit<KnownVerifier, 'network'> & { network?: string }) =>
      stores('knownVerifiers').record({ network, ...sighting }),
    list: () => stores('knownVerifiers').list(),
  }

  test('the latest sighting of each verifier is kept, in any order of arrival', async () => {
    const at = nextDays()
    const [old, late] = [
      { name: 'notes', kids: ['a'], seenAt: at(0) },
      { name: 'notes', kids: ['a', 'b'], seenAt: at(60) },
    ]
    expect(await record(late)).toBe('accepted')
    expect(await record(old)).toBe('accepted')
    expect(await record({ name: 'Chat.api-2', kids: [], seenAt: at(30) })).toBe('accepted')
    expect(await list()).toStrictEqual([
      { name: 'Chat.api-2', kids: [], network, seenAt: at(30) },
      { ...late, network },
    ])
  })

  test('a verifier that was not seen for a day is deleted', async () => {
    const at = nextDays()
    await record({ name: 'gone', kids: ['a'], seenAt: at(0) })
    await record({ name: 'there', kids: ['a'], seenAt: at(knownForSeconds - 1) })
    expect((await list()).map(({ name }) => name)).toEqual(['gone', 'there'])
    await record({ name: 'there', kids: ['a'], seenAt: at(knownForSeconds) })
    expect((await list()).map(({ name }) => name)).toEqual(['there'])
  })

  test('150 concurrent new verifiers fill the list to its limit, and a known verifier stays in it', async () => {
    const at = nextDays()
    await record({ name: 'known', kids: ['a'], seenAt: at(0) })
    const answers = await atOnce(150, (index) =>
      record({ name: `s${index}`, kids: [], network: `net ${index % 3}`, seenAt: at(1) }),
    )
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(maxKnownVerifiers - 1)
    expect(await list()).toHaveLength(maxKnownVerifiers)
    expect(await record({ name: 'known', kids: ['b'], seenAt: at(2) })).toBe('accepted')
    expect((await list()).find(({ name }) => name === 'known')?.kids).toEqual(['b'])
    expect(await record({ name: 'one-more', kids: [], seenAt: at(3) })).toBe('full')
  })

  test('100 concurrent new verifiers of one network get no more than its places (H13)', async () => {
    const at = nextDays()
    const answers = await atOnce(100, (index) => record({ name: `s${index}`, kids: [], seenAt: at(1) }))
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(maxVerifiersOfNetwork)
    expect(await record({ name: 'real', kids: [], network: '198.51.100.7', seenAt: at(2) })).toBe('accepted')
  })

  test('the latest of 50 concurrent sightings of the same verifier is kept', async () => {
    const at = nextDays()
    await atOnce(50, (index) => record({ name: 'busy', kids: [`k${index}`], seenAt: at(index) }))
    expect(await list()).toStrictEqual([{ name: 'busy', kids: ['k49'], network, seenAt: at(49) }])
  })
})
