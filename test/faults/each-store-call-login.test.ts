// One store call fails while a person signs in or registers on the hosted pages.
// The browser gets 503, and its second try works.
import { expect, test } from 'vitest'
import { type LinkPurpose, newEmailLink } from '../../src/email-links/email-link.ts'
import { randomToken } from '../../src/secrets.ts'
import { failEachCall, faultsOf, type Scenarios } from '../support/each-store-call.ts'
import { expectStatus, useFaultyIssuer } from '../support/faulty-issuer.ts'

const faulty = useFaultyIssuer()
const { signIn, startLogin, expectDead, expectCode, followReply } = faulty

/** A user whose browser has opened a new link. */
const openLink = async (purpose: LinkPurpose, page: string) => {
  const { issuer } = faulty
  const made = await issuer.user({ emailVerified: false })
  const user = await issuer.stores.users.find(made.id)
  if (user === undefined) throw new Error('no user')
  const { token, link } = newEmailLink(purpose, user, made.email, issuer.clock)
  const mail = { id: randomToken(16), kind: 'test', sealed: 'x', createdAt: issuer.clock.now() } as const
  await issuer.stores.emailLinks.issue(link, mail)
  const agent = issuer.browser()
  await agent.get(`${page}?token=${token}`)
  return { agent, user: made }
}

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
          const { email: login, password } = account
          await expectStatus(303)(await agent.submit('/login/password', { login, password }))
        },
      }
    },
  },
  'GET of a link in a mail': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent } = await openLink('confirm_email', '/confirm-email')
      return { act: () => agent.get('/confirm-email'), expectDone: expectStatus(200) }
    },
  },
  'POST /reset-password': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, user } = await openLink('reset_password', '/reset-password')
      const password = 'wipe cactus ninety plaster'
      const expectNewPassword = async () =>
        expectStatus(200)(await faulty.issuer.json('/api/token', { email: user.email, password }))
      return {
        act: () => agent.submit('/reset-password', { password }),
        expectDone: async (reply) => {
          await expectStatus(303)(reply)
          await expectNewPassword()
        },
        alreadyDone: {
          by: 'emailLinks.redeem',
          expectAnswer: async (reply) => {
            await expectStatus(400)(reply)
            await expectNewPassword()
          },
        },
      }
    },
  },
  'POST /confirm-email': {
    errorFormat: 'page',
    arrange: async () => {
      const { agent, user } = await openLink('confirm_email', '/confirm-email')
      const expectConfirmed = async () =>
        expect((await faulty.issuer.stores.users.find(user.id))?.emailVerified).toBe(true)
      return {
        act: () => agent.submit('/confirm-email', {}),
        expectDone: async (reply) => {
          await expectStatus(303)(reply)
          await expectConfirmed()
        },
        alreadyDone: { by: 'emailLinks.redeem', expectAnswer: expectConfirmed },
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
