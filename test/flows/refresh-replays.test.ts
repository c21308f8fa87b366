// Replays inside the grace: where they may come from, how they are counted, and when they are reported.
import { describe, expect, test } from 'vitest'
import { auditEvents, eventTypes } from '../support/audit-events.ts'
import { type Answer, claimsOf, credentialsOf, type TestClient } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer({ env: { TRUSTED_PROXIES: '127.0.0.1' } })

/** Without a user agent the request has an empty header, which is the same as none. */
interface Sender {
  ip: string
  userAgent?: string
}

const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'
const owner: Sender = { ip: '192.0.2.1', userAgent: firefox }
const thief: Sender = { ip: '198.51.100.9', userAgent: 'curl/8.5.0' }

const headersOf = ({ ip, userAgent = '' }: Sender) => ({ 'x-forwarded-for': ip, 'user-agent': userAgent })

const refresh = (client: TestClient, token: string, sender: Sender): Promise<Answer> =>
  issuer.form(
    '/token',
    { grant_type: 'refresh_token', refresh_token: token, ...credentialsOf(client) },
    headersOf(sender),
  )

const signedIn = async () => {
  const [client, user] = [await issuer.client(), await issuer.user()]
  const tokens = await issuer.tokens(client, user)
  return { client, user, ...tokens, familyId: String(claimsOf(tokens.accessToken).sid) }
}

const nextToken = ({ status, json, body }: Answer): string => {
  expect(status, body).toBe(200)
  return String(json.refresh_token)
}

/** The owner refreshes, and a second later somebody sends the same token again. */
const replayed = async (first: Sender, second: Sender) => {
  const family = await signedIn()
  const successor = nextToken(await refresh(family.client, family.refreshToken, first))
  issuer.clock.advance(1)
  return { ...family, successor, answer: await refresh(family.client, family.refreshToken, second) }
}

describe('a replay inside the grace', () => {
  test.each([
    ['another network and another browser', thief],
    ['another IPv6 network, without a user agent', { ip: '2001:db8:bad::1' }],
  ])('from %s ends the family with its access tokens and is audited (C14)', async (_, sender) => {
    const { client, accessToken, successor, answer, familyId } = await replayed(owner, sender)
    expect(answer.status).toBe(400)
    expect(answer.json.error).toBe('invalid_grant')
    expect((await refresh(client, successor, owner)).json.error).toBe('invalid_grant')
    expect((await issuer.bearer('/userinfo', accessToken)).status).toBe(401)
    expect(auditEvents(issuer, familyId)).toContainEqual(
      expect.objectContaining({ type: 'token.reused', reason: expect.stringContaining('another network') }),
    )
    expect(eventTypes(issuer, familyId)).not.toContain('token.replayed')
  })

  test('ends the family at the first-party API as well (C14)', async () => {
    const { email, password } = await issuer.user()
    const { json } = await issuer.json('/api/token', { email, password }, headersOf(owner))
    const again = (sender: Sender) =>
      issuer.json('/api/token/refresh', { refresh: json.refresh }, headersOf(sender))
    expect((await again(owner)).status).toBe(200)
    expect((await again({ ...owner, ip: '203.0.113.5' })).status).toBe(200)
    expect((await again(thief)).status).toBe(401)
    expect((await again(owner)).status).toBe(401)
  })

  test('by the owner ends the family if a thief in another place has refreshed first (C14)', async () => {
    const { client, successor, answer } = await replayed(thief, owner)
    expect(answer.json.error).toBe('invalid_grant')
    expect((await refresh(client, successor, thief)).json.error).toBe('invalid_grant')
  })

  test.each<[string, Sender, Sender]>([
    ['a second tab of the same browser', owner, owner],
    ['a phone that has changed its network', owner, { ...owner, ip: '2001:db8:cafe::1' }],
    ['another browser in the same network', owner, { ip: '192.0.2.200', userAgent: 'Safari' }],
    [
      'another address of the same IPv6 customer',
      { ip: '2001:db8:1:2::3' },
      { ...thief, ip: '2001:db8:1:f::4' },
    ],
    ['a backend without a user agent in two networks', { ip: '203.0.113.1' }, { ip: '198.51.100.1' }],
  ])('by %s gets the same successor (C14)', async (_, first, second) => {
    const { client, successor, answer, familyId } = await replayed(first, second)
    expect(nextToken(answer)).toBe(successor)
    nextToken(await refresh(client, successor, second))
    expect(eventTypes(issuer, familyId)).not.toContain('token.reused')
  })

  test('after a lost response gets the same successor from the network that the phone has now (C14)', async () => {
    const { client, refreshToken } = await signedIn()
    const lost = nextToken(await refresh(client, refreshToken, owner))
    issuer.clock.advance(19)
    const retried = nextToken(await refresh(client, refreshToken, { ...owner, ip: '203.0.113.77' }))
    expect(retried).toBe(lost)
  })
})

test('a refresh with the current token may come from anywhere (C14)', async () => {
  const { client, refreshToken } = await signedIn()
  const second = nextToken(await refresh(client, refreshToken, owner))
  const third = nextToken(await refresh(client, second, thief))
  nextToken(await refresh(client, third, owner))
})

test('a family keeps neither the address nor the user agent of a refresh (C14)', async () => {
  const { client, refreshToken, familyId } = await signedIn()
  const other = await signedIn()
  nextToken(await refresh(client, refreshToken, owner))
  nextToken(await refresh(other.client, other.refreshToken, owner))
  const kept = await issuer.stores.refreshTokens.find(familyId)
  expect(kept).toMatchObject({
    rotationNetwork: expect.stringMatching(/^.{3}$/),
    rotationUserAgent: expect.stringMatching(/^.{3}$/),
  })
  expect(JSON.stringify(kept)).not.toMatch(/192\.0\.2|Mozilla/)
  const another = await issuer.stores.refreshTokens.find(other.familyId)
  expect([another?.rotationNetwork, another?.rotationUserAgent]).not.toEqual([
    kept?.rotationNetwork,
    kept?.rotationUserAgent,
  ])
})

describe('replays of many generations', () => {
  /** Refreshes twice with the same token, as two tabs do. */
  const race = async (client: TestClient, token: string, second = owner): Promise<string> => {
    const successor = nextToken(await refresh(client, token, owner))
    expect(nextToken(await refresh(client, token, second))).toBe(successor)
    return successor
  }

  const reportsOf = (familyId: string) =>
    auditEvents(issuer, familyId).filter(({ type }) => type === 'token.replayed_repeatedly')

  test('are reported once, at the fifth in a row, and the family goes on (C15)', async () => {
    const { client, refreshToken, familyId, user } = await signedIn()
    let token = refreshToken
    for (let generation = 0; generation < 12; generation += 1) {
      expect(reportsOf(familyId)).toHaveLength(generation < 5 ? 0 : 1)
      token = await race(client, token, { ...owner, ip: '203.0.113.1' })
    }
    expect(reportsOf(familyId)).toMatchObject([
      { userId: user.id, clientId: client.id, reason: 'in 5 generations in a row' },
    ])
    nextToken(await refresh(client, token, owner))
  })

  test('with a refresh of its own between them are not reported (C15)', async () => {
    const { client, refreshToken, familyId } = await signedIn()
    let token = refreshToken
    for (let generation = 0; generation < 12; generation += 1)
      token = generation % 5 < 4 ? await race(client, token) : nextToken(await refresh(client, token, owner))
    expect(reportsOf(familyId)).toEqual([])
  })

  test('are counted in the list of sessions, for each family (C15)', async () => {
    const { client, user, refreshToken, familyId } = await signedIn()
    const other = await issuer.client()
    await issuer.tokens(other, user)
    const listed = async () => {
      const sessions = await issuer.app.operations['sessions.list']({ user: user.id })
      return sessions.flatMap(({ families }) => families)
    }
    let token = await race(client, refreshToken)
    expect(await listed()).toContainEqual({
      sid: familyId,
      client_id: client.id,
      replays: 1,
      replayed_repeatedly: false,
    })
    for (let generation = 1; generation < 6; generation += 1) token = await race(client, token)
    const [first, second] = [...(await listed())].sort((a, b) => b.replays - a.replays)
    expect(first).toMatchObject({ sid: familyId, replays: 6, replayed_repeatedly: true })
    expect(second).toMatchObject({ client_id: other.id, replays: 0, replayed_repeatedly: false })
  })
})
