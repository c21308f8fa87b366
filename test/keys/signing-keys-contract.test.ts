import { expect, test } from 'vitest'
import { atOnce, onLastingBackends } from '../contracts/lasting-backends.ts'
import { aKey } from '../contracts/records.ts'
import { testClock } from '../support/clock.ts'

const now = testClock().now()

onLastingBackends('signing keys', (stores) => {
  const find = async (kid: string) => (await stores('signingKeys').list()).find((key) => key.kid === kid)

  test('a signing key is returned exactly as it was stored, and absent members stay absent', async () => {
    const full = aKey({ activatesAt: now, retiresAt: now, removedAt: now, revokedAt: now })
    const bare = aKey()
    const answer = await stores('signingKeys').update((keys) => [...keys, full, bare])
    expect(answer).toContainEqual(full)
    expect(await stores('signingKeys').list()).toEqual(answer)
    expect(await find(full.kid)).toStrictEqual(full)
    expect(await find(bare.kid)).toStrictEqual(bare)
  })

  test('an update of a signing key is stored, and can remove a time', async () => {
    const key = aKey({ activatesAt: now })
    const { activatesAt: _, ...standby } = key
    await stores('signingKeys').update((keys) => [...keys, key])
    await stores('signingKeys').update((keys) => keys.map((each) => (each.kid === key.kid ? standby : each)))
    expect(await find(key.kid)).toStrictEqual(standby)
  })

  test('an update that omits a signing key does not delete it', async () => {
    const key = aKey()
    await stores('signingKeys').update((keys) => [...keys, key])
    expect(await stores('signingKeys').update(() => [])).toContainEqual(key)
    expect(await find(key.kid)).toStrictEqual(key)
  })

  test('20 concurrent updates of signing keys are all stored, and each sees the ones before it', async () => {
    const made = await atOnce(20, async (index) => {
      const key = aKey({ createdAt: new Date(now.getTime() + index) })
      let seen = 0
      await stores('signingKeys').update((keys) => {
        seen = keys.length
        return [...keys, key]
      })
      return { kid: key.kid, seen }
    })
    const kids = new Set((await stores('signingKeys').list()).map(({ kid }) => kid))
    expect(made.every(({ kid }) => kids.has(kid))).toBe(true)
    expect(new Set(made.map(({ seen }) => seen)).size).toBe(20)
  })

  test('an update of signing keys that throws changes nothing and does not block the next one', async () => {
    const before = await stores('signingKeys').list()
    const refused = stores('signingKeys').update(() => {
      throw new Error('refused')
    })
    await expect(refused).rejects.toThrow('refused')
    expect(await stores('signingKeys').update((keys) => keys)).toEqual(before)
  })
})
