// Every store call of every request fails once: before it is done, and after it was done with its answer lost. The answer
// is 503 each time, the same request works afterwards (or says honestly that it had worked), and nothing is left half done.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from '../../harness/browser.ts'
import { hashToken, randomToken } from '../../src/secrets.ts'
import { type Fault, type FaultyStores, faultyStores } from '../support/faulty-stores.ts'
import {
  claimsOf,
  type TestClient,
  type TestIssuer,
  type TestUser,
  type Tokens,
  testIssuer,
} from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

interface Reply {
  status: number
  headers: Headers
  body: string
}

interface Attempt {
  /** The request. It is sent twice: once into the fault, once after it. */
  act(): Promise<Reply>
  /** What is true once it has worked. */
  done(reply: Reply): Promise<void>
  /** Where the first try was done although its answer was lost, a second one may be told so. */
  alreadyDone?: { by: string; expected(reply: Reply): Promise<void> }
}

type Kind = 'oauth' | 'problem' | 'page'

let faulty: FaultyStores
let issuer: TestIssuer
beforeAll(async () => {
  faulty = faultyStores(memoryStores())
  issuer = await testIssuer({ stores: faulty.stores })
})
afterAll(() => issuer.close())

const expectUnavailable = (kind: Kind, { status, headers, body }: Reply) => {
  expect(status, body).toBe(503)
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  expect(headers.get('cache-control')).toBe('no-store')
  if (kind === 'page') expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
  if (kind === 'oauth') expect(JSON.parse(body)).toMatchObject({ error: 'temporarily_unavailable' })
  if (kind === 'problem') {
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(JSON.parse(body)).toMatchObject({ status: 503, code: 'temporarily_unavailable' })
  }
  // Nobody throws a good cookie away because of our trouble.
  expect(headers.getSetCookie().filter((line) => /max-age=0|expires=thu, 01 jan 1970/i.test(line))).toEqual(
    [],
  )
}

const json = ({ body }: Reply): Record<string, unknown> => JSON.parse(body)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const expectStatus = (expected: number) => async (reply: Reply) => {
  expect(reply.status, reply.body).toBe(expected)
}

const locationOf = (reply: Reply): URL => new URL(reply.headers.get('location') ?? '', issuer.url)

const isSignedIn = async (agent: Browser): Promise<boolean> => (await agent.get('/account')).status === 200

const works = async (client: TestClient, refreshToken: unknown) =>
  expectStatus(200)(await issuer.refresh(client, text(refreshToken)))

const isDead = async (client: TestClient, tokens: { accessToken: string; refreshToken: string }) => {
  expect((await issuer.bearer('/userinfo', tokens.accessToken)).status).toBe(401)
  expect((await issuer.refresh(client, tokens.refreshToken)).json.error).toBe('invalid_grant')
}

const person = async (facts: Parameters<TestIssuer['client']>[0] = {}) => {
  const [client, user] = [await issuer.client(facts), await issuer.user()]
  if (!client.firstParty)
    await issuer.stores.consents.grant({
      userId: user.id,
      clientId: client.id,
      scopes: client.scopes,
      grantedAt: issuer.clock.now(),
    })
  return { client, user, agent: issuer.browser() }
}

const signedIn = async (facts: Parameters<TestIssuer['client']>[0] = {}) => {
  const who = await person(facts)
  return { ...who, tokens: await issuer.tokens(who.client, who.user, {}, who.agent) }
}

const pkceParams = { code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' }

const requestIdOn = (page: { body: string }): string =>
  /name="request" value="([^"]+)"/.exec(page.body)?.[1] ?? ''

/** At the sign-in page of a client's request. */
const atLogin = async () => {
  const { client, user, agent } = await person()
  const page = await agent.follow(await agent.get(issuer.authorizePath(client, pkceParams)))
  const credentials = { login: user.email, password: user.password, request: requestIdOn(page) }
  return { client, user, agent, credentials }
}

const expectCode = async (reply: Reply) => {
  expect(reply.status, reply.body).toBe(303)
  expect(locationOf(reply).searchParams.get('code')).toBeTruthy()
}

const atConsent = async () => {
  const { client, user, agent } = await person({ firstParty: false })
  await issuer.stores.consents.withdraw(user.id, client.id)
  const first = await agent.get(issuer.authorizePath(client, pkceParams))
  const page = await issuer.signInOn(agent, first, user)
  return { client, user, agent, request: requestIdOn(page) }
}

const expired = async (reply: Reply) => {
  expect(reply.status).toBe(400)
  expect(reply.headers.get('content-type')).toContain('text/html')
}

/** Another sign-in of the same user, elsewhere. */
const elsewhere = async (client: TestClient, user: TestUser) => {
  const agent = issuer.browser()
  return { agent, tokens: await issuer.tokens(client, user, {}, agent) }
}

const sessionOf = async ({ accessToken }: Tokens) => {
  const family = await issuer.stores.refreshTokens.find(text(claimsOf(accessToken).sid))
  return family?.sessionId ?? ''
}

const requests: Record<string, { kind: Kind; arrange(): Promise<Attempt> }> = {
  'POST /token, refresh_token': {
    kind: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signedIn()
      return {
        act: () => issuer.refresh(client, tokens.refreshToken),
        done: async (reply) => {
          await expectStatus(200)(reply)
          // One lineage: the old token still leads to the same successor, which works.
          const again = await issuer.refresh(client, tokens.refreshToken)
          expect(again.json.refresh_token).toBe(json(reply).refresh_token)
          await works(client, json(reply).refresh_token)
        },
      }
    },
  },
  'POST /token, refresh_token of a third-party client': {
    kind: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signedIn({ firstParty: false })
      return {
        act: () => issuer.refresh(client, tokens.refreshToken),
        done: async (reply) => works(client, json(reply).refresh_token),
      }
    },
  },
  'POST /token, refresh_token that is kept': {
    kind: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signedIn({ refreshPolicy: { kind: 'reuse' } })
      return {
        act: () => issuer.refresh(client, tokens.refreshToken),
        done: async (reply) => works(client, json(reply).refresh_token),
      }
    },
  },
  'POST /token, refresh_token reused': {
    kind: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signedIn()
      const { json: second } = await issuer.refresh(client, tokens.refreshToken)
      issuer.clock.advance(21)
      return {
        act: () => issuer.refresh(client, tokens.refreshToken),
        done: async (reply) => {
          expect(json(reply).error).toBe('invalid_grant')
          const { access_token, refresh_token } = second
          await isDead(client, { accessToken: text(access_token), refreshToken: text(refresh_token) })
        },
      }
    },
  },
  'POST /token, authorization_code': {
    kind: 'oauth',
    arrange: async () => {
      const { client, user, agent } = await person()
      const { code, verifier } = await issuer.code(client, user, {}, agent)
      return {
        act: () => issuer.redeem(client, code, verifier),
        done: async (reply) => {
          await expectStatus(200)(reply)
          await works(client, json(reply).refresh_token)
        },
        alreadyDone: {
          by: 'authorizationCodes.redeem',
          expected: async (reply) => {
            expect(json(reply).error).toBe('invalid_grant')
            const redeemed = await issuer.stores.authorizationCodes.find(hashToken(code))
            const family = await issuer.stores.refreshTokens.find(redeemed?.redeemedBy ?? '')
            expect(family?.revokedAt).toBeDefined()
            // The person is still signed in: the client's next request brings tokens without a question.
            const next = await issuer.code(client, user, {}, agent)
            await expectStatus(200)(await issuer.redeem(client, next.code, next.verifier))
          },
        },
      }
    },
  },
  'POST /token, authorization_code reused': {
    kind: 'oauth',
    arrange: async () => {
      const { client, user, agent } = await person()
      const { code, verifier } = await issuer.code(client, user, {}, agent)
      const first = await issuer.redeem(client, code, verifier)
      const { access_token, refresh_token } = first.json
      return {
        act: () => issuer.redeem(client, code, verifier),
        done: async (reply) => {
          expect(json(reply).error).toBe('invalid_grant')
          await isDead(client, { accessToken: text(access_token), refreshToken: text(refresh_token) })
        },
      }
    },
  },
  'POST /token, client_credentials from a browser origin': {
    kind: 'oauth',
    arrange: async () => {
      const origin = `https://${randomToken(6).toLowerCase().replaceAll('_', '-')}.example`
      const client = await issuer.client({ grants: ['client_credentials'], scopes: [], origins: [origin] })
      const fields = {
        grant_type: 'client_credentials',
        client_id: client.id,
        client_secret: text(client.secret),
      }
      return { act: () => issuer.form('/token', fields, { origin }), done: expectStatus(200) }
    },
  },
  'POST /token, wrong client secret': {
    kind: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signedIn()
      return {
        act: () => issuer.refresh({ ...client, secret: 'wrong' }, tokens.refreshToken),
        done: async (reply) => {
          expect(json(reply).error).toBe('invalid_client')
          await works(client, tokens.refreshToken)
        },
      }
    },
  },
  'POST /introspect, access token': {
    kind: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signedIn()
      const credentials = { client_id: client.id, client_secret: text(client.secret) }
      return {
        act: () => issuer.form('/introspect', { token: tokens.accessToken, ...credentials }),
        done: async (reply) => expect(json(reply).active).toBe(true),
      }
    },
  },
  'POST /introspect, refresh token': {
    kind: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signedIn()
      const credentials = { client_id: client.id, client_secret: text(client.secret) }
      return {
        act: () => issuer.form('/introspect', { token: tokens.refreshToken, ...credentials }),
        done: async (reply) => expect(json(reply).active).toBe(true),
      }
    },
  },
  'POST /revoke, refresh token': {
    kind: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signedIn()
      const credentials = { client_id: client.id, client_secret: text(client.secret) }
      return {
        act: () => issuer.form('/revoke', { token: tokens.refreshToken, ...credentials }),
        done: async (reply) => {
          await expectStatus(200)(reply)
          await isDead(client, tokens)
        },
      }
    },
  },
  'POST /revoke, access token': {
    kind: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signedIn()
      const credentials = { client_id: client.id, client_secret: text(client.secret) }
      return {
        act: () => issuer.form('/revoke', { token: tokens.accessToken, ...credentials }),
        done: async (reply) => {
          await expectStatus(200)(reply)
          expect((await issuer.bearer('/userinfo', tokens.accessToken)).status).toBe(401)
          await works(client, tokens.refreshToken)
        },
      }
    },
  },
  'GET /userinfo': {
    kind: 'oauth',
    arrange: async () => {
      const { user, tokens } = await signedIn()
      return {
        act: () => issuer.bearer('/userinfo', tokens.accessToken),
        done: async (reply) => expect(json(reply).sub).toBe(user.id),
      }
    },
  },
  'GET /authorize, not signed in': {
    kind: 'page',
    arrange: async () => {
      const { client, agent } = await person()
      return {
        act: () => agent.get(issuer.authorizePath(client, pkceParams)),
        done: async (reply) => expect(locationOf(reply).pathname).toBe('/login'),
      }
    },
  },
  'GET /authorize, signed in': {
    kind: 'page',
    arrange: async () => {
      const { client, agent } = await signedIn()
      issuer.clock.advance(120)
      return { act: () => agent.get(issuer.authorizePath(client, pkceParams)), done: expectCode }
    },
  },
  'GET /authorize, third-party client with consent': {
    kind: 'page',
    arrange: async () => {
      const { client, agent } = await signedIn({ firstParty: false })
      return { act: () => agent.get(issuer.authorizePath(client, pkceParams)), done: expectCode }
    },
  },
  'GET /authorize, after signing in': {
    kind: 'page',
    arrange: async () => {
      const { agent, credentials } = await atLogin()
      const resume = locationOf(await agent.submit('/login/password', credentials))
      return {
        act: () => agent.get(`${resume.pathname}${resume.search}`),
        done: expectCode,
        alreadyDone: { by: 'parkedRequests.take', expected: expired },
      }
    },
  },
  'GET /login': {
    kind: 'page',
    arrange: async () => {
      const { agent, credentials } = await atLogin()
      return { act: () => agent.get(`/login?request=${credentials.request}`), done: expectStatus(200) }
    },
  },
  'POST /login/password': {
    kind: 'page',
    arrange: async () => {
      const { agent, credentials } = await atLogin()
      return {
        act: () => agent.submit('/login/password', credentials),
        done: async (reply) => {
          await expectStatus(303)(reply)
          await expectCode(await agent.get(`${locationOf(reply).pathname}${locationOf(reply).search}`))
        },
      }
    },
  },
  'POST /login/password, wrong password': {
    kind: 'page',
    arrange: async () => {
      const { agent, credentials } = await atLogin()
      return {
        act: () => agent.submit('/login/password', { ...credentials, password: 'not this one' }),
        done: expectStatus(401),
      }
    },
  },
  'POST /login/password, somebody else signs in on the same browser': {
    kind: 'page',
    arrange: async () => {
      const { agent, client, tokens } = await signedIn()
      const other = await issuer.user()
      return {
        act: () => agent.submit('/login/password', { login: other.email, password: other.password }),
        done: async (reply) => {
          await expectStatus(303)(reply)
          await isDead(client, tokens)
        },
      }
    },
  },
  'POST /account/delete': {
    kind: 'page',
    arrange: async () => {
      const { agent, user, client, tokens } = await signedIn()
      return {
        act: () => agent.submit('/account/delete', { sure: 'yes' }),
        done: async (reply) => {
          // Whose first try was done although its answer was lost is nobody any more: on to the sign-in page.
          if (reply.status === 303) expect(locationOf(reply).pathname).toBe('/login')
          else await expectStatus(200)(reply)
          expect(await issuer.stores.users.find(user.id)).toBeUndefined()
          await isDead(client, tokens)
        },
      }
    },
  },
  'POST /register': {
    kind: 'page',
    arrange: async () => {
      const agent = issuer.browser()
      const account = { email: `${randomToken(8).toLowerCase()}@example.com`, password: randomToken(16) }
      return {
        act: () => agent.submit('/register', account),
        done: async (reply) => {
          await expectStatus(303)(reply)
          expect(await isSignedIn(agent)).toBe(true)
        },
        alreadyDone: {
          by: 'users.create',
          expected: async (reply) => {
            await expectStatus(422)(reply)
            const { email: login, password } = account
            await expectStatus(303)(await agent.submit('/login/password', { login, password }))
          },
        },
      }
    },
  },
  'GET /consent': {
    kind: 'page',
    arrange: async () => {
      const { agent, request } = await atConsent()
      return { act: () => agent.get(`/consent?request=${request}`), done: expectStatus(200) }
    },
  },
  'POST /consent, allowed': {
    kind: 'page',
    arrange: async () => {
      const { agent, request } = await atConsent()
      return {
        act: () => agent.submit('/consent', { request, decision: 'allow' }),
        done: async (reply) =>
          expectCode(await agent.get(`${locationOf(reply).pathname}${locationOf(reply).search}`)),
      }
    },
  },
  'POST /consent, denied': {
    kind: 'page',
    arrange: async () => {
      const { agent, request } = await atConsent()
      return {
        act: () => agent.submit('/consent', { request, decision: 'deny' }),
        done: async (reply) => expect(locationOf(reply).searchParams.get('error')).toBe('access_denied'),
        alreadyDone: { by: 'parkedRequests.take', expected: expired },
      }
    },
  },
  'GET /end-session with the client’s hint': {
    kind: 'page',
    arrange: async () => {
      const { agent, client, tokens } = await signedIn()
      const cookies = new Map(agent.cookies)
      return {
        act: () => agent.get(`/end-session?id_token_hint=${tokens.idToken}`),
        done: async (reply) => {
          await expectStatus(200)(reply)
          for (const [name, value] of cookies) agent.cookies.set(name, value)
          expect(await isSignedIn(agent)).toBe(false)
          await isDead(client, tokens)
        },
      }
    },
  },
  'POST /end-session, confirmed': {
    kind: 'page',
    arrange: async () => {
      const { agent, client, tokens } = await signedIn()
      const cookies = new Map(agent.cookies)
      return {
        act: () => agent.submit('/end-session', { confirm: 'yes' }),
        done: async (reply) => {
          await expectStatus(200)(reply)
          for (const [name, value] of cookies) agent.cookies.set(name, value)
          expect(await isSignedIn(agent)).toBe(false)
          await isDead(client, tokens)
        },
      }
    },
  },
  'GET /account': {
    kind: 'page',
    arrange: async () => {
      const { agent } = await signedIn()
      issuer.clock.advance(120)
      return { act: () => agent.get('/account'), done: expectStatus(200) }
    },
  },
  'POST /account/sessions/end': {
    kind: 'page',
    arrange: async () => {
      const { agent, client, user } = await signedIn()
      const other = await elsewhere(client, user)
      const session = await sessionOf(other.tokens)
      return {
        act: () => agent.submit('/account/sessions/end', { session }),
        done: async (reply) => {
          await expectStatus(303)(reply)
          await isDead(client, other.tokens)
          expect(await isSignedIn(other.agent)).toBe(false)
          expect(await isSignedIn(agent)).toBe(true)
        },
      }
    },
  },
  'POST /account/sessions/end-others': {
    kind: 'page',
    arrange: async () => {
      const { agent, client, user, tokens } = await signedIn()
      const others = [await elsewhere(client, user), await elsewhere(client, user)]
      return {
        act: () => agent.submit('/account/sessions/end-others', { all: 'yes' }),
        done: async (reply) => {
          await expectStatus(303)(reply)
          for (const other of others) {
            await isDead(client, other.tokens)
            expect(await isSignedIn(other.agent)).toBe(false)
          }
          await works(client, tokens.refreshToken)
        },
      }
    },
  },
  'POST /account/grants/withdraw': {
    kind: 'page',
    arrange: async () => {
      const { agent, client, tokens } = await signedIn({ firstParty: false })
      return {
        act: () => agent.submit('/account/grants/withdraw', { client: client.id }),
        done: async (reply) => {
          await expectStatus(303)(reply)
          await isDead(client, tokens)
        },
      }
    },
  },
  'POST /account/password': {
    kind: 'page',
    arrange: async () => {
      const { agent, client, user } = await signedIn()
      const other = await elsewhere(client, user)
      const password = randomToken(16)
      const ended = async () => {
        await isDead(client, other.tokens)
        expect(await isSignedIn(other.agent)).toBe(false)
        const { email: login } = user
        const fresh = issuer.browser()
        expect((await fresh.submit('/login/password', { login, password: user.password })).status).toBe(401)
        expect((await fresh.submit('/login/password', { login, password })).status).toBe(303)
      }
      return {
        act: () => agent.submit('/account/password', { current: user.password, password, end_others: 'yes' }),
        done: async (reply) => {
          await expectStatus(303)(reply)
          await ended()
          // Where the new cookie was lost on its way, the person signs in again.
          expect(await isSignedIn(agent)).toBe(locationOf(reply).pathname === '/account')
        },
        // The old password is told to be wrong, which it is by now; the others were ended before it changed.
        alreadyDone: {
          by: 'users.change',
          expected: async (reply) => {
            await expectStatus(401)(reply)
            await ended()
          },
        },
      }
    },
  },
  'POST /api/users': {
    kind: 'problem',
    arrange: async () => {
      const account = { email: `${randomToken(8).toLowerCase()}@example.com`, password: randomToken(16) }
      return {
        act: () => issuer.json('/api/users', account),
        done: expectStatus(201),
        alreadyDone: {
          by: 'users.create',
          expected: async (reply) => {
            expect(json(reply).code).toBe('email_taken')
            await expectStatus(200)(await issuer.json('/api/token', account))
          },
        },
      }
    },
  },
  'POST /api/token': {
    kind: 'problem',
    arrange: async () => {
      const { email, password } = await issuer.user()
      return {
        act: () => issuer.json('/api/token', { email, password }),
        done: async (reply) => {
          const { refresh, access } = json(reply)
          await expectStatus(200)(await issuer.json('/api/token/refresh', { refresh }))
          await expectStatus(200)(await issuer.bearer('/api/users/me', text(access)))
        },
      }
    },
  },
  'POST /api/token/refresh': {
    kind: 'problem',
    arrange: async () => {
      const { email, password } = await issuer.user()
      const { refresh } = (await issuer.json('/api/token', { email, password })).json
      return {
        act: () => issuer.json('/api/token/refresh', { refresh }),
        done: async (reply) => {
          await expectStatus(200)(reply)
          const again = await issuer.json('/api/token/refresh', { refresh })
          expect(again.json.refresh).toBe(json(reply).refresh)
          await expectStatus(200)(await issuer.json('/api/token/refresh', { refresh: json(reply).refresh }))
        },
      }
    },
  },
  'POST /api/token/refresh by cookie': {
    kind: 'problem',
    arrange: async () => {
      const { email, password } = await issuer.user()
      const signIn = await issuer.json('/api/token', { email, password, delivery: 'cookie' })
      const cookie = signIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      return {
        act: () => issuer.json('/api/token/refresh', {}, { cookie }),
        done: async (reply) => {
          await expectStatus(200)(reply)
          expect(reply.headers.getSetCookie()[0]).toContain('__Host-dojang_refresh=drt_')
        },
      }
    },
  },
  'GET /api/users/me': {
    kind: 'problem',
    arrange: async () => {
      const { tokens } = await signedIn()
      return { act: () => issuer.bearer('/api/users/me', tokens.accessToken), done: expectStatus(200) }
    },
  },
  'POST /api/logout': {
    kind: 'problem',
    arrange: async () => {
      const { client, user, agent, tokens } = await signedIn()
      const sibling = await issuer.client()
      const siblings = await issuer.tokens(sibling, user, {}, agent)
      const ended = async () => {
        await isDead(client, tokens)
        await isDead(sibling, siblings)
        expect(await isSignedIn(agent)).toBe(false)
      }
      return {
        act: () => issuer.bearer('/api/logout', tokens.accessToken, 'POST'),
        done: async (reply) => {
          await expectStatus(204)(reply)
          await ended()
        },
        alreadyDone: {
          by: 'blacklist.add',
          expected: async (reply) => {
            await expectStatus(401)(reply)
            await ended()
          },
        },
      }
    },
  },
}

const faults: readonly Fault[] = ['not done', 'done, answer lost']

/** Runs it with its first, second, … call failing until no call is left. The calls that failed. */
const failEachCall = async (arrange: () => Promise<Attempt>, fault: Fault, kind: Kind): Promise<string[]> => {
  const failed: string[] = []
  for (let which = 1; which < 60; which += 1) {
    // Far enough that no throttle remembers the round before.
    issuer.clock.advance(90_000)
    const attempt = await arrange()
    faulty.failCall(which, fault)
    const reply = await attempt.act()
    const calls = [...faulty.calls]
    const call = faulty.mend()
    if (call === undefined) {
      await attempt.done(reply)
      return failed
    }
    failed.push(call)
    const wasDone = (name: string) => calls.slice(0, fault === 'not done' ? which - 1 : which).includes(name)
    try {
      expectUnavailable(kind, reply)
      const again = await attempt.act()
      const { alreadyDone } = attempt
      if (alreadyDone && wasDone(alreadyDone.by) && again.status >= 400) await alreadyDone.expected(again)
      else await attempt.done(again)
    } catch (error) {
      throw new Error(`call ${which}, ${call}, ${fault}, after ${calls.slice(0, which - 1).join(' ')}`, {
        cause: error,
      })
    }
  }
  throw new Error('it never ran out of calls')
}

for (const [name, { kind, arrange }] of Object.entries(requests))
  describe(name, () => {
    test.each(faults)('503 and nothing lost, whichever store call fails (%s) (C9)', async (fault) => {
      expect((await failEachCall(arrange, fault, kind)).length).toBeGreaterThan(0)
    })
  })
