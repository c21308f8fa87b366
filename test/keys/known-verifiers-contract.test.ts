import { expect, test } from 'vitest'
import { type KnownVerifier, knownForSeconds, maxKnownVerifiers } from '../../src/keys/known-verifiers.ts'
import { atOnce, onLastingBackends } from '../contracts/lasting-backends.ts'
import { testClock } from '../support/clock.ts'

const start = testClock().now()
/** A part of the calendar for each test: sightings lapse after a day. */
let days = 0
const nextDays = () => {
  days += 10
  return (seconds: number) => new Date(start.getTime() + days * 86_400_000 + seconds * 1000)
}

onLastingBackends('known verifiers', (stores) => {
  const { saw, list } = {
    saw: (sighting: KnownVerifier) => stores('knownVerifiers').saw(sighting),
    list: () => stores('knownVerifiers').list(),
  }

  test('the latest sighting of each name counts, in whichever order they come', async () => {
    const at = nextDays()
    const [old, late] = [
      { name: 'notes', kids: ['a'], seenAt: at(0) },
      { name: 'notes', kids: ['a', 'b'], seenAt: at(60) },
    ]
    expect(await saw(late)).toBe('accepted')
    expect(await saw(old)).toBe('accepted')
    expect(await saw({ name: 'Chat.api-2', kids: [], seenAt: at(30) })).toBe('accepted')
    expect(await list()).toStrictEqual([{ name: 'Chat.api-2', kids: [], seenAt: at(30) }, late])
  })

  test('who has not been seen for a day is forgotten', async () => {
    const at = nextDays()
    await saw({ name: 'gone', kids: ['a'], seenAt: at(0) })
    await saw({ name: 'there', kids: ['a'], seenAt: at(knownForSeconds - 1) })
    expect((await list()).map(({ name }) => name)).toEqual(['gone', 'there'])
    await saw({ name: 'there', kids: ['a'], seenAt: at(knownForSeconds) })
    expect((await list()).map(({ name }) => name)).toEqual(['there'])
  })

  test('of 150 strangers at once exactly as many are kept as there are places; who is known stays known', async () => {
    const at = nextDays()
    await saw({ name: 'known', kids: ['a'], seenAt: at(0) })
    const answers = await atOnce(150, (index) => saw({ name: `s${index}`, kids: [], seenAt: at(1) }))
    expect(answers.filter((answer) => answer === 'accepted')).toHaveLength(maxKnownVerifiers - 1)
    expect(await list()).toHaveLength(maxKnownVerifiers)
    expect(await saw({ name: 'known', kids: ['b'], seenAt: at(2) })).toBe('accepted')
    expect((await list()).find(({ name }) => name === 'known')?.kids).toEqual(['b'])
    expect(await saw({ name: 'one-more', kids: [], seenAt: at(3) })).toBe('full')
  })

  test('of 50 concurrent sightings of one name the latest stays', async () => {
    const at = nextDays()
    await atOnce(50, (index) => saw({ name: 'busy', kids: [`k${index}`], seenAt: at(index) }))
    expect(await list()).toStrictEqual([{ name: 'busy', kids: ['k49'], seenAt: at(49) }])
  })
})
