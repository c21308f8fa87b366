// One store call fails while a browser is at /authorize, /consent or /end-session.
// The browser gets 503, and its second try works.
import { expect, test } from 'vitest'
import { failEachCall, faultsOf, type Scenarios } from '../support/each-store-call.ts'
import { expectExpired, expectStatus, pkceParams, useFaultyIssuer } from '../support/faulty-issuer.ts'

const faulty = useFaultyIssuer()
const {
  newPerson,
  signIn,
  startLogin,
  startConsent,
  expectDead,
  isSignedIn,
  locationOf,
  expectCode,
  followReply,
} = faulty

const requests: Scenarios = {
  'GET /authorize without a session': {
    errorFormat: 'page',
    arrange: async () => {
      const { client, agent } = await newPerson()
      return {
        act: () => agent.get(faulty.issuer.authorizePath(client, pkceParams)),
        expectDone: async (reply) => expect(locationOf(reply).pathname).toBe('/login'),
      }
    },
  },
  'GET /authorize with a session': {
    errorFormat: 'page',
    arrange: async () => {
      const { client, agent } = await signIn()
      faulty.issuer.clock.advance(120)
      return { act: () => agent.get(faulty.issuer.authorizePath(client, pkceParams)), expectDone: expectCode }
    },
  },
  'GET /authorize by a third-party client with consent': {
    errorFormat: 'page',
    arrange: async () => {
      const { client, agent } = await signIn({ firstParty: false })
      return { act: () => agent.get(faulty.issuer.authorizePath(client, pkceParams)), expectDone: expectCode }
    },
  },
  'GET /authorize after the sign-in page': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, credentials } = await startLogin()
      const resume = locationOf(await agent.submit('/login/password', credentials))
      return {
        act: () => agent.get(`${resume.pathname}${resume.search}`),
        expectDone: expectCode,
        alreadyDone: { by: 'usedOnce.use', expectAnswer: expectExpired },
      }
    },
  },
  'GET /consent': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, request } = await startConsent()
      return { act: () => agent.get(`/consent?request=${request}`), expectDone: expectStatus(200) }
    },
  },
  'POST /consent with the decision to allow': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, request } = await startConsent()
      return {
        act: () => agent.submit('/consent', { request, decision: 'allow' }),
        expectDone: async (reply) => expectCode(await followReply(agent, reply)),
      }
    },
  },
  'POST /consent with the decision to deny': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, request } = await startConsent()
      return {
        act: () => agent.submit('/consent', { request, decision: 'deny' }),
        expectDone: async (reply) =>
          expect(locationOf(reply).searchParams.get('error')).toBe('access_denied'),
        alreadyDone: { by: 'usedOnce.use', expectAnswer: expectExpired },
      }
    },
  },
  'GET /end-session with an ID token hint': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, client, tokens } = await signIn()
      const cookies = new Map(agent.cookies)
      return {
        act: () => agent.get(`/end-session?id_token_hint=${tokens.idToken}`),
        expectDone: async (reply) => {
          await expectStatus(200)(reply)
          for (const [name, value] of cookies) agent.cookies.set(name, value)
          expect(await isSignedIn(agent)).toBe(false)
          await expectDead(client, tokens)
        },
      }
    },
  },
  'POST /end-session with a confirmation': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, client, tokens } = await signIn()
      const cookies = new Map(agent.cookies)
      return {
        act: () => agent.submit('/end-session', { confirm: 'yes' }),
        expectDone: async (reply) => {
          await expectStatus(200)(reply)
          for (const [name, value] of cookies) agent.cookies.set(name, value)
          expect(await isSignedIn(agent)).toBe(false)
          await expectDead(client, tokens)
        },
      }
    },
  },
}

test.each(faultsOf(requests))(
  '%s answers 503 and loses nothing when a store call %s (C9)',
  async (_request, _failure, scenario, fault) => {
    expect((await failEachCall(faulty, scenario, fault)).length).toBeGreaterThan(0)
  },
)
