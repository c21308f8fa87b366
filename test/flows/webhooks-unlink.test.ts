import { beforeAll, describe, expect, test } from 'vitest'
import { Unavailable } from '../../src/unavailable.ts'
import { faultyStores } from '../support/faulty-stores.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import {
  allAlive,
  allEnded,
  kakaoApp,
  useWebhookIssuer,
  type WebhookIssuer,
  webhookIssuer,
} from '../support/webhook-issuer.ts'

const faulty = faultyStores(memoryStores())
const path = '/webhooks/kakao/unlink'
const issuer = useWebhookIssuer({ stores: faulty.stores })
let url: string
beforeAll(() => {
  url = issuer.address(path)
})

const authorization = `KakaoAK ${kakaoApp.adminKey}`
const auditEvents = () => issuer.webhookEvents().map(({ type, reason }) => `${type} ${reason}`)

describe('Kakao’s unlink webhook', () => {
  test.each(['POST', 'GET'] as const)(
    'an unlink webhook by %s gets 200, and then ends the sign-in here (E14)',
    async (method) => {
      const member = await issuer.member()
      const answer = await issuer.kakao.sendUnlinkWebhook(url, { person: member.subject, method })
      expect(answer).toEqual({ status: 200, body: '' })
      expect(await issuer.isAlive(member)).toEqual(allAlive)
      await issuer.app.signals.tick()
      expect(await issuer.isAlive(member)).toEqual(allEnded)
      expect(await issuer.stores.identities.find('kakao', member.subject)).toBeUndefined()
      expect(auditEvents()).toEqual([
        'webhook.accepted kakao: unlink, accepted',
        'signal.applied kakao: end_connection',
      ])
    },
  )

  test.each([
    'ACCOUNT_DELETE',
    'FORCED_ACCOUNT_DELETE',
    'UNLINK_FROM_ADMIN',
    'UNLINK_FROM_APPS',
    'INCOMPLETE_SIGN_UP',
  ] as const)('an unlink webhook with the referrer_type %s removes the identity (E14)', async (referrer) => {
    const member = await issuer.member()
    await issuer.kakao.sendUnlinkWebhook(url, { person: member.subject, referrer })
    await issuer.app.signals.tick()
    expect(await issuer.stores.identities.find('kakao', member.subject)).toBeUndefined()
  })

  test('an unlink webhook and the signed event of the same disconnection have an effect only once (E14)', async () => {
    const member = await issuer.member()
    await issuer.kakao.sendUnlinkWebhook(url, { person: member.subject })
    const events = issuer.address('/webhooks/kakao/events')
    await issuer.kakao.sendEvent(events, { type: 'user-unlinked', person: member.subject })
    await issuer.app.signals.tick()
    expect(auditEvents().slice(2)).toEqual([
      'signal.applied kakao: end_connection',
      'signal.ignored kakao: end_connection, no account',
    ])
  })

  test('a person who came back and disconnects again is signed out again (E14)', async () => {
    const first = await issuer.member()
    await issuer.kakao.sendUnlinkWebhook(url, { person: first.subject })
    await issuer.app.signals.tick()
    const again = await issuer.member({ subject: first.subject })
    await issuer.kakao.sendUnlinkWebhook(url, { person: first.subject })
    await issuer.app.signals.tick()
    expect(await issuer.isAlive(again)).toEqual(allEnded)
  })

  const forgeries: [string, Parameters<WebhookIssuer['kakao']['sendUnlinkWebhook']>[1]][] = [
    ['a wrong admin key', { person: '', adminKey: 'kakao-admin-kez' }],
    ['an empty admin key', { person: '', adminKey: '' }],
    ['the beginning of the admin key', { person: '', adminKey: 'kakao-admin-ke' }],
    ['no admin key', { person: '', adminKey: null }],
    ['another app', { person: '', appId: '900101' }],
  ]
  test.each(forgeries)(
    'an unlink webhook with %s is rejected and changes nothing (E14)',
    async (_, message) => {
      const member = await issuer.member()
      for (const method of ['POST', 'GET'] as const) {
        const answer = await issuer.kakao.sendUnlinkWebhook(url, {
          ...message,
          method,
          person: member.subject,
        })
        expect(answer.status).toBe(401)
      }
      await issuer.app.signals.tick()
      expect(await issuer.isAlive(member)).toEqual(allAlive)
      expect(auditEvents()).toEqual(Array(2).fill('webhook.refused kakao: unlink, wrong admin key or app'))
    },
  )

  test('rejects the right admin key under another authorization scheme (E14)', async () => {
    for (const given of [`Bearer ${kakaoApp.adminKey}`, kakaoApp.adminKey, `KakaoAK  ${kakaoApp.adminKey}`]) {
      const fields = { app_id: kakaoApp.appId, user_id: '1' }
      expect((await issuer.form(path, fields, { authorization: given })).status).toBe(401)
    }
  })

  test('a HEAD request to the unlink webhook gets 405 and changes nothing (G4)', async () => {
    const member = await issuer.member()
    const query = new URLSearchParams({ app_id: kakaoApp.appId, user_id: member.subject })
    const answer = await issuer.send(`${path}?${query}`, { method: 'HEAD', headers: { authorization } })
    expect(answer.status).toBe(405)
    await issuer.app.signals.tick()
    expect(await issuer.isAlive(member)).toEqual(allAlive)
  })

  test('rejects a malformed unlink webhook, and changes nothing', async () => {
    const app_id = kakaoApp.appId
    for (const fields of [
      [['app_id', app_id]],
      [
        ['app_id', app_id],
        ['user_id', ''],
      ],
      [
        ['app_id', app_id],
        ['user_id', 'me'],
      ],
      [
        ['app_id', app_id],
        ['user_id', '-1'],
      ],
      [
        ['app_id', app_id],
        ['user_id', '9'.repeat(21)],
      ],
      [
        ['app_id', app_id],
        ['user_id', '1'],
        ['user_id', '2'],
      ],
    ] as [string, string][][])
      expect((await issuer.form(path, fields, { authorization })).status).toBe(400)
    const repeated: [string, string][] = [
      ['app_id', app_id],
      ['app_id', app_id],
      ['user_id', '1'],
    ]
    expect((await issuer.form(path, repeated, { authorization })).status).toBe(401)
    expect((await issuer.json(path, { app_id, user_id: 1 }, { authorization })).status).toBe(415)
    expect((await issuer.send(path, { method: 'POST', headers: { authorization } })).status).toBe(400)
    expect((await issuer.send(`${path}?user_id=%ff`, { headers: { authorization } })).status).toBe(400)
    await issuer.app.signals.tick()
    expect(auditEvents().filter((one) => one.startsWith('signal'))).toEqual([])
  })

  test('answers 200 while the store is down, and queues the message once the store is back (E14)', async () => {
    const members = [await issuer.member(), await issuer.member()]
    faulty.failAll()
    for (const { subject } of members)
      expect((await issuer.kakao.sendUnlinkWebhook(url, { person: subject })).status).toBe(200)
    await expect(issuer.app.signals.tick()).rejects.toThrow(Unavailable)
    faulty.repair()
    await issuer.app.signals.tick()
    for (const member of members) expect(await issuer.isAlive(member)).toEqual(allEnded)
  })

  test('answers 200 within three seconds when the store does not answer (E14)', async () => {
    const stores = memoryStores()
    let answer: (() => void) | undefined
    const enqueue = stores.providerSignals.enqueue
    stores.providerSignals.enqueue = async (signal) => {
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      return enqueue(signal)
    }
    const slow = await webhookIssuer({ stores })
    const member = await slow.member()
    // The fake stops waiting after three seconds and reports the status 0.
    const sent = await slow.kakao.sendUnlinkWebhook(slow.address(path), { person: member.subject })
    expect(sent.status).toBe(200)
    answer?.()
    await slow.app.signals.tick()
    expect(await slow.isAlive(member)).toEqual(allEnded)
    await slow.stop()
  })

  test('answers 404 at the unlink address if the admin key or the app id is not configured (E14)', async () => {
    for (const missing of ['KAKAO_ADMIN_KEY', 'KAKAO_APP_ID']) {
      const other = await webhookIssuer({ env: { [missing]: '' } })
      for (const method of ['POST', 'GET'] as const) {
        const sent = await other.kakao.sendUnlinkWebhook(other.address(path), { person: '1', method })
        expect(sent.status).toBe(404)
      }
      await other.stop()
    }
  })

  test('no log line contains the admin key or the id of the person (H9)', async () => {
    const query = new URLSearchParams({ app_id: kakaoApp.appId, user_id: '4815162342' })
    await issuer.send(`${path}?${query}`, { headers: { authorization } })
    await issuer.send(`${path}?${query}`, { headers: { authorization: `${authorization}x` } })
    expect(issuer.logLines.length).toBeGreaterThan(2)
    expect(issuer.logLines.join()).not.toContain(kakaoApp.adminKey)
    expect(issuer.logLines.join()).not.toContain('4815162342')
  })
})
