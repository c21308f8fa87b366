// One store call fails while a person uses the account pages.
// The browser gets 503, and its second try works.
import { expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { failEachCall, faultsOf, type Scenarios } from '../support/each-store-call.ts'
import { expectStatus, useFaultyIssuer } from '../support/faulty-issuer.ts'

const faulty = useFaultyIssuer()
const { signIn, signInElsewhere, expectWorks, expectDead, isSignedIn, sessionOf, locationOf } = faulty

const requests: Scenarios = {
  'POST /account/delete': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, user, client, tokens } = await signIn()
      return {
        act: () => agent.submit('/account/delete', { sure: 'yes' }),
        expectDone: async (reply) => {
          // If the first try deleted the account, the second try has no session and leads to /login.
          if (reply.status === 303) expect(locationOf(reply).pathname).toBe('/login')
          else await expectStatus(200)(reply)
          expect(await faulty.issuer.stores.users.find(user.id)).toBeUndefined()
          await expectDead(client, tokens)
        },
      }
    },
  },
  'GET /account': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent } = await signIn()
      faulty.issuer.clock.advance(120)
      return { act: () => agent.get('/account'), expectDone: expectStatus(200) }
    },
  },
  'POST /account/profile': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, user } = await signIn()
      return {
        act: () => agent.submit('/account/profile', { name: '김민지' }),
        expectDone: async (reply) => {
          await expectStatus(303)(reply)
          expect(await faulty.issuer.stores.users.find(user.id)).toMatchObject({ name: '김민지' })
        },
      }
    },
  },
  'POST /account/sessions/end': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, client, user } = await signIn()
      const other = await signInElsewhere(client, user)
      const session = await sessionOf(other.tokens)
      return {
        act: () => agent.submit('/account/sessions/end', { session }),
        expectDone: async (reply) => {
          await expectStatus(303)(reply)
          await expectDead(client, other.tokens)
          expect(await isSignedIn(other.agent)).toBe(false)
          expect(await isSignedIn(agent)).toBe(true)
        },
      }
    },
  },
  'POST /account/sessions/end-others': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, client, user, tokens } = await signIn()
      const others = [await signInElsewhere(client, user), await signInElsewhere(client, user)]
      return {
        act: () => agent.submit('/account/sessions/end-others', { all: 'yes' }),
        expectDone: async (reply) => {
          await expectStatus(303)(reply)
          for (const other of others) {
            await expectDead(client, other.tokens)
            expect(await isSignedIn(other.agent)).toBe(false)
          }
          await expectWorks(client, tokens.refreshToken)
        },
      }
    },
  },
  'POST /account/grants/withdraw': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, client, tokens } = await signIn({ firstParty: false })
      return {
        act: () => agent.submit('/account/grants/withdraw', { client: client.id }),
        expectDone: async (reply) => {
          await expectStatus(303)(reply)
          await expectDead(client, tokens)
        },
      }
    },
  },
  'POST /account/password': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, client, user } = await signIn()
      const other = await signInElsewhere(client, user)
      const password = randomToken(16)
      const expectChanged = async () => {
        await expectDead(client, other.tokens)
        expect(await isSignedIn(other.agent)).toBe(false)
        const { email: login } = user
        const fresh = faulty.issuer.browser()
        expect((await fresh.submit('/login/password', { login, password: user.password })).status).toBe(401)
        expect((await fresh.submit('/login/password', { login, password })).status).toBe(303)
      }
      return {
        act: () => agent.submit('/account/password', { current: user.password, password, end_others: 'yes' }),
        expectDone: async (reply) => {
          await expectStatus(303)(reply)
          await expectChanged()
          // If the answer with the new cookie was lost, the person must sign in again.
          expect(await isSignedIn(agent)).toBe(locationOf(reply).pathname === '/account')
        },
        // If the first try changed the password, the second try is rejected: the old password is wrong now.
        alreadyDone: {
          by: 'users.changePassword',
          expectAnswer: async (reply) => {
            await expectStatus(401)(reply)
            await expectChanged()
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
