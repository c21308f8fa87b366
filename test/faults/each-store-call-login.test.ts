// One store call fails while a person signs in or registers on the hosted pages.
// The browser gets 503, and its second try works.
import { expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { failEachCall, faultsOf, type Scenarios } from '../support/each-store-call.ts'
import { expectStatus, useFaultyIssuer } from '../support/faulty-issuer.ts'

const faulty = useFaultyIssuer()
const { signIn, startLogin, expectDead, isSignedIn, expectCode, followReply } = faulty

const requests: Scenarios = {
  'GET /login': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, credentials } = await startLogin()
      return { act: () => agent.get(`/login?request=${credentials.request}`), expectDone: expectStatus(200) }
    },
  },
  'POST /login/password': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, credentials } = await startLogin()
      return {
        act: () => agent.submit('/login/password', credentials),
        expectDone: async (reply) => {
          await expectStatus(303)(reply)
          await expectCode(await followReply(agent, reply))
        },
      }
    },
  },
  'POST /login/password with a wrong password': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, credentials } = await startLogin()
      return {
        act: () => agent.submit('/login/password', { ...credentials, password: 'not this one' }),
        expectDone: expectStatus(401),
      }
    },
  },
  'POST /login/password in a browser where another user is signed in': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, client, tokens } = await signIn()
      const other = await faulty.issuer.user()
      return {
        act: () => agent.submit('/login/password', { login: other.email, password: other.password }),
        expectDone: async (reply) => {
          await expectStatus(303)(reply)
          await expectDead(client, tokens)
        },
      }
    },
  },
  'POST /register': {
    errorFormat: 'page',
    arrange: async () => {
      const agent = faulty.issuer.browser()
      const account = { email: `${randomToken(8).toLowerCase()}@example.com`, password: randomToken(16) }
      return {
        act: () => agent.submit('/register', account),
        expectDone: async (reply) => {
          await expectStatus(303)(reply)
          expect(await isSignedIn(agent)).toBe(true)
        },
        alreadyDone: {
          by: 'users.create',
          expectAnswer: async (reply) => {
            await expectStatus(422)(reply)
            const { email: login, password } = account
            await expectStatus(303)(await agent.submit('/login/password', { login, password }))
          },
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
