import { expect, test } from 'vitest'
import { atOnce, onLastingBackends } from './lasting-backends.ts'
import { anApi } from './records.ts'

onLastingBackends('APIs', (stores) => {
  test('an API is returned exactly as it was stored, and absent members stay absent', async () => {
    const [full, bare] = [
      anApi({
        accessTokenTtlSeconds: 300,
        tokenType: 'JWT',
        claims: ['premium'],
        name: "게시판's",
        scopeTexts: { 'posts:read': { ko: '글 읽기', en: 'Read posts' } },
      }),
      anApi(),
    ]
    for (const api of [full, bare]) {
      expect(await stores('apis').create(api)).toBe('created')
      expect(await stores('apis').find(api.audience)).toStrictEqual(api)
      expect(await stores('apis').list()).toContainEqual(api)
    }
    expect(await stores('apis').find('https://unknown.example/')).toBeUndefined()
  })

  test('a change of an API affects only the given members, and null removes a member', async () => {
    const api = anApi({ accessTokenTtlSeconds: 300, tokenType: 'JWT' })
    const { accessTokenTtlSeconds: _, tokenType: __, ...rest } = api
    await stores('apis').create(api)
    expect(await stores('apis').change(api.audience, {})).toBe(true)
    expect(await stores('apis').find(api.audience)).toStrictEqual(api)
    const change = {
      scopes: ['b', 'a'],
      claims: ['username'],
      scopeTexts: { b: { ko: '비', en: 'Bee' } },
    }
    const removed = { accessTokenTtlSeconds: null, tokenType: null }
    expect(await stores('apis').change(api.audience, { ...change, ...removed })).toBe(true)
    expect(await stores('apis').find(api.audience)).toStrictEqual({ ...rest, ...change })
    expect(await stores('apis').change('https://unknown.example/', {})).toBe(false)
  })

  test('exactly one of 20 concurrent creations of an API with the same audience succeeds', async () => {
    const { audience } = anApi()
    const outcomes = await atOnce(20, (index) => stores('apis').create(anApi({ audience, name: `${index}` })))
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1)
    expect((await stores('apis').find(audience))?.name).toBe(`${outcomes.indexOf('created')}`)
  })

  test('a deleted API is not found', async () => {
    const api = anApi()
    await stores('apis').create(api)
    expect(await stores('apis').delete(api.audience)).toBe(true)
    expect(await stores('apis').find(api.audience)).toBeUndefined()
    expect(await stores('apis').delete(api.audience)).toBe(false)
  })
})
