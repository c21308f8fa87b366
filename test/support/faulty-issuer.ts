// An issuer on stores that fail when a test asks for it, with functions that create and sign in people.
import { afterAll, beforeAll, expect } from 'vitest'
import type { Browser, Page } from '../../harness/browser.ts'
import { type FaultyStores, faultyStores } from './faulty-stores.ts'
import {
  claimsOf,
  type TestClient,
  type TestIssuer,
  type TestUser,
  type Tokens,
  testIssuer,
} from './issuer.ts'
import { mailServer } from './mailbox.ts'
import { memoryStores } from './memory/memory-stores.ts'

export interface Reply {
  status: number
  headers: Headers
  body: string
}

type ClientFacts = Parameters<TestIssuer['client']>[0]

export type FaultyIssuer = ReturnType<typeof useFaultyIssuer>

export const json = ({ body }: Reply): Record<string, unknown> => JSON.parse(body)
export const text = (value: unknown): string => (typeof value === 'string' ? value : '')

export const pkceParams = { code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' }

export const expectStatus = (expected: number) => async (reply: Reply) => {
  expect(reply.status, reply.body).toBe(expected)
}

/** Expects the error page for a parked request that is gone. */
export const expectExpired = async (reply: Reply) => {
  expect(reply.status).toBe(400)
  expect(reply.headers.get('content-type')).toContain('text/html')
}

const requestIdOn = (page: { body: string }): string =>
  /name="request" value="([^"]+)"/.exec(page.body)?.[1] ?? ''

/** Opens one issuer for a test file. `issuer` and `stores` exist from the first test on. */
export const useFaultyIssuer = () => {
  const opened = {} as { issuer: TestIssuer; stores: FaultyStores }
  beforeAll(async () => {
    opened.stores = faultyStores(memoryStores())
    opened.issuer = await testIssuer({ stores: opened.stores.stores, env: mailServer })
  })
  afterAll(() => opened.issuer?.close())

  const locationOf = (reply: Reply): URL => new URL(reply.headers.get('location') ?? '', opened.issuer.url)

  /** Follows the redirect of the answer with the browser. */
  const followReply = (agent: Browser, reply: Reply): Promise<Page> => {
    const { pathname, search } = locationOf(reply)
    return agent.get(`${pathname}${search}`)
  }

  const expectCode = async (reply: Reply) => {
    expect(reply.status, reply.body).toBe(303)
    expect(locationOf(reply).searchParams.get('code')).toBeTruthy()
  }

  const isSignedIn = async (agent: Browser): Promise<boolean> => (await agent.get('/account')).status === 200

  const expectWorks = async (client: TestClient, refreshToken: unknown) =>
    expectStatus(200)(await opened.issuer.refresh(client, text(refreshToken)))

  const expectDead = async (client: TestClient, tokens: { accessToken: string; refreshToken: string }) => {
    expect((await opened.issuer.bearer('/userinfo', tokens.accessToken)).status).toBe(401)
    expect((await opened.issuer.refresh(client, tokens.refreshToken)).json.error).toBe('invalid_grant')
  }

  /** A new user with a browser, and a new client. A third-party client has the user's consent. */
  const newPerson = async (facts: ClientFacts = {}) => {
    const [client, user] = [await opened.issuer.client(facts), await opened.issuer.user()]
    if (!client.firstParty)
      await opened.issuer.stores.consents.grant({
        userId: user.id,
        clientId: client.id,
        scopes: client.scopes,
        grantedAt: opened.issuer.clock.now(),
      })
    return { client, user, agent: opened.issuer.browser() }
  }

  const signIn = async (facts: ClientFacts = {}) => {
    const person = await newPerson(facts)
    return { ...person, tokens: await opened.issuer.tokens(person.client, person.user, {}, person.agent) }
  }

  /** Signs the same user in with a second browser. */
  const signInElsewhere = async (client: TestClient, user: TestUser) => {
    const agent = opened.issuer.browser()
    return { agent, tokens: await opened.issuer.tokens(client, user, {}, agent) }
  }

  /** Opens the sign-in page for the request of a client. */
  const startLogin = async () => {
    const { client, user, agent } = await newPerson()
    const page = await agent.follow(await agent.get(opened.issuer.authorizePath(client, pkceParams)))
    const credentials = { login: user.email, password: user.password, request: requestIdOn(page) }
    return { client, user, agent, credentials }
  }

  /** Signs in and opens the consent page of a third-party client. */
  const startConsent = async () => {
    const { client, user, agent } = await newPerson({ firstParty: false })
    await opened.issuer.stores.consents.withdraw(user.id, client.id)
    const first = await agent.get(opened.issuer.authorizePath(client, pkceParams))
    const page = await opened.issuer.signInOn(agent, first, user)
    return { client, user, agent, request: requestIdOn(page) }
  }

  const sessionOf = async ({ accessToken }: Tokens) => {
    const family = await opened.issuer.stores.refreshTokens.find(text(claimsOf(accessToken).sid))
    return family?.sessionId ?? ''
  }

  return Object.assign(opened, {
    locationOf,
    followReply,
    expectCode,
    isSignedIn,
    expectWorks,
    expectDead,
    newPerson,
    signIn,
    signInElsewhere,
    startLogin,
    startConsent,
    sessionOf,
  })
}
