import { expect, test } from 'vitest'
import type { ParkedRequest } from '../../src/sessions/parked-request.ts'
import { concurrently, onExpiringBackends } from './expiring-backends.ts'
import { aParkedRequest, at } from './records.ts'

onExpiringBackends('parkedRequests', ({ store, instances }) => {
  const parked = async (facts: Partial<ParkedRequest> = {}): Promise<ParkedRequest> => {
    const request = aParkedRequest(facts)
    await store().park(request)
    return request
  }

  test('a parked request is returned exactly as it was stored, and absent members stay absent', async () => {
    const plain = await parked()
    const full = await parked({
      request: {
        clientId: 'web',
        redirectUri: 'https://app.example.com/callback?x=%2F',
        responseMode: 'form_post',
        scope: ['openid', 'email'],
        resource: ['https://api.example.com'],
        state: ' "state" \u2028 한글 ',
        nonce: 'n',
        codeChallenge: 'c',
        prompt: ['login', 'consent'],
        maxAgeSeconds: 0,
        loginHint: 'jane@example.com',
        uiLocales: 'ko en',
      },
      consentedBySession: 'a session',
    })
    expect(await store().find(plain.idHash)).toStrictEqual(plain)
    expect(await store().find(full.idHash)).toStrictEqual(full)
    expect(await store().take(full.idHash)).toStrictEqual(full)
  })

  test('an unknown parked request is not found, and a consent to it stores nothing', async () => {
    const { idHash } = aParkedRequest()
    expect(await store().find(idHash)).toBeUndefined()
    expect(await store().consent(idHash, 'a session')).toBe(false)
    expect(await store().take(idHash)).toBeUndefined()
    expect(await store().find(idHash)).toBeUndefined()
  })

  test('exactly one of 100 concurrent calls of take gets the parked request', async () => {
    const request = await parked()
    const answers = await concurrently(100, instances(), (requests) => requests.take(request.idHash))
    expect(answers.filter((answer) => answer !== undefined)).toStrictEqual([request])
  })

  test('a consent is stored only in its parked request, with the last session that gave it', async () => {
    const [request, other] = [await parked(), await parked()]
    expect(await store().consent(request.idHash, 'one')).toBe(true)
    expect(await store().consent(request.idHash, 'two')).toBe(true)
    expect(await store().find(request.idHash)).toStrictEqual({ ...request, consentedBySession: 'two' })
    expect(await store().find(other.idHash)).toStrictEqual(other)
    expect(await store().take(request.idHash)).toStrictEqual({ ...request, consentedBySession: 'two' })
  })

  test('a taken parked request is gone, and a consent does not restore it', async () => {
    const request = await parked({ expiresAt: at(1) })
    expect(await store().take(request.idHash)).toStrictEqual(request)
    expect(await store().consent(request.idHash, 'a session')).toBe(false)
    expect(await store().find(request.idHash)).toBeUndefined()
  })
})
