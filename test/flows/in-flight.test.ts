// A request is in flight while the consent, the password or the sessions of its user end. The end wins.
import { afterEach, describe, expect, test } from 'vitest'
import type { Client } from '../../src/clients/client.ts'
import { interruptedStores } from '../support/interrupted-stores.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { useIssuer } from '../support/use-issuer.ts'

const interrupted = interruptedStores(memoryStores())
const issuer = useIssuer({ stores: interrupted.stores })

// An interruption that no request reached would make its test pass for nothing.
afterEach(() => expect(interrupted.waiting()).toEqual([]))

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

describe('a code that is redeemed twice at the same time', () => {
  test('a second redemption just after the first one revokes the tokens of the first (A5)', async () => {
    const { client, code, verifier } = await withCode()
    interrupted.after('authorizationCodes.redeem', () => issuer.redeem(client, code, verifier))
    const { json } = await issuer.redeem(client, code, verifier)
    expect((await issuer.bearer('/userinfo', String(json.access_token))).status).toBe(401)
    expect((await issuer.refresh(client, String(json.refresh_token))).json.error).toBe('invalid_grant')
  })
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
        const { json } = await issuer.redeem(grant.client, grant.code, grant.verifier)
        if (json.access_token !== undefined) {
          expect((await issuer.bearer('/userinfo', String(json.access_token))).status).toBe(401)
          expect((await issuer.refresh(grant.client, String(json.refresh_token))).status).toBe(400)
        } else expect(json.error).toBe('invalid_grant')
      })
})
