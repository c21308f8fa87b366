// A request is in flight while the consent, the password or the sessions of its user end. The end wins.
import { randomBytes } from 'node:crypto'
import { hash as argon2 } from '@node-rs/argon2'
import { afterEach, describe, expect, test } from 'vitest'
import type { Browser } from '../../harness/browser.ts'
import type { Client } from '../../src/clients/client.ts'
import { randomToken } from '../../src/secrets.ts'
import { eventTypes } from '../support/audit-events.ts'
import { interruptedStores } from '../support/interrupted-stores.ts'
import { type Answer, claimsOf, type TestClient, type TestUser, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { useIssuer } from '../support/use-issuer.ts'

const interrupted = interruptedStores(memoryStores())
const issuer = useIssuer({ stores: interrupted.stores })

// An interruption that no request reached would make its test pass for nothing.
afterEach(() => expect(interrupted.takeUnreached()).toEqual([]))

const isSignedIn = async (agent: Browser) => (await agent.get('/account')).status === 200

/** A user with a browser, and the code of a client for this user. A third-party client has the consent. */
const withCode = async (facts: Partial<Client> = {}) => {
  const [client, user, agent] = [await issuer.client(facts), await issuer.user(), issuer.browser()]
  const { stores, clock } = issuer
  if (!client.firstParty)
    await stores.consents.grant({
      userId: user.id,
      clientId: client.id,
      scopes: client.scopes,
      grantedAt: clock.now(),
    })
  return { client, user, ...(await issuer.code(client, user, {}, agent)) }
}

/** The answer of the token endpoint is an error, or its tokens do not work. */
const expectNothing = async (client: TestClient, { json }: Answer) => {
  if (json.access_token === undefined) return expect(json.error).toBe('invalid_grant')
  expect((await issuer.bearer('/userinfo', String(json.access_token))).status).toBe(401)
  expect((await issuer.refresh(client, String(json.refresh_token))).json.error).toBe('invalid_grant')
}

/** Everything that ends the access of a user who is signed in on `agent`. */
const endings: Record<string, (user: TestUser, agent: Browser) => Promise<unknown>> = {
  'the user changes the password': (user, agent) =>
    agent.submit('/account/password', {
      current: user.password,
      password: randomToken(16),
      end_others: 'yes',
    }),
  'an admin sets a password': ({ id }) =>
    issuer.app.operations['users.set-password']({ user: id, password: randomToken(16) }),
  'an admin disables the user': ({ id }) => issuer.app.operations['users.disable']({ user: id }),
  'an admin deletes the user': ({ id }) => issuer.app.operations['users.delete']({ user: id }),
  'an admin ends all sessions': ({ id }) => issuer.app.operations['sessions.revoke']({ user: id }),
}

const signedIn = async () => {
  const [user, agent] = [await issuer.user(), issuer.browser()]
  await agent.submit('/login/password', { login: user.email, password: user.password })
  return { user, agent }
}

describe('a sign-in by password', () => {
  /** The first two are before and after the password is checked. */
  const moments = [
    ['just after', 'users.findByLogin'],
    ['just before', 'sessions.start'],
    ['just after', 'sessions.start'],
    ['just after', 'users.find'],
  ] as const
  const interrupt = (when: string, call: string, work: () => Promise<unknown>) =>
    when === 'just before' ? interrupted.before(call, work) : interrupted.after(call, work)

  for (const [name, end] of Object.entries(endings))
    for (const [when, call] of moments) {
      test(`on the login page gets nothing if ${name} ${when} ${call} (E4)`, async () => {
        const { user, agent } = await signedIn()
        const intruder = issuer.browser()
        interrupt(when, call, () => end(user, agent))
        await intruder.submit('/login/password', { login: user.email, password: user.password })
        expect(await isSignedIn(intruder)).toBe(false)
        const kept = name === 'the user changes the password'
        expect(await isSignedIn(agent)).toBe(kept)
        expect(await issuer.stores.sessions.listOfUser(user.id)).toHaveLength(kept ? 1 : 0)
      })

      test(`at the API gets nothing if ${name} ${when} ${call} (E4)`, async () => {
        const { user, agent } = await signedIn()
        interrupt(when, call, () => end(user, agent))
        const { json } = await issuer.json('/api/token', { email: user.email, password: user.password })
        expect((await issuer.bearer('/api/users/me', String(json.access))).status).toBe(401)
        expect((await issuer.json('/api/token/refresh', { refresh: json.refresh ?? 'none' })).status).toBe(
          401,
        )
      })
    }

  test.each(moments.slice(0, 3))(
    'gets nothing if the user changes the password and keeps the other sessions %s %s (E4)',
    async (when, call) => {
      const { user, agent } = await signedIn()
      const [other, intruder] = [issuer.browser(), issuer.browser()]
      const login = { login: user.email, password: user.password }
      await other.submit('/login/password', login)
      interrupt(when, call, () =>
        agent.submit('/account/password', { current: user.password, password: randomToken(16) }),
      )
      const page = await intruder.submit('/login/password', login)
      expect(page.status).toBe(401)
      expect(await Promise.all([intruder, agent, other].map(isSignedIn))).toEqual([false, true, true])
    },
  )

  test('gets nothing on a browser that is signed in already, and its session ends (E4)', async () => {
    const { user, agent } = await signedIn()
    const other = issuer.browser()
    const login = { login: user.email, password: user.password }
    await other.submit('/login/password', login)
    interrupted.before('sessions.renew', () =>
      issuer.app.operations['users.set-password']({ user: user.id, password: randomToken(16) }),
    )
    await agent.submit('/login/password', login)
    expect(await Promise.all([agent, other].map(isSignedIn))).toEqual([false, false])
  })

  test('on a browser of another user gets nothing, and the other user stays signed in (E4)', async () => {
    const [{ user, agent }, { user: intruder }] = [await signedIn(), await signedIn()]
    interrupted.after('sessions.start', () => issuer.app.operations['users.disable']({ user: intruder.id }))
    await agent.submit('/login/password', { login: intruder.email, password: intruder.password })
    expect(await isSignedIn(agent)).toBe(true)
    expect(await issuer.stores.sessions.listOfUser(user.id)).toHaveLength(1)
  })

  test('with real hashing, in a crowd of sign-ins during a password change, gets nothing that lasts (E4)', async () => {
    const own = await testIssuer({ hashing: { concurrency: 2, maxWaiting: 64 } })
    const [user, agent] = [await own.user(), own.browser()]
    await agent.submit('/login/password', { login: user.email, password: user.password })
    let isChanged = false
    const tokens: Record<string, unknown>[] = []
    const keepTrying = async () => {
      while (!isChanged)
        tokens.push((await own.json('/api/token', { email: user.email, password: user.password })).json)
    }
    const intruders = [1, 2, 3, 4].map(keepTrying)
    const form = { current: user.password, password: randomToken(16), end_others: 'yes' }
    const page = await agent.submit('/account/password', form)
    isChanged = true
    await Promise.all(intruders)
    expect(page.location?.searchParams.get('done')).toBe('password_changed')
    expect(tokens.some(({ access }) => access !== undefined)).toBe(true)
    for (const { access, refresh = 'none' } of tokens) {
      expect((await own.json('/api/token/refresh', { refresh })).status).toBe(401)
      expect((await own.bearer('/api/users/me', String(access))).status).toBe(401)
    }
    expect((await agent.get('/account')).status).toBe(200)
    await own.close()
  })

  test('auth_time is the time before the password was checked, not after a long wait for it (B10)', async () => {
    const user = await issuer.user()
    const before = Math.floor(issuer.clock.now().getTime() / 1000)
    interrupted.after('users.findByLogin', async () => issuer.clock.advance(30))
    const { json } = await issuer.json('/api/token', { email: user.email, password: user.password })
    expect(claimsOf(String(json.access)).auth_time).toBe(before)
  })

  test('auth_time is the time of the sign-in, long after the sessions of the user were ended (B10)', async () => {
    const user = await issuer.user()
    await issuer.app.operations['sessions.revoke']({ user: user.id })
    issuer.clock.advance(3600)
    const { json } = await issuer.json('/api/token', { email: user.email, password: user.password })
    expect(claimsOf(String(json.access)).auth_time).toBe(Math.floor(issuer.clock.now().getTime() / 1000))
  })

  test('two sign-ins that both replace a weak hash succeed (F1)', async () => {
    const password = randomToken(16)
    const passwordHash = await argon2(password, { memoryCost: 128, timeCost: 1, parallelism: 1 })
    const { id, email } = await issuer.user({ password, passwordHash })
    const signIn = () => issuer.json('/api/token', { email, password })
    let other: Answer | undefined
    interrupted.after('users.findByLogin', async () => {
      other = await signIn()
    })
    for (const { status, json } of [await signIn(), other ?? (await signIn())]) {
      expect(status).toBe(200)
      expect((await issuer.json('/api/token/refresh', { refresh: json.refresh })).status).toBe(200)
    }
    expect(eventTypes(issuer, id).filter((type) => type === 'user.password_rehashed')).toHaveLength(1)
  })

  test('gets nothing if the password changes while the sign-in replaces a weak hash (E4)', async () => {
    const password = randomToken(16)
    const passwordHash = await argon2(password, { memoryCost: 128, timeCost: 1, parallelism: 1 })
    const { id, email } = await issuer.user({ password, passwordHash })
    interrupted.before('users.replacePasswordHash', () =>
      issuer.app.operations['users.set-password']({ user: id, password: randomToken(16) }),
    )
    expect((await issuer.json('/api/token', { email, password })).status).toBe(401)
    expect(await issuer.stores.sessions.listOfUser(id)).toEqual([])
  })

  test('of two password changes at once only one takes effect (E4)', async () => {
    const { user, agent } = await signedIn()
    const intruder = issuer.browser()
    await intruder.submit('/login/password', { login: user.email, password: user.password })
    const change = (by: Browser, password: string) =>
      by.submit('/account/password', { current: user.password, password, end_others: 'yes' })
    const [mine, theirs] = [randomToken(16), randomToken(16)]
    interrupted.after('users.findByLogin', () => change(agent, mine))
    expect((await change(intruder, theirs)).status).toBe(401)
    expect((await issuer.json('/api/token', { email: user.email, password: theirs })).status).toBe(401)
    expect((await issuer.json('/api/token', { email: user.email, password: mine })).status).toBe(200)
    expect(await Promise.all([agent, intruder].map(isSignedIn))).toEqual([true, false])
  })

  for (const [name, end] of Object.entries(endings).slice(1))
    for (const when of ['before', 'after'] as const)
      test(`a password change keeps nothing alive if ${name} just ${when} the new password is stored (E4)`, async () => {
        const { user, agent } = await signedIn()
        const mine = randomToken(16)
        interrupted[when]('users.changePassword', () => end(user, agent))
        const form = { current: user.password, password: mine, end_others: 'yes' }
        const page = await agent.submit('/account/password', form)
        if (when === 'before') expect(page.status).toBe(401)
        expect(await isSignedIn(agent)).toBe(false)
        const { status } = await issuer.json('/api/token', { email: user.email, password: mine })
        expect(status).toBe(when === 'after' && name === 'an admin ends all sessions' ? 200 : 401)
      })
})

describe('tokens that are being issued', () => {
  const grant = async () => {
    const { client, user, code, verifier, agent } = await withCode()
    const { refreshToken } = await issuer.tokens(client, user, {}, agent)
    const requests = {
      code: () => issuer.redeem(client, code, verifier),
      'refresh token': () => issuer.refresh(client, refreshToken),
    }
    return { client, user, requests }
  }
  const calls = {
    code: ['users.find', 'refreshTokens.start', 'authorizationCodes.redeem', 'sessions.join'],
    'refresh token': ['users.findWithConsent', 'refreshTokens.rotate', 'sessions.find'],
  } as const

  for (const [by, names] of Object.entries(calls) as [keyof typeof calls, readonly string[]][])
    for (const call of names)
      for (const [name, end] of Object.entries(endings).slice(1))
        test(`for a ${by} are dead if ${name} just after ${call}, and a second later (E3)`, async () => {
          const { client, user, requests } = await grant()
          interrupted.after(call, async () => {
            issuer.clock.advance(1)
            await end(user, issuer.browser())
            issuer.clock.advance(1)
          })
          await expectNothing(client, await requests[by]())
        })

  test('with a role that an admin removes are dead, also if the second turns over between (B9)', async () => {
    await issuer.stores.roles.create({ name: 'editor', scopes: [] })
    const [client, user] = [await issuer.client(), await issuer.user({ roles: ['editor'] })]
    const { refreshToken } = await issuer.tokens(client, user)
    interrupted.after('users.findWithConsent', async () => {
      await issuer.app.operations['users.roles']({ user: user.id, set: [], revoke_tokens: true })
      issuer.clock.advance(1)
    })
    const { json } = await issuer.refresh(client, refreshToken)
    expect(claimsOf(String(json.access_token)).roles).toEqual(['editor'])
    expect((await issuer.bearer('/userinfo', String(json.access_token))).status).toBe(401)
    const next = await issuer.refresh(client, String(json.refresh_token))
    expect(claimsOf(String(next.json.access_token)).roles).toEqual([])
    expect((await issuer.bearer('/userinfo', String(next.json.access_token))).status).toBe(200)
  })

  test('all end for a user, also those of an instance whose clock is ahead (E3)', async () => {
    const shared = { stores: memoryStores(), keyEncryptionKeys: [randomBytes(32)] }
    const [one, ahead] = [await testIssuer(shared), await testIssuer(shared)]
    ahead.clock.advance(30)
    const [client, user] = [await ahead.client(), await ahead.user()]
    const { accessToken, refreshToken } = await ahead.tokens(client, user)
    await one.app.operations['sessions.revoke']({ user: user.id })
    expect((await ahead.bearer('/userinfo', accessToken)).status).toBe(401)
    expect((await ahead.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
    await Promise.all([ahead.close(), one.close()])
  })

  for (const name of ['the user changes the password', 'an admin ends all sessions'])
    test(`are refused if the store brings a session back, as after a failover, after ${name} (E4)`, async () => {
      const { client, user, code, verifier, agent } = await withCode()
      const [session] = await issuer.stores.sessions.listOfUser(user.id)
      if (session === undefined) throw new Error('The user has no session.')
      const other = issuer.browser()
      await other.submit('/login/password', { login: user.email, password: user.password })
      await endings[name]?.(user, other)
      await issuer.stores.sessions.start(session, 100)
      const page = await agent.get('/account')
      expect([page.status, page.location?.pathname]).toEqual([303, '/login'])
      expect((await issuer.redeem(client, code, verifier)).json.error).toBe('invalid_grant')
    })
})

describe('a code that is redeemed twice at the same time', () => {
  test('a second redemption just after the first one revokes the tokens of the first (A5)', async () => {
    const { client, code, verifier } = await withCode()
    interrupted.after('authorizationCodes.redeem', () => issuer.redeem(client, code, verifier))
    const { json } = await issuer.redeem(client, code, verifier)
    expect((await issuer.bearer('/userinfo', String(json.access_token))).status).toBe(401)
    expect((await issuer.refresh(client, String(json.refresh_token))).json.error).toBe('invalid_grant')
  })
})

test('a code that expires while it is redeemed gives no tokens (A4)', async () => {
  const { client, user, code, verifier } = await withCode()
  interrupted.after('refreshTokens.start', async () => issuer.clock.advance(120))
  const { status, json } = await issuer.redeem(client, code, verifier)
  expect([status, json.error]).toEqual([400, 'invalid_grant'])
  const [session] = await issuer.stores.sessions.listOfUser(user.id)
  expect(session?.families).toEqual([])
})

test('two logouts of one session at the same time both succeed (E3)', async () => {
  const { user, agent } = await signedIn()
  const logOut = () => agent.submit('/end-session', { confirm: 'yes' })
  let other: number | undefined
  interrupted.before('sessions.end', async () => {
    other = (await logOut()).status
  })
  expect([(await logOut()).status, other]).toEqual([200, 200])
  expect(await issuer.stores.sessions.listOfUser(user.id)).toEqual([])
})

test('a refresh gives nothing if an admin deletes the client during it (E3)', async () => {
  const { client, code, verifier } = await withCode()
  const { json } = await issuer.redeem(client, code, verifier)
  interrupted.after('users.findWithConsent', () => issuer.app.operations['clients.delete']({ id: client.id }))
  const answer = await issuer.refresh(client, String(json.refresh_token))
  expect([answer.status, answer.json.error]).toEqual([400, 'invalid_grant'])
})

describe('a withdrawal of consent', () => {
  const withdraw = ({ agent, client }: Awaited<ReturnType<typeof withCode>>) =>
    agent.submit('/account/grants/withdraw', { client: client.id })

  test('a code that was issued before the withdrawal gives no tokens (C12)', async () => {
    const grant = await withCode({ firstParty: false })
    await withdraw(grant)
    const answer = await issuer.redeem(grant.client, grant.code, grant.verifier)
    expect(answer.json).toEqual(expect.objectContaining({ error: 'invalid_grant' }))
    const { families } = (await issuer.stores.sessions.listOfUser(grant.user.id))[0] ?? {}
    expect(families).toEqual([])
  })

  for (const moment of [() => interrupted.before, () => interrupted.after] as const)
    for (const call of ['authorizationCodes.redeem', 'sessions.join', 'consents.find'])
      test(`a withdrawal just ${moment().name} ${call} leaves the client no tokens that work (C12)`, async () => {
        const grant = await withCode({ firstParty: false })
        moment()(call, () => withdraw(grant))
        const answer = await issuer.redeem(grant.client, grant.code, grant.verifier)
        await expectNothing(grant.client, answer)
      })
})

describe('a consent', () => {
  test('that the user gives while the session ends is not kept (G11)', async () => {
    const [client, user, agent] = [
      await issuer.client({ firstParty: false }),
      await issuer.user(),
      issuer.browser(),
    ]
    const page = await issuer.signInOn(agent, await issuer.authorize(client, {}, agent), user)
    const request = /name="request" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    interrupted.before('consents.grant', () => issuer.app.operations['sessions.revoke']({ user: user.id }))
    const answer = await agent.submit('/consent', { request, decision: 'allow' })
    expect(answer.location?.pathname).toBe('/login')
    expect(await issuer.stores.consents.find(user.id, client.id)).toBeUndefined()
  })
})
