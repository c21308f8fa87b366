import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { signatureFaults } from '../../fakes/provider-keys.ts'
import { secondsAfter } from '../../src/clock.ts'
import { faultyStores } from '../support/faulty-stores.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { allAlive, allEnded, useWebhookIssuer, webhookIssuer } from '../support/webhook-issuer.ts'

const faulty = faultyStores(memoryStores())
const issuer = useWebhookIssuer({ stores: faulty.stores })
let kakaoUrl: string
let googleUrl: string
beforeAll(() => {
  kakaoUrl = issuer.address('/webhooks/kakao/events')
  googleUrl = issuer.address('/webhooks/google/risc')
})

const auditEvents = () => issuer.webhookEvents().map(({ type, reason }) => `${type} ${reason}`)
const identityOf = ({ provider, subject }: { provider: string; subject: string }) =>
  issuer.stores.identities.find(provider, subject)

describe('Kakao’s account events', () => {
  test('user-unlinked gets 202, and then removes the identity and ends the sign-in (E13)', async () => {
    const member = await issuer.member()
    const answer = await issuer.kakao.sendEvent(kakaoUrl, { type: 'user-unlinked', person: member.subject })
    expect(answer).toEqual({ status: 202, body: '' })
    expect(await issuer.isAlive(member)).toEqual(allAlive)

    await issuer.app.signals.tick()
    expect(await issuer.isAlive(member)).toEqual(allEnded)
    expect(await identityOf(member)).toBeUndefined()
    expect((await issuer.refresh(member.client, member.refreshToken)).json.error).toBe('invalid_grant')
    const named = [{ kind: 'sub' as const, value: member.user.id }]
    expect(await issuer.stores.blacklist.find(named, issuer.clock.now())).toHaveLength(1)
    expect(auditEvents()).toEqual([
      'webhook.accepted kakao: user-unlinked',
      'signal.applied kakao: end_connection',
    ])
    expect(issuer.webhookEvents().at(-1)?.userId).toBe(member.user.id)
    // The account remains, and its password still works.
    const { email: login, password } = member.user
    expect((await issuer.browser().submit('/login/password', { login, password })).status).toBe(303)
  })

  test('an account that loses its last login method is kept, and the audit log says so (E13)', async () => {
    const member = await issuer.member({ withPassword: false })
    await issuer.kakao.sendEvent(kakaoUrl, { type: 'account-purged', person: member.subject })
    await issuer.app.signals.tick()
    expect(await issuer.stores.users.find(member.user.id)).toBeDefined()
    expect(issuer.webhookEvents()).toContainEqual(
      expect.objectContaining({ type: 'user.no_login_method', userId: member.user.id }),
    )
  })

  test('an account that still has another login method loses one, and the audit log does not warn (E13)', async () => {
    const member = await issuer.member({ withPassword: false })
    const now = issuer.clock.now()
    const google = { provider: 'google', subject: `g-${member.subject}`, userId: member.user.id }
    await issuer.stores.identities.link(
      { ...google, emailVerified: false, linkedAt: now, lastUsedAt: now },
      {},
    )
    await issuer.kakao.sendEvent(kakaoUrl, { type: 'account-purged', person: member.subject })
    await issuer.app.signals.tick()
    expect(await identityOf(member)).toBeUndefined()
    expect(issuer.webhookEvents()).not.toContainEqual(
      expect.objectContaining({ type: 'user.no_login_method', userId: member.user.id }),
    )
  })

  test.each(['sessions-revoked', 'tokens-revoked', 'credential-compromise'])(
    'Kakao’s event %s ends the sessions and keeps the identity (E13)',
    async (type) => {
      const member = await issuer.member()
      await issuer.kakao.sendEvent(kakaoUrl, { type, person: member.subject })
      await issuer.app.signals.tick()
      expect(await issuer.isAlive(member)).toEqual(allEnded)
      expect(await identityOf(member)).toMatchObject({ userId: member.user.id })
    },
  )

  test('an account that is locked at Kakao loses its sessions, and stays locked until it is unlocked there (E13)', async () => {
    const member = await issuer.member()
    const send = (type: string) => issuer.kakao.sendEvent(kakaoUrl, { type, person: member.subject })
    await send('account-disabled')
    await send('account-enabled')
    await send('account-disabled')
    await issuer.app.signals.tick()
    expect(await issuer.isAlive(member)).toEqual(allEnded)
    expect((await identityOf(member))?.lockedAt).toBeInstanceOf(Date)
    expect((await issuer.stores.users.find(member.user.id))?.disabledAt).toBeUndefined()
    await send('account-enabled')
    await issuer.app.signals.tick()
    expect((await identityOf(member))?.lockedAt).toBeUndefined()
  })

  test.each([
    'user-linked',
    'user-scope-consent',
    'token-issued',
    'token-revoked',
    'account-credential-change-required',
    'identifier-changed',
    'credential-change',
    'user-profile-changed',
  ])('Kakao’s event %s changes nothing (E13)', async (type) => {
    const member = await issuer.member()
    const answer = await issuer.kakao.sendEvent(kakaoUrl, { type, person: member.subject })
    expect(answer.status).toBe(202)
    await issuer.app.signals.tick()
    expect(await issuer.isAlive(member)).toEqual(allAlive)
    expect(await identityOf(member)).toBeDefined()
    expect(auditEvents()).toEqual([`webhook.accepted kakao: ${type}`])
  })

  test.each(['https://events.example/brand-new', 'constructor', '__proto__'])(
    'the unknown event %s gets 202, has no effect, and its name is not in the log (E13)',
    async (type) => {
      const member = await issuer.member()
      const answer = await issuer.kakao.sendEvent(kakaoUrl, { type, person: member.subject })
      expect(answer.status).toBe(202)
      await issuer.app.signals.tick()
      expect(await issuer.isAlive(member)).toEqual(allAlive)
      expect(auditEvents()).toEqual(['webhook.accepted kakao: unknown event'])
    },
  )

  test('an event about a person without an account gets 202 and has no effect (E13)', async () => {
    const answer = await issuer.kakao.sendEvent(kakaoUrl, { type: 'user-unlinked', person: '1' })
    expect(answer.status).toBe(202)
    await issuer.app.signals.tick()
    expect(auditEvents().at(-1)).toBe('signal.ignored kakao: end_connection, no account')
  })

  test('a repeated event gets 202 and has an effect only once, even after the person came back (E13)', async () => {
    const member = await issuer.member()
    const event = issuer.kakao.signEvent({ type: 'user-unlinked', person: member.subject })
    const answers = await Promise.all([1, 2, 3].map(() => issuer.kakao.sendEvent(kakaoUrl, event)))
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202])
    await issuer.app.signals.tick()
    expect(auditEvents().filter((one) => one.startsWith('signal'))).toHaveLength(1)

    const back = await issuer.member({ subject: member.subject })
    issuer.clock.advance(30 * 86_400)
    expect((await issuer.kakao.sendEvent(kakaoUrl, event)).status).toBe(202)
    await issuer.app.signals.tick()
    expect(await identityOf(back)).toBeDefined()
    expect(auditEvents().at(-1)).toBe('webhook.accepted kakao: user-unlinked, duplicate')
    issuer.clock.advance(31 * 86_400)
    expect((await issuer.kakao.sendEvent(kakaoUrl, event)).status).toBe(400)
  })

  test('a person who signs in again before the event is applied keeps the identity, but not the old sessions (E13)', async () => {
    const member = await issuer.member()
    await issuer.kakao.sendEvent(kakaoUrl, { type: 'user-unlinked', person: member.subject })
    issuer.clock.advance(10)
    const identity = await identityOf(member)
    if (identity) await issuer.stores.identities.use({ ...identity, lastUsedAt: issuer.clock.now() })
    await issuer.app.signals.tick()
    expect(await identityOf(member)).toBeDefined()
    expect(await issuer.isAlive(member)).toEqual(allEnded)
  })

  test('accepts an event with an old exp, and each shape of the subject (E13)', async () => {
    const newer = { format: 'iss_sub', iss: 'https://kauth.kakao.com' }
    for (const shape of [
      () => ({ claims: { exp: 1 } }),
      () => ({ event: { subject: undefined } }),
      (sub: string) => ({ event: { subject: { ...newer, sub } } }),
      (sub: string) => ({ event: { subject: undefined }, claims: { sub_id: { ...newer, sub } } }),
    ]) {
      const member = await issuer.member()
      const event = { type: 'user-unlinked', person: member.subject, ...shape(member.subject) }
      expect((await issuer.kakao.sendEvent(kakaoUrl, event)).status).toBe(202)
      await issuer.app.signals.tick()
      expect(await identityOf(member)).toBeUndefined()
    }
  })
})

describe('an invalid event', () => {
  const refusals: [string, Record<string, unknown>, string][] = [
    ['another audience', { aud: 'another-app' }, 'invalid_audience'],
    ['another issuer', { iss: 'https://kauth.kakao.com.evil.example' }, 'invalid_issuer'],
    ['the typ of an ID token', { typ: 'JWT' }, 'invalid_request'],
    ['no typ', { typ: null }, 'invalid_request'],
    ['no jti', { claims: { jti: undefined } }, 'invalid_request'],
    ...signatureFaults.map((signature): [string, Record<string, unknown>, string] => [
      `the signature fault ${signature}`,
      { signature },
      'invalid_key',
    ]),
  ]
  test.each(refusals)(
    'rejects an event with %s and answers with an error of RFC 8935 (E13)',
    async (_, fault, err) => {
      const member = await issuer.member()
      const event = { type: 'user-unlinked', person: member.subject, ...fault }
      const { status, body } = await issuer.kakao.sendEvent(kakaoUrl, event)
      expect(status).toBe(400)
      expect(JSON.parse(body)).toEqual({ err, description: expect.any(String) })
      await issuer.app.signals.tick()
      expect(await issuer.isAlive(member)).toEqual(allAlive)
      expect(auditEvents()).toEqual([expect.stringMatching(/^webhook\.refused kakao: /)])
    },
  )

  const post = (body: string | undefined, type: string | undefined, path = '/webhooks/kakao/events') =>
    issuer.send(path, {
      method: 'POST',
      ...(body !== undefined && { body }),
      headers: type ? { 'content-type': type } : {},
    })
  const set = 'application/secevent+jwt'

  test.each([
    ['without a body', undefined, undefined],
    ['with an empty body', '', set],
    ['with another content type', 'a.b.c', 'application/json'],
    ['with a form', 'a=b', 'application/x-www-form-urlencoded'],
    ['with a body that is not a token', 'hello', set],
    ['with a token of NUL characters', '\u0000.\u0000.\u0000', set],
    ['with a body of 17 KB', `${'x'.repeat(17_000)}.y.z`, set],
  ])('answers 400 to a webhook request %s (E13)', async (_, body, type) => {
    const { status, json } = await post(body, type)
    expect([status, json.err]).toEqual([400, 'invalid_request'])
  })

  test('accepts an event below 16 KB and rejects a larger one (E13)', async () => {
    const member = await issuer.member()
    const padded = (length: number) =>
      issuer.kakao.signEvent({
        type: 'sessions-revoked',
        person: member.subject,
        claims: { padding: 'x'.repeat(length) },
      })
    expect((await issuer.kakao.sendEvent(kakaoUrl, padded(13_000))).status === 400).toBe(true)
    expect((await issuer.kakao.sendEvent(kakaoUrl, padded(8000))).status).toBe(202)
  })

  test('rejects an event of Google at Kakao’s address, and an event of Kakao at Google’s address', async () => {
    const event = { type: 'sessions-revoked', person: '1' }
    expect((await issuer.kakao.sendEvent(kakaoUrl, issuer.google.signEvent(event))).status).toBe(400)
    expect((await issuer.google.sendEvent(googleUrl, issuer.kakao.signEvent(event))).status).toBe(400)
  })

  test('answers 405 to every method except POST at the addresses for events (G4)', async () => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'])
      for (const path of ['/webhooks/kakao/events', '/webhooks/google/risc'])
        expect((await issuer.send(path, { method })).status).toBe(405)
  })
})

describe('faults', () => {
  test('answers 503 while Kakao’s keys cannot be fetched, and accepts the repeated event later (E13)', async () => {
    const other = await webhookIssuer()
    const url = other.address('/webhooks/kakao/events')
    const member = await other.member()
    const event = other.kakao.signEvent({ type: 'user-unlinked', person: member.subject })
    other.kakao.knobs.faults.jwks = 'status_500'
    const { status, body } = await other.kakao.sendEvent(url, event)
    expect([status, JSON.parse(body).code]).toEqual([503, 'temporarily_unavailable'])
    expect(await other.isAlive(member)).toEqual(allAlive)
    expect(other.webhookEvents().map(({ type }) => type)).toEqual(['webhook.refused'])

    other.kakao.knobs.faults = {}
    other.clock.advance(6)
    expect((await other.kakao.sendEvent(url, event)).status).toBe(202)
    await other.app.signals.tick()
    expect(await other.isAlive(member)).toEqual(allEnded)
    await other.stop()
  })

  test('fetches a key that Kakao has just started to use (E13)', async () => {
    const member = await issuer.member()
    issuer.kakao.rotateKeys()
    issuer.clock.advance(31)
    const event = { type: 'sessions-revoked', person: member.subject }
    expect((await issuer.kakao.sendEvent(kakaoUrl, event)).status).toBe(202)
  })

  test('answers 503 within three seconds when Kakao’s keys do not arrive in time (E13)', async () => {
    const other = await webhookIssuer()
    const url = other.address('/webhooks/kakao/events')
    other.kakao.knobs.faults.jwks = 'hang'
    // The fake stops waiting after three seconds and reports the status 0.
    expect((await other.kakao.sendEvent(url, { type: 'user-unlinked', person: '1' })).status).toBe(503)
    await other.stop()
  })

  test('answers 503 while the store is down, and accepts the same event later', async () => {
    const member = await issuer.member()
    const event = issuer.kakao.signEvent({ type: 'user-unlinked', person: member.subject })
    faulty.failAll()
    expect((await issuer.kakao.sendEvent(kakaoUrl, event)).status).toBe(503)
    faulty.repair()
    expect((await issuer.kakao.sendEvent(kakaoUrl, event)).status).toBe(202)
    await issuer.app.signals.tick()
    expect(await identityOf(member)).toBeUndefined()
  })

  test('a signal whose store call fails is applied a minute later', async () => {
    for (const fault of ['not done', 'done, answer lost'] as const)
      for (let which = 2; ; which += 1) {
        const member = await issuer.member()
        await issuer.kakao.sendEvent(kakaoUrl, { type: 'user-unlinked', person: member.subject })
        faulty.failCall(which, fault)
        await issuer.app.signals.tick().catch(() => {})
        const failed = faulty.repair()
        issuer.clock.advance(61)
        await issuer.app.signals.tick()
        expect(await identityOf(member), `${which} ${failed}`).toBeUndefined()
        expect(await issuer.isAlive(member), `${which} ${failed}`).toEqual(allEnded)
        if (failed === undefined) break
      }
  })

  test('an accepted event survives a restart, even if a worker has leased it', async () => {
    const [stores, keyEncryptionKeys] = [memoryStores(), [randomBytes(32)]]
    const first = await webhookIssuer({ stores, keyEncryptionKeys })
    const [one, two] = [await first.member(), await first.member()]
    for (const { subject } of [one, two])
      await first.kakao.sendEvent(first.address('/webhooks/kakao/events'), {
        type: 'user-unlinked',
        person: subject,
      })
    const now = first.clock.now()
    expect(await stores.providerSignals.lease(1, now, secondsAfter(now, 60))).toHaveLength(1)
    await first.stop()

    const second = await webhookIssuer({ stores, keyEncryptionKeys, clock: first.clock })
    await second.app.signals.tick()
    expect(await stores.identities.find('kakao', one.subject)).toBeDefined()
    expect(await stores.identities.find('kakao', two.subject)).toBeUndefined()
    second.clock.advance(60)
    await second.app.signals.tick()
    expect(await stores.identities.find('kakao', one.subject)).toBeUndefined()
    await second.stop()
  })

  test('two instances share the work, and each signal is applied once', async () => {
    const [stores, keyEncryptionKeys] = [memoryStores(), [randomBytes(32)]]
    const one = await webhookIssuer({ stores, keyEncryptionKeys })
    const two = await webhookIssuer({ stores, keyEncryptionKeys, clock: one.clock })
    const members = []
    for (let count = 0; count < 12; count += 1) members.push(await one.member())
    for (const { subject } of members)
      await one.kakao.sendEvent(one.address('/webhooks/kakao/events'), {
        type: 'sessions-revoked',
        person: subject,
      })
    await Promise.all([one.app.signals.tick(), two.app.signals.tick()])
    const applied = [...one.webhookEvents(), ...two.webhookEvents()].filter(
      ({ type }) => type === 'signal.applied',
    )
    expect(applied.map(({ userId }) => userId).sort()).toEqual(members.map(({ user }) => user.id).sort())
    await one.stop()
    await two.stop()
  })
})

describe('Google’s Cross-Account Protection', () => {
  test.each(['sessions-revoked', 'tokens-revoked'])(
    'Google’s event %s ends the sessions and keeps the identity (E13)',
    async (type) => {
      const member = await issuer.member({ provider: 'google' })
      const answer = await issuer.google.sendEvent(googleUrl, { type, person: member.subject })
      expect(answer).toEqual({ status: 202, body: '' })
      await issuer.app.signals.tick()
      expect(await issuer.isAlive(member)).toEqual(allEnded)
      expect(await identityOf(member)).toBeDefined()
    },
  )

  test('Google’s event account-disabled locks the identity, and account-enabled unlocks it (E13)', async () => {
    const member = await issuer.member({ provider: 'google' })
    const send = (type: string, reason?: string) =>
      issuer.google.sendEvent(googleUrl, { type, person: member.subject, ...(reason && { reason }) })
    await send('account-disabled', 'hijacking')
    await issuer.app.signals.tick()
    expect(await issuer.isAlive(member)).toEqual(allEnded)
    expect((await identityOf(member))?.lockedAt).toBeDefined()
    await send('account-enabled')
    await issuer.app.signals.tick()
    expect((await identityOf(member))?.lockedAt).toBeUndefined()
  })

  test('Google’s verification event gets 202 and changes nothing (E13)', async () => {
    const event = { type: 'verification', person: '1', event: { subject: undefined, state: 'abc' } }
    expect((await issuer.google.sendEvent(googleUrl, event)).status).toBe(202)
    expect(auditEvents()).toEqual(['webhook.accepted google: verification'])
  })

  test('accepts a Google event if one of its audiences is our client id (E13)', async () => {
    const event = { type: 'verification', person: '1' }
    for (const [aud, status] of [
      [['x', 'web.apps.example'], 202],
      [['x'], 400],
      ['x', 400],
    ] as const)
      expect((await issuer.google.sendEvent(googleUrl, { ...event, aud })).status).toBe(status)
  })

  test('rejects a Google event whose iss lacks the slash, as in Google’s ID tokens (E13)', async () => {
    const event = { type: 'sessions-revoked', person: '1', iss: 'https://accounts.google.com' }
    const { status, body } = await issuer.google.sendEvent(googleUrl, event)
    expect([status, JSON.parse(body).err]).toEqual([400, 'invalid_issuer'])
  })
})

test('answers 404 at the webhook addresses of a provider that is not configured', async () => {
  const bare = await webhookIssuer({
    env: {
      KAKAO_CLIENT_ID: '',
      KAKAO_CLIENT_SECRET: '',
      GOOGLE_CLIENT_ID: '',
      GOOGLE_CLIENT_SECRET: '',
    },
  })
  for (const path of ['/webhooks/kakao/events', '/webhooks/kakao/unlink', '/webhooks/google/risc'])
    expect((await bare.send(path, { method: 'POST' })).status).toBe(404)
  await bare.stop()
})
