// One store call fails while a first-party client uses the JSON API.
// The client gets 503, and its second try works.
import { expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { failEachCall, faultsOf, type Scenarios } from '../support/each-store-call.ts'
import { expectStatus, json, text, useFaultyIssuer } from '../support/faulty-issuer.ts'

const faulty = useFaultyIssuer()
const { signIn, expectDead, isSignedIn } = faulty

const requests: Scenarios = {
  'POST /api/users': {
    errorFormat: 'problem',
    arrange: async () => {
      const account = { email: `${randomToken(8).toLowerCase()}@example.com`, password: randomToken(16) }
      return {
        act: () => faulty.issuer.json('/api/users', account),
        expectDone: async (reply) => {
          await expectStatus(201)(reply)
          await expectStatus(200)(await faulty.issuer.json('/api/token', account))
        },
      }
    },
  },
  'POST /api/token': {
    errorFormat: 'problem',
    arrange: async () => {
      const { email, password } = await faulty.issuer.user()
      return {
        act: () => faulty.issuer.json('/api/token', { email, password }),
        expectDone: async (reply) => {
          const { refresh, access } = json(reply)
          await expectStatus(200)(await faulty.issuer.json('/api/token/refresh', { refresh }))
          await expectStatus(200)(await faulty.issuer.bearer('/api/users/me', text(access)))
        },
      }
    },
  },
  'POST /api/token of a client that allows one session': {
    errorFormat: 'problem',
    arrange: async () => {
      const origin = `https://${randomToken(8).toLowerCase().replaceAll(/[_-]/g, 'x')}.example`
      await faulty.issuer.client({ oneSession: true, origins: [origin] })
      const { email, password } = await faulty.issuer.user()
      const act = () => faulty.issuer.json('/api/token', { email, password }, { origin })
      const before = await act()
      return {
        act,
        expectDone: async (reply) => {
          const { refresh, access } = json(reply)
          const { json: old } = before
          await expectStatus(401)(await faulty.issuer.bearer('/api/users/me', text(old.access)))
          await expectStatus(401)(await faulty.issuer.json('/api/token/refresh', { refresh: old.refresh }))
          await expectStatus(200)(await faulty.issuer.bearer('/api/users/me', text(access)))
          await expectStatus(200)(await faulty.issuer.json('/api/token/refresh', { refresh }))
        },
      }
    },
  },
  'POST /api/token/refresh with the token in the body': {
    errorFormat: 'problem',
    arrange: async () => {
      const { email, password } = await faulty.issuer.user()
      const { refresh } = (await faulty.issuer.json('/api/token', { email, password })).json
      return {
        act: () => faulty.issuer.json('/api/token/refresh', { refresh }),
        expectDone: async (reply) => {
          await expectStatus(200)(reply)
          const again = await faulty.issuer.json('/api/token/refresh', { refresh })
          expect(again.json.refresh).toBe(json(reply).refresh)
          await expectStatus(200)(
            await faulty.issuer.json('/api/token/refresh', { refresh: json(reply).refresh }),
          )
        },
      }
    },
  },
  'POST /api/token/refresh with the cookie': {
    errorFormat: 'problem',
    arrange: async () => {
      const { email, password } = await faulty.issuer.user()
      const login = await faulty.issuer.json('/api/token', { email, password, delivery: 'cookie' })
      const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? ''
      return {
        act: () => faulty.issuer.json('/api/token/refresh', {}, { cookie }),
        expectDone: async (reply) => {
          await expectStatus(200)(reply)
          expect(reply.headers.getSetCookie()[0]).toContain('__Host-dojang_refresh=drt_')
        },
      }
    },
  },
  'GET /api/users/me': {
    errorFormat: 'problem',
    arrange: async () => {
      const { tokens } = await signIn()
      return {
        act: () => faulty.issuer.bearer('/api/users/me', tokens.accessToken),
        expectDone: expectStatus(200),
      }
    },
  },
  'PATCH /api/users/me': {
    errorFormat: 'problem',
    arrange: async () => {
      const { tokens } = await signIn()
      return {
        act: () =>
          faulty.issuer.send('/api/users/me', {
            method: 'PATCH',
            body: JSON.stringify({ name: 'Changed' }),
            headers: {
              'content-type': 'application/json',
              authorization: `Bearer ${tokens.accessToken}`,
            },
          }),
        expectDone: async (reply) => {
          await expectStatus(200)(reply)
          expect(reply.body).toContain('"name":"Changed"')
        },
      }
    },
  },
  'POST /api/logout with the refresh token': {
    errorFormat: 'problem',
    arrange: async () => {
      const { email, password } = await faulty.issuer.user()
      const { refresh, access } = (await faulty.issuer.json('/api/token', { email, password })).json
      return {
        act: () => faulty.issuer.json('/api/logout', { refresh }),
        expectDone: async (reply) => {
          await expectStatus(204)(reply)
          await expectStatus(401)(await faulty.issuer.json('/api/token/refresh', { refresh }))
          await expectStatus(401)(await faulty.issuer.bearer('/api/users/me', text(access)))
        },
      }
    },
  },
  'POST /api/logout': {
    errorFormat: 'problem',
    arrange: async () => {
      const { client, user, agent, tokens } = await signIn()
      const sibling = await faulty.issuer.client()
      const siblings = await faulty.issuer.tokens(sibling, user, {}, agent)
      const expectEnded = async () => {
        await expectDead(client, tokens)
        await expectDead(sibling, siblings)
        expect(await isSignedIn(agent)).toBe(false)
      }
      return {
        act: () => faulty.issuer.bearer('/api/logout', tokens.accessToken, 'POST'),
        expectDone: async (reply) => {
          await expectStatus(204)(reply)
          await expectEnded()
        },
        alreadyDone: {
          by: 'blacklist.add',
          expectAnswer: async (reply) => {
            await expectStatus(401)(reply)
            await expectEnded()
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
