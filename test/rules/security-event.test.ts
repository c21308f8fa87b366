import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PublishedKeys, publishedKeys, signedBy, theirKey } from '../../fakes/published-keys.ts'
import { epochSeconds, fromEpochSeconds, secondsAfter } from '../../src/clock.ts'
import { createRemoteJwks } from '../../src/upstream-keys/remote-jwks.ts'
import { createGoogleSource, googleEvents } from '../../src/webhooks/google-events.ts'
import { createKakaoSource, kakaoEvents } from '../../src/webhooks/kakao-events.ts'
import { type EventSource, readSecurityEvent } from '../../src/webhooks/security-event.ts'
import { testClock } from '../support/clock.ts'

const clock = testClock()
const now = clock.now()
const key = theirKey('one')
const unlinked = 'https://schemas.openid.net/secevent/oauth/event-type/user-unlinked'
const revoked = 'https://schemas.openid.net/secevent/risc/event-type/sessions-revoked'

let published: PublishedKeys
let kakao: EventSource
let google: EventSource
beforeAll(async () => {
  published = await publishedKeys(key)
  const jwks = createRemoteJwks({ url: published.url, clock })
  kakao = createKakaoSource('rest-key', jwks)
  google = createGoogleSource(['web-app', 'phone-app'], jwks)
})
afterAll(() => published.close())

const header = { alg: 'RS256', typ: 'secevent+jwt', kid: 'one' }
const fromKakao = {
  iss: 'https://kauth.kakao.com',
  aud: 'rest-key',
  sub: '4815162342',
  iat: epochSeconds(now) - 5,
  jti: 'a-jti',
  events: {
    [unlinked]: {
      subject: { subject_type: 'iss-sub', iss: 'https://kauth.kakao.com', sub: '4815162342' },
      reason: 'UNLINK_FROM_APPS',
    },
  },
}
const fromGoogle = {
  iss: 'https://accounts.google.com/',
  aud: 'web-app',
  iat: epochSeconds(now),
  jti: 'b-jti',
  events: {
    [revoked]: { subject: { subject_type: 'iss-sub', iss: 'https://accounts.google.com/', sub: '1089' } },
  },
}

const read = (source: EventSource, payload: unknown, head: unknown = header) =>
  readSecurityEvent(signedBy(key, head, payload), source, now)
const kakaoSubjects = async (change: Record<string, unknown>) => {
  const token = await read(kakao, { ...fromKakao, ...change })
  return token.outcome === 'valid' ? token.events.map(({ subject }) => subject) : token
}

describe('a security event', () => {
  test('reads a security event in the shape that Kakao sends (E13)', async () => {
    expect(await read(kakao, fromKakao)).toEqual({
      outcome: 'valid',
      id: 'a-jti',
      occurredAt: fromEpochSeconds(epochSeconds(now) - 5),
      events: [{ uri: unlinked, subject: '4815162342' }],
    })
  })

  test('reads a Google security event for each of our client ids, with and without a typ (E13)', async () => {
    const expected = { outcome: 'valid', events: [{ uri: revoked, subject: '1089' }] }
    for (const aud of ['web-app', 'phone-app', ['x', 'phone-app']])
      expect(await read(google, { ...fromGoogle, aud })).toMatchObject(expected)
    for (const typ of ['JWT', undefined, 'secevent+jwt', 'application/secevent+jwt'])
      expect(await read(google, fromGoogle, { ...header, typ })).toMatchObject(expected)
  })

  test('accepts a security event without exp or with an old exp (E13)', async () => {
    expect(await read(kakao, { ...fromKakao, exp: 1 })).toMatchObject({ outcome: 'valid' })
  })

  test('reads the person from the older shape, from the newer shape, or from the claims of the token (E13)', async () => {
    const iss = 'https://kauth.kakao.com'
    const event = (members: unknown) => ({ [unlinked]: members })
    const newer = { format: 'iss_sub', iss, sub: 'n' }
    expect(await kakaoSubjects({ events: event({ subject: newer }) })).toEqual(['n'])
    expect(await kakaoSubjects({ events: event({}), sub_id: newer })).toEqual(['n'])
    expect(await kakaoSubjects({ events: event({}), sub: 'top' })).toEqual(['top'])
    expect(await kakaoSubjects({ events: event(null), sub: 4815162342 })).toEqual(['4815162342'])
    expect(await kakaoSubjects({ events: event({}), sub: undefined })).toEqual([undefined])
  })

  test('reads no person from a subject of another issuer or of another type, despite the claim sub (E13)', async () => {
    const foreign = { subject_type: 'iss-sub', iss: 'https://accounts.google.com', sub: '4815162342' }
    expect(await kakaoSubjects({ events: { [unlinked]: { subject: foreign } } })).toEqual([undefined])
    const token = { subject_type: 'oauth_token', token_type: 'refresh_token', token: 'x' }
    expect(await kakaoSubjects({ events: { [unlinked]: { subject: token } } })).toEqual([undefined])
  })

  test('takes the time of the event from toe, but never a time in the future', async () => {
    const seconds = epochSeconds(now)
    for (const [toe, expected] of [
      [seconds - 100, seconds - 100],
      [seconds + 100, seconds],
      [(seconds - 100) * 1000, seconds],
      ['soon', seconds - 5],
    ])
      expect(await read(kakao, { ...fromKakao, toe })).toMatchObject({
        occurredAt: fromEpochSeconds(Number(expected)),
      })
  })

  const refusals: [string, string, Record<string, unknown>][] = [
    ['another issuer', 'invalid_issuer', { iss: 'https://kauth.kakao.com/' }],
    ['no issuer', 'invalid_issuer', { iss: undefined }],
    ['another audience', 'invalid_audience', { aud: 'another-app' }],
    ['no audience', 'invalid_audience', { aud: undefined }],
    ['an audience that is an object', 'invalid_audience', { aud: { 'rest-key': 1 } }],
    ['no jti', 'invalid_request', { jti: undefined }],
    ['a jti that is not a string', 'invalid_request', { jti: 7 }],
    ['no iat', 'invalid_request', { iat: undefined }],
    ['an iat of 61 days ago', 'invalid_request', { iat: epochSeconds(secondsAfter(now, -61 * 86_400)) }],
    ['no events', 'invalid_request', { events: undefined }],
    ['an empty list of events', 'invalid_request', { events: {} }],
    ['events in an array', 'invalid_request', { events: [unlinked] }],
  ]
  for (const [name, refusal, change] of refusals)
    test(`rejects a security event with ${name} (E13)`, async () => {
      expect(await read(kakao, { ...fromKakao, ...change })).toMatchObject({ outcome: 'refused', refusal })
    })

  test('rejects an ID token of the same provider as a security event (E13)', async () => {
    const idToken = { ...fromKakao, events: undefined, nonce: 'n', exp: epochSeconds(now) + 600 }
    expect(await read(kakao, idToken, { ...header, typ: 'JWT' })).toMatchObject({
      outcome: 'refused',
      refusal: 'invalid_request',
    })
    const ofGoogle = { ...fromGoogle, iss: 'https://accounts.google.com' }
    expect(await read(google, ofGoogle)).toMatchObject({ outcome: 'refused', refusal: 'invalid_issuer' })
    expect(await read(google, { ...fromGoogle, events: undefined })).toMatchObject({ outcome: 'refused' })
  })

  test('rejects a security event that an unknown key signed as invalid_key (E13)', async () => {
    const stranger = signedBy(theirKey('one'), header, fromKakao)
    const unknown = signedBy(key, { ...header, kid: 'two' }, fromKakao)
    for (const token of [stranger, unknown])
      expect(await readSecurityEvent(token, kakao, now)).toMatchObject({
        outcome: 'refused',
        refusal: 'invalid_key',
      })
  })
})

test('only these events of Kakao and Google have an effect (E13)', () => {
  const active = (table: object) =>
    Object.entries(table)
      .filter(([, action]) => action !== 'nothing')
      .map(([uri, action]) => `${uri.split('/').slice(-3).join('/')} ${action}`)
  expect(active(kakaoEvents)).toEqual([
    'oauth/event-type/user-unlinked end_connection',
    'oauth/event-type/tokens-revoked end_sessions',
    'risc/event-type/account-disabled disable',
    'risc/event-type/account-enabled enable',
    'risc/event-type/account-purged end_connection',
    'risc/event-type/credential-compromise end_sessions',
    'risc/event-type/sessions-revoked end_sessions',
  ])
  expect(active(googleEvents)).toEqual([
    'risc/event-type/sessions-revoked end_sessions',
    'risc/event-type/account-disabled disable',
    'risc/event-type/account-enabled enable',
    'oauth/event-type/tokens-revoked end_sessions',
    'oauth/event-type/token-revoked end_sessions',
  ])
})
