import { describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { eventTypes } from '../support/audit-events.ts'
import {
  type Answer,
  claimsOf,
  type TestClient,
  type TestIssuer,
  type Tokens,
  testIssuer,
} from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const day = 86_400

const signedIn = async (facts: Parameters<TestIssuer['client']>[0] = {}) => {
  const [client, user] = [await issuer.client(facts), await issuer.user()]
  const tokens = await issuer.tokens(client, user)
  return { client, user, tokens, familyId: String(claimsOf(tokens.accessToken).sid) }
}

const nextToken = (answer: Answer): string => {
  expect(answer.status, answer.body).toBe(200)
  return String(answer.json.refresh_token)
}

const expectRefused = (answer: Answer) => {
  expect(answer.status).toBe(400)
  expect(answer.json).toEqual({
    error: 'invalid_grant',
    error_description: 'The grant is invalid, expired, revoked or already used.',
  })
}

const userinfoStatus = async (accessToken: string) => (await issuer.bearer('/userinfo', accessToken)).status

describe('reuse of a refresh token', () => {
  test('reuse after the grace revokes the family with its access tokens and is audited (C2)', async () => {
    const { client, tokens, familyId } = await signedIn()
    const refreshed = await issuer.refresh(client, tokens.refreshToken)
    const second = nextToken(refreshed)
    issuer.clock.advance(21)
    expectRefused(await issuer.refresh(client, tokens.refreshToken))
    expectRefused(await issuer.refresh(client, second))
    for (const access of [tokens.accessToken, String(refreshed.json.access_token)])
      expect(await userinfoStatus(access)).toBe(401)
    expect(eventTypes(issuer, familyId)).toContain('token.reused')
  })

  test('a reused token gets the same answer as an unknown token (C2)', async () => {
    const { client, tokens } = await signedIn()
    nextToken(await issuer.refresh(client, tokens.refreshToken))
    issuer.clock.advance(21)
    const reused = await issuer.refresh(client, tokens.refreshToken)
    const unknown = await issuer.refresh(client, 'drt_never-was')
    expect(reused.body).toBe(unknown.body)
    expect(reused.status).toBe(unknown.status)
    expect(reused.headers.get('cache-control')).toBe('no-store')
  })

  test('reuse revokes one family, and another client of the same session stays signed in (C2)', async () => {
    const [one, other, user] = [await issuer.client(), await issuer.client(), await issuer.user()]
    const agent = issuer.browser()
    const tokens = await issuer.tokens(one, user, {}, agent)
    const otherTokens = await issuer.tokens(other, user, {}, agent)
    nextToken(await issuer.refresh(one, tokens.refreshToken))
    issuer.clock.advance(21)
    expectRefused(await issuer.refresh(one, tokens.refreshToken))
    nextToken(await issuer.refresh(other, otherTokens.refreshToken))
  })

  test('reuse at the first-party API revokes the family as well (C2)', async () => {
    const user = await issuer.user()
    const { json } = await issuer.json('/api/token', { email: user.email, password: user.password })
    const second = await issuer.json('/api/token/refresh', { refresh: json.refresh })
    expect(second.status).toBe(200)
    issuer.clock.advance(21)
    expect((await issuer.json('/api/token/refresh', { refresh: json.refresh })).status).toBe(401)
    expect((await issuer.json('/api/token/refresh', { refresh: second.json.refresh })).status).toBe(401)
    expect((await issuer.bearer('/api/users/me', String(second.json.access))).status).toBe(401)
  })
})

describe('the grace', () => {
  test('a predecessor gets the same successor within the grace, however often it is sent (C3)', async () => {
    const { client, tokens, familyId } = await signedIn()
    const successor = nextToken(await issuer.refresh(client, tokens.refreshToken))
    for (const seconds of [0, 10, 9]) {
      issuer.clock.advance(seconds)
      expect(nextToken(await issuer.refresh(client, tokens.refreshToken))).toBe(successor)
    }
    nextToken(await issuer.refresh(client, successor))
    expect(eventTypes(issuer, familyId)).toContain('token.replayed')
    expect(eventTypes(issuer, familyId)).not.toContain('token.reused')
  })

  test('the grace ends after exactly 20 seconds (C3)', async () => {
    const { client, tokens } = await signedIn()
    nextToken(await issuer.refresh(client, tokens.refreshToken))
    issuer.clock.advance(20)
    expectRefused(await issuer.refresh(client, tokens.refreshToken))
  })

  test('a replay does not extend the grace (C3)', async () => {
    const { client, tokens } = await signedIn()
    nextToken(await issuer.refresh(client, tokens.refreshToken))
    issuer.clock.advance(15)
    nextToken(await issuer.refresh(client, tokens.refreshToken))
    issuer.clock.advance(6)
    expectRefused(await issuer.refresh(client, tokens.refreshToken))
  })

  test('the grace holds only for the direct predecessor, and only until the successor is used (C3)', async () => {
    const { client, tokens } = await signedIn()
    const second = nextToken(await issuer.refresh(client, tokens.refreshToken))
    const third = nextToken(await issuer.refresh(client, second))
    expectRefused(await issuer.refresh(client, tokens.refreshToken))
    expectRefused(await issuer.refresh(client, third))
  })

  test('the grace holds only for the same client, and another client cannot revoke the family (C3)', async () => {
    const { client, tokens } = await signedIn()
    const other = await issuer.client()
    const successor = nextToken(await issuer.refresh(client, tokens.refreshToken))
    expectRefused(await issuer.refresh(other, tokens.refreshToken))
    expectRefused(await issuer.refresh(other, successor))
    nextToken(await issuer.refresh(client, successor))
  })

  test('a grace of 0 rejects every reuse, set for one client or for the whole issuer (C3)', async () => {
    const strict = await signedIn({ refreshPolicy: { kind: 'rotate', graceSeconds: 0 } })
    const successor = nextToken(await issuer.refresh(strict.client, strict.tokens.refreshToken))
    expectRefused(await issuer.refresh(strict.client, strict.tokens.refreshToken))
    expectRefused(await issuer.refresh(strict.client, successor))

    const strictIssuer = await testIssuer({ env: { REFRESH_GRACE: '0' } })
    const [client, user] = [await strictIssuer.client(), await strictIssuer.user()]
    const { refreshToken } = await strictIssuer.tokens(client, user)
    nextToken(await strictIssuer.refresh(client, refreshToken))
    expectRefused(await strictIssuer.refresh(client, refreshToken))
    await strictIssuer.close()
  })

  test('50 parallel uses of one token all get the same successor (C3)', async () => {
    const { client, tokens } = await signedIn()
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => issuer.refresh(client, tokens.refreshToken)),
    )
    const [successor, ...others] = [...new Set(answers.map(nextToken))]
    expect(others).toEqual([])
    nextToken(await issuer.refresh(client, successor ?? ''))
  })
})

describe('the refresh policy of a client', () => {
  test('the grace of the client replaces the default (C4)', async () => {
    const { client, tokens } = await signedIn({ refreshPolicy: { kind: 'rotate', graceSeconds: 60 } })
    const successor = nextToken(await issuer.refresh(client, tokens.refreshToken))
    issuer.clock.advance(59)
    expect(nextToken(await issuer.refresh(client, tokens.refreshToken))).toBe(successor)
    issuer.clock.advance(1)
    expectRefused(await issuer.refresh(client, tokens.refreshToken))
  })

  test('a confidential client with the policy `reuse` keeps its refresh token (C4)', async () => {
    const { client, tokens, familyId } = await signedIn({ refreshPolicy: { kind: 'reuse' } })
    for (let time = 0; time < 3; time += 1) {
      issuer.clock.advance(day)
      expect(nextToken(await issuer.refresh(client, tokens.refreshToken))).toBe(tokens.refreshToken)
    }
    expect(eventTypes(issuer, familyId)).not.toContain('token.replayed')
  })

  test('rejects the registration of a public third-party client with the policy `reuse` (C4)', async () => {
    const create = issuer.app.operations['clients.create']
    const settings = { id: `public-${randomToken(6)}`, redirectUris: ['https://app.example/callback'] }
    const asked = { ...settings, public: true, thirdParty: true, refresh: 'reuse' }
    await expect(create(asked)).rejects.toThrow(/public/i)
  })

  test('a client that changes from `reuse` to `rotate` continues with the token it has (C4)', async () => {
    const { client, tokens } = await signedIn({ refreshPolicy: { kind: 'reuse' } })
    nextToken(await issuer.refresh(client, tokens.refreshToken))
    await issuer.stores.clients.change(client.id, { refreshPolicy: { kind: 'rotate' } })
    const second = nextToken(await issuer.refresh(client, tokens.refreshToken))
    expect(second).not.toBe(tokens.refreshToken)
    nextToken(await issuer.refresh(client, second))
  })
})

describe('the lifetime of a family', () => {
  /** Refreshes every `stepDays` days. Returns the number of days after which the refresh is rejected. */
  const refusedAfter = async (client: TestClient, tokens: Tokens, stepDays: number) => {
    let token = tokens.refreshToken
    for (let days = stepDays; days < 400; days += stepDays) {
      issuer.clock.advance(stepDays * day)
      const answer = await issuer.refresh(client, token)
      if (answer.status !== 200) return days
      token = nextToken(answer)
    }
    throw new Error('The family did not end within 400 days.')
  }

  test('a family ends 30 days after the sign-in, however often it refreshes (C5)', async () => {
    const { client, tokens } = await signedIn()
    expect(await refusedAfter(client, tokens, 5)).toBe(30)
  })

  test('a family that a second client starts in an old session ends with that session (C5)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const agent = issuer.browser()
    await issuer.tokens(client, user, {}, agent)
    for (let time = 0; time < 4; time += 1) {
      issuer.clock.advance(6 * day)
      await agent.get('/account')
    }
    const late = await issuer.tokens(await issuer.client(), user, {}, agent)
    const family = await issuer.stores.refreshTokens.find(String(claimsOf(late.accessToken).sid))
    const session = await issuer.stores.sessions.find(family?.sessionId ?? '')
    expect(family?.expiresAt).toEqual(session?.expiresAt)
    expect(family?.expiresAt.getTime()).toBeLessThan(issuer.clock.now().getTime() + 7 * day * 1000)
  })

  test('a family ends after seven idle days, and each refresh restarts that time (C6)', async () => {
    const active = await signedIn()
    issuer.clock.advance(7 * day - 1)
    const second = nextToken(await issuer.refresh(active.client, active.tokens.refreshToken))
    issuer.clock.advance(7 * day - 1)
    nextToken(await issuer.refresh(active.client, second))

    const idle = await signedIn()
    issuer.clock.advance(7 * day)
    expectRefused(await issuer.refresh(idle.client, idle.tokens.refreshToken))
  })

  test('the idle expiry is never later than the absolute expiry (C6)', async () => {
    const { client, tokens, familyId } = await signedIn()
    let token = tokens.refreshToken
    for (let time = 0; time < 5; time += 1) {
      issuer.clock.advance(5 * day)
      token = nextToken(await issuer.refresh(client, token))
    }
    const family = await issuer.stores.refreshTokens.find(familyId)
    expect(family?.idleExpiresAt).toEqual(family?.expiresAt)
  })

  test('a replay within the grace does not move the idle expiry (C6)', async () => {
    const { client, tokens, familyId } = await signedIn()
    nextToken(await issuer.refresh(client, tokens.refreshToken))
    const before = await issuer.stores.refreshTokens.find(familyId)
    issuer.clock.advance(10)
    nextToken(await issuer.refresh(client, tokens.refreshToken))
    const after = await issuer.stores.refreshTokens.find(familyId)
    expect(after).toEqual({ ...before, replays: 1, replayedGeneration: 0, replayRun: 1 })
  })

  test('reuse of a token from weeks ago still revokes the family and is audited (C8)', async () => {
    const { client, tokens, familyId } = await signedIn()
    let token = tokens.refreshToken
    for (let time = 0; time < 4; time += 1) {
      issuer.clock.advance(6 * day)
      token = nextToken(await issuer.refresh(client, token))
    }
    expectRefused(await issuer.refresh(client, tokens.refreshToken))
    expectRefused(await issuer.refresh(client, token))
    expect(eventTypes(issuer, familyId)).toContain('token.reused')
  })
})

describe('the grant of a family', () => {
  test('`scope` narrows one access token, and the next refresh has the whole grant again (C7)', async () => {
    const { client, tokens } = await signedIn()
    const narrow = await issuer.refresh(client, tokens.refreshToken, { scope: 'openid email' })
    expect(narrow.json.scope).toBe('openid email')
    expect(claimsOf(String(narrow.json.access_token)).scopes).toEqual(['openid', 'email'])
    const whole = await issuer.refresh(client, nextToken(narrow))
    expect(String(whole.json.scope).split(' ').sort()).toEqual([...client.scopes].sort())
  })

  test('rejects a scope that was not granted as invalid_scope and does not spend the token (C7)', async () => {
    const [client, user] = [await issuer.client(), await issuer.user()]
    const tokens = await issuer.tokens(client, user, { scope: 'openid offline_access' })
    const wider = await issuer.refresh(client, tokens.refreshToken, { scope: 'openid email' })
    expect([wider.status, wider.json.error]).toEqual([400, 'invalid_scope'])
    const unknown = await issuer.refresh(client, tokens.refreshToken, { scope: 'admin' })
    expect(unknown.json.error).toBe('invalid_scope')
    issuer.clock.advance(60)
    nextToken(await issuer.refresh(client, tokens.refreshToken))
  })

  test('rejects a resource that was not granted as invalid_target and does not spend the token (C7)', async () => {
    const api = `https://${randomToken(6)}.example/api`
    const { client, user } = await signedIn({ audiences: [api] })
    const tokens = await issuer.tokens(client, user, { resource: api })
    expect(claimsOf(tokens.accessToken).aud).toBe(api)
    const other = await issuer.refresh(client, tokens.refreshToken, { resource: 'https://other.example' })
    expect(other.json.error).toBe('invalid_target')
    issuer.clock.advance(60)
    const same = await issuer.refresh(client, tokens.refreshToken)
    expect(claimsOf(String(same.json.access_token)).aud).toBe(api)
  })

  test('a refresh keeps sid, sub, client_id, auth_time and amr of the sign-in (C7)', async () => {
    const { client, tokens } = await signedIn()
    issuer.clock.advance(day)
    const refreshed = await issuer.refresh(client, tokens.refreshToken)
    const kept = (jwt: string) => {
      const { sid, sub, client_id, auth_time, amr } = claimsOf(jwt)
      return { sid, sub, client_id, auth_time, amr }
    }
    expect(kept(String(refreshed.json.access_token))).toEqual(kept(tokens.accessToken))
    expect(claimsOf(String(refreshed.json.id_token)).auth_time).toBe(claimsOf(tokens.idToken).auth_time)
  })

  test('rejects a first-party refresh token at /token and a client’s refresh token at the first-party API (C7)', async () => {
    const { tokens, user } = await signedIn()
    const api = await issuer.json('/api/token', { email: user.email, password: user.password })
    const asClient = await issuer.form('/token', {
      grant_type: 'refresh_token',
      refresh_token: String(api.json.refresh),
      client_id: String(claimsOf(String(api.json.access)).client_id),
    })
    expectRefused(asClient)
    expect((await issuer.json('/api/token/refresh', { refresh: tokens.refreshToken })).status).toBe(401)
    expect((await issuer.json('/api/token/refresh', { refresh: api.json.refresh })).status).toBe(200)
  })
})

describe('a store that lost its last writes', () => {
  test('rejects a token ahead of the store without treating it as reuse, and keeps the family (C11)', async () => {
    const { client, tokens, familyId } = await signedIn()
    const second = nextToken(await issuer.refresh(client, tokens.refreshToken))
    const backup = await issuer.stores.refreshTokens.find(familyId)
    if (backup === undefined) throw new Error('no family')
    const third = nextToken(await issuer.refresh(client, second))
    await issuer.stores.refreshTokens.start(backup)

    expectRefused(await issuer.refresh(client, third))
    expect(eventTypes(issuer, familyId)).toContain('token.ahead_of_store')
    expect(eventTypes(issuer, familyId)).not.toContain('token.reused')
    expect(await userinfoStatus(tokens.accessToken)).toBe(200)
    // A client with the generation that the store knows continues, and gets the same successor as before.
    expect(nextToken(await issuer.refresh(client, second))).toBe(third)
    nextToken(await issuer.refresh(client, third))
  })
})

describe('the checks at each refresh', () => {
  const cases = {
    'the user is disabled': ({ userId, now }) => issuer.stores.users.change(userId, { disabledAt: now }, now),
    'the user is deleted': ({ userId }) => issuer.stores.users.delete(userId, issuer.clock.now()),
    'the user has signed out everywhere': ({ userId, now }) =>
      issuer.stores.users.change(userId, { tokensValidAfter: now }, now),
    'an admin has set the password': ({ userId }) =>
      issuer.app.operations['users.set-password']({ user: userId, password: 'kimchi-stew-in-winter-9' }),
    'the session has ended': ({ sessionId }) => issuer.stores.sessions.end(sessionId),
    'the consent is withdrawn': ({ userId, clientId }) => issuer.stores.consents.withdraw(userId, clientId),
    'the consent covers less than the grant': ({ userId, clientId, now }) =>
      issuer.stores.consents
        .withdraw(userId, clientId)
        .then(() => issuer.stores.consents.grant({ userId, clientId, scopes: ['openid'], grantedAt: now })),
    'the client was deleted and created again with the same id': async ({ clientId }) => {
      const client = await issuer.stores.clients.find(clientId)
      await issuer.stores.clients.delete(clientId)
      issuer.clock.advance(1)
      if (client) await issuer.stores.clients.create({ ...client, createdAt: issuer.clock.now() })
    },
  } satisfies Record<
    string,
    (facts: { userId: string; clientId: string; sessionId: string; now: Date }) => Promise<unknown>
  >

  for (const [name, happen] of Object.entries(cases))
    test(`rejects the refresh when ${name} (C12)`, async () => {
      const [client, user] = [await issuer.client({ firstParty: false }), await issuer.user()]
      const now = issuer.clock.now()
      await issuer.stores.consents.grant({
        userId: user.id,
        clientId: client.id,
        scopes: client.scopes,
        grantedAt: now,
      })
      const { refreshToken, accessToken } = await issuer.tokens(client, user)
      const second = nextToken(await issuer.refresh(client, refreshToken))
      const family = await issuer.stores.refreshTokens.find(String(claimsOf(accessToken).sid))
      await happen({ userId: user.id, clientId: client.id, sessionId: family?.sessionId ?? '', now })
      expectRefused(await issuer.refresh(client, second))
      // The grace does not skip these checks.
      expectRefused(await issuer.refresh(client, refreshToken))
    })

  test('a deleted client can no longer authenticate (C12)', async () => {
    const { client, tokens } = await signedIn()
    await issuer.app.operations['clients.delete']({ id: client.id })
    const answer = await issuer.refresh(client, tokens.refreshToken)
    expect([answer.status, answer.json.error]).toEqual([401, 'invalid_client'])
  })

  test('rejects a disabled user at the first-party API (C12)', async () => {
    const user = await issuer.user()
    const { json } = await issuer.json('/api/token', { email: user.email, password: user.password })
    await issuer.app.operations['users.disable']({ user: user.id })
    expect((await issuer.json('/api/token/refresh', { refresh: json.refresh })).status).toBe(401)
    expect((await issuer.bearer('/api/users/me', String(json.access))).status).toBe(401)
  })

  test('a rejected refresh does not spend the token, so it works once the user is enabled again (C12)', async () => {
    const { client, user, tokens } = await signedIn()
    const change = (disabledAt: Date | null) =>
      issuer.stores.users.change(user.id, { disabledAt }, issuer.clock.now())
    await change(issuer.clock.now())
    expectRefused(await issuer.refresh(client, tokens.refreshToken))
    await change(null)
    nextToken(await issuer.refresh(client, tokens.refreshToken))
  })
})
