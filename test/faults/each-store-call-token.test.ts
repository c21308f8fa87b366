// One store call fails while a client uses /token, /introspect, /revoke or /userinfo.
// The client gets 503, and its second try works.
import { expect, test } from 'vitest'
import { hashToken, randomToken } from '../../src/secrets.ts'
import { failEachCall, faultsOf, type Scenarios } from '../support/each-store-call.ts'
import { expectStatus, json, text, useFaultyIssuer } from '../support/faulty-issuer.ts'

const faulty = useFaultyIssuer()
const { newPerson, signIn, expectWorks, expectDead } = faulty

const requests: Scenarios = {
  'POST /token with a refresh token': {
    errorFormat: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signIn()
      return {
        act: () => faulty.issuer.refresh(client, tokens.refreshToken),
        expectDone: async (reply) => {
          await expectStatus(200)(reply)
          // Within the grace, the old token still returns the same next token.
          const again = await faulty.issuer.refresh(client, tokens.refreshToken)
          expect(again.json.refresh_token).toBe(json(reply).refresh_token)
          await expectWorks(client, json(reply).refresh_token)
        },
      }
    },
  },
  'POST /token with a refresh token of a third-party client': {
    errorFormat: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signIn({ firstParty: false })
      return {
        act: () => faulty.issuer.refresh(client, tokens.refreshToken),
        expectDone: async (reply) => expectWorks(client, json(reply).refresh_token),
      }
    },
  },
  'POST /token with a refresh token that does not rotate': {
    errorFormat: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signIn({ refreshPolicy: { kind: 'reuse' } })
      return {
        act: () => faulty.issuer.refresh(client, tokens.refreshToken),
        expectDone: async (reply) => expectWorks(client, json(reply).refresh_token),
      }
    },
  },
  'POST /token with a reused refresh token': {
    errorFormat: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signIn()
      const { json: second } = await faulty.issuer.refresh(client, tokens.refreshToken)
      faulty.issuer.clock.advance(21)
      return {
        act: () => faulty.issuer.refresh(client, tokens.refreshToken),
        expectDone: async (reply) => {
          expect(json(reply).error).toBe('invalid_grant')
          const { access_token, refresh_token } = second
          await expectDead(client, { accessToken: text(access_token), refreshToken: text(refresh_token) })
        },
      }
    },
  },
  'POST /token with a code': {
    errorFormat: 'oauth',
    arrange: async () => {
      const { client, user, agent } = await newPerson()
      const { code, verifier } = await faulty.issuer.code(client, user, {}, agent)
      return {
        act: () => faulty.issuer.redeem(client, code, verifier),
        expectDone: async (reply) => {
          await expectStatus(200)(reply)
          await expectWorks(client, json(reply).refresh_token)
        },
        alreadyDone: {
          by: 'authorizationCodes.redeem',
          expectAnswer: async (reply) => {
            expect(json(reply).error).toBe('invalid_grant')
            const redeemed = await faulty.issuer.stores.authorizationCodes.find(hashToken(code))
            const family = await faulty.issuer.stores.refreshTokens.find(redeemed?.redeemedBy ?? '')
            expect(family?.revokedAt).toBeDefined()
            // The person is still signed in, so the client gets a new code without a page.
            const next = await faulty.issuer.code(client, user, {}, agent)
            await expectStatus(200)(await faulty.issuer.redeem(client, next.code, next.verifier))
          },
        },
      }
    },
  },
  'POST /token with a reused code': {
    errorFormat: 'oauth',
    arrange: async () => {
      const { client, user, agent } = await newPerson()
      const { code, verifier } = await faulty.issuer.code(client, user, {}, agent)
      const first = await faulty.issuer.redeem(client, code, verifier)
      const { access_token, refresh_token } = first.json
      return {
        act: () => faulty.issuer.redeem(client, code, verifier),
        expectDone: async (reply) => {
          expect(json(reply).error).toBe('invalid_grant')
          await expectDead(client, { accessToken: text(access_token), refreshToken: text(refresh_token) })
        },
      }
    },
  },
  'POST /token with client credentials from a browser origin': {
    errorFormat: 'oauth',
    arrange: async () => {
      const origin = `https://${randomToken(6).toLowerCase().replaceAll('_', '-')}.example`
      const client = await faulty.issuer.client({
        grants: ['client_credentials'],
        scopes: [],
        origins: [origin],
      })
      const fields = {
        grant_type: 'client_credentials',
        client_id: client.id,
        client_secret: text(client.secret),
      }
      return { act: () => faulty.issuer.form('/token', fields, { origin }), expectDone: expectStatus(200) }
    },
  },
  'POST /token with a wrong client secret': {
    errorFormat: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signIn()
      return {
        act: () => faulty.issuer.refresh({ ...client, secret: 'wrong' }, tokens.refreshToken),
        expectDone: async (reply) => {
          expect(json(reply).error).toBe('invalid_client')
          await expectWorks(client, tokens.refreshToken)
        },
      }
    },
  },
  'POST /introspect with an access token': {
    errorFormat: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signIn()
      const credentials = { client_id: client.id, client_secret: text(client.secret) }
      return {
        act: () => faulty.issuer.form('/introspect', { token: tokens.accessToken, ...credentials }),
        expectDone: async (reply) => expect(json(reply).active).toBe(true),
      }
    },
  },
  'POST /introspect with a refresh token': {
    errorFormat: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signIn()
      const credentials = { client_id: client.id, client_secret: text(client.secret) }
      return {
        act: () => faulty.issuer.form('/introspect', { token: tokens.refreshToken, ...credentials }),
        expectDone: async (reply) => expect(json(reply).active).toBe(true),
      }
    },
  },
  'POST /revoke with a refresh token': {
    errorFormat: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signIn()
      const credentials = { client_id: client.id, client_secret: text(client.secret) }
      return {
        act: () => faulty.issuer.form('/revoke', { token: tokens.refreshToken, ...credentials }),
        expectDone: async (reply) => {
          await expectStatus(200)(reply)
          await expectDead(client, tokens)
        },
      }
    },
  },
  'POST /revoke with an access token': {
    errorFormat: 'oauth',
    arrange: async () => {
      const { client, tokens } = await signIn()
      const credentials = { client_id: client.id, client_secret: text(client.secret) }
      return {
        act: () => faulty.issuer.form('/revoke', { token: tokens.accessToken, ...credentials }),
        expectDone: async (reply) => {
          await expectStatus(200)(reply)
          expect((await faulty.issuer.bearer('/userinfo', tokens.accessToken)).status).toBe(401)
          await expectWorks(client, tokens.refreshToken)
        },
      }
    },
  },
  'GET /userinfo': {
    errorFormat: 'oauth',
    arrange: async () => {
      const { user, tokens } = await signIn()
      return {
        act: () => faulty.issuer.bearer('/userinfo', tokens.accessToken),
        expectDone: async (reply) => expect(json(reply).sub).toBe(user.id),
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
