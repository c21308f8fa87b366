import { describe, expect, test } from 'vitest'
import { hashToken } from '../../src/secrets.ts'
import { newFamilyId } from '../../src/sessions/family.ts'
import { maxFamiliesPerClient } from '../../src/sessions/session.ts'
import { claimsOf, pkce, type TestClient, testIssuer } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const grant = async (params: Record<string, string> = {}) => {
  const [client, user] = [await issuer.client(), await issuer.user()]
  return { client, user, ...(await issuer.code(client, user, params)) }
}

const isAlive = async (client: TestClient, answer: { json: Record<string, unknown> }) => {
  const userinfo = await issuer.bearer('/userinfo', String(answer.json.access_token))
  const refreshed = await issuer.refresh(client, String(answer.json.refresh_token))
  return { access: userinfo.status === 200, refresh: refreshed.status === 200 }
}

describe('an authorization code', () => {
  test('a code has 256 random bits and expires after 60 seconds (A4)', async () => {
    const early = await grant()
    expect(Buffer.from(early.code, 'base64url')).toHaveLength(32)
    issuer.clock.advance(59)
    expect((await issuer.redeem(early.client, early.code, early.verifier)).status).toBe(200)
    const late = await grant()
    issuer.clock.advance(60)
    const answer = await issuer.redeem(late.client, late.code, late.verifier)
    expect(answer.json.error).toBe('invalid_grant')
  })

  test('exactly one of 50 parallel redemptions of a code succeeds (A4)', async () => {
    const { client, code, verifier } = await grant()
    const answers = await Promise.all(Array.from({ length: 50 }, () => issuer.redeem(client, code, verifier)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const others = answers.filter(({ status }) => status !== 200)
    expect(new Set(others.map(({ json }) => json.error))).toEqual(new Set(['invalid_grant']))
  })

  test('the losers of 50 parallel redemptions displace no family (A4)', async () => {
    const { stores } = issuer
    const { client, user, code, verifier, agent } = await grant()
    const { accessToken } = await issuer.tokens(client, user, {}, agent)
    const { sessionId = '' } = (await stores.refreshTokens.find(String(claimsOf(accessToken).sid))) ?? {}
    for (let count = 2; count < maxFamiliesPerClient; count += 1)
      await stores.sessions.join(sessionId, { familyId: newFamilyId(), clientId: client.id }, 100)
    const revoked = (await stores.blacklist.list(issuer.clock.now())).length
    const families = (await stores.sessions.find(sessionId))?.families ?? []
    const answers = await Promise.all(Array.from({ length: 50 }, () => issuer.redeem(client, code, verifier)))
    const winner = answers.find(({ status }) => status === 200)
    const after = (await stores.sessions.find(sessionId))?.families ?? []
    // The losers revoke the winner's family (A5), so it may have left the session.
    const others = after.filter(
      ({ familyId }) => familyId !== claimsOf(String(winner?.json.access_token)).sid,
    )
    expect(others).toEqual(families)
    expect((await stores.blacklist.list(issuer.clock.now())).length).toBe(revoked + 1)
  })

  test('another client cannot redeem a code, and its attempt does not use up the code (A4)', async () => {
    const { client, code, verifier } = await grant()
    const thief = await issuer.client()
    expect((await issuer.redeem(thief, code, verifier)).json.error).toBe('invalid_grant')
    expect((await issuer.redeem(client, code, verifier)).status).toBe(200)
  })

  test('a code is invalid after the session of its user ended (A4)', async () => {
    const { client, user, code, verifier } = await grant()
    await issuer.app.operations['sessions.revoke']({ user: user.id })
    expect((await issuer.redeem(client, code, verifier)).json.error).toBe('invalid_grant')
  })

  test('a code is invalid after the session of its user expired (A4)', async () => {
    const env = { REFRESH_ABSOLUTE_TTL: '3600', REFRESH_IDLE_TTL: '3600' }
    const own = await testIssuer({ env })
    const [client, user, agent] = [await own.client(), await own.user(), own.browser()]
    await own.tokens(client, user, {}, agent)
    own.clock.advance(3570)
    const { code, verifier } = await own.code(client, user, { prompt: 'none' }, agent)
    own.clock.advance(31)
    expect((await own.redeem(client, code, verifier)).json.error).toBe('invalid_grant')
    await own.close()
  })

  test('a code is invalid after its user was disabled (A4)', async () => {
    const { client, user, code, verifier } = await grant()
    await issuer.app.operations['users.disable']({ user: user.id })
    expect((await issuer.redeem(client, code, verifier)).json.error).toBe('invalid_grant')
  })

  test('a code keeps the nonce, scope and resource of its request (A4)', async () => {
    const audience = `https://orders.example/${Math.random()}`
    const user = await issuer.user()
    const client = await issuer.client({ audiences: [audience] })
    const asked = { nonce: 'n-1', scope: 'openid email', resource: audience }
    const { code, verifier } = await issuer.code(client, user, asked)
    const kept = await issuer.stores.authorizationCodes.find(hashToken(code))
    expect(kept).toMatchObject({
      clientId: client.id,
      userId: user.id,
      redirectUri: 'https://app.example/callback',
      nonce: 'n-1',
      scope: ['openid', 'email'],
      resource: [audience],
    })
    expect(kept?.sessionId).toBeTruthy()
    expect(kept?.codeChallenge).toBeTruthy()
    expect((await issuer.redeem(client, code, verifier, { scope: 'openid profile' })).json.scope).toBe(
      'openid email',
    )
  })

  test.each(['', 'x', 'a'.repeat(43), '../../etc', '가'])(
    'the token endpoint rejects the code %j (A4)',
    async (code) => {
      const answer = await issuer.redeem(await issuer.client(), code, pkce().verifier)
      expect(answer.json.error).toBe(code === '' ? 'invalid_request' : 'invalid_grant')
    },
  )
})

describe('a second redemption of a code', () => {
  test('a second valid redemption revokes the tokens of the first one (A5)', async () => {
    const { client, code, verifier } = await grant()
    const first = await issuer.redeem(client, code, verifier)
    const second = await issuer.redeem(client, code, verifier)
    expect(second.json.error).toBe('invalid_grant')
    expect(await isAlive(client, first)).toEqual({ access: false, refresh: false })
  })

  test('a second valid redemption also revokes tokens that were refreshed since (A5)', async () => {
    const { client, code, verifier } = await grant()
    const first = await issuer.redeem(client, code, verifier)
    const refreshed = await issuer.refresh(client, String(first.json.refresh_token))
    await issuer.redeem(client, code, verifier)
    expect(await isAlive(client, refreshed)).toEqual({ access: false, refresh: false })
  })

  test.each([
    ['a wrong verifier', { code_verifier: pkce().verifier }],
    ['no verifier', { code_verifier: '' }],
    ['another redirect URI', { redirect_uri: 'https://evil.example/' }],
    ['a wrong secret', { client_secret: 'guessed' }],
  ])('a second redemption with %s revokes nothing (A5)', async (_what, extra) => {
    const { client, code, verifier } = await grant()
    const first = await issuer.redeem(client, code, verifier)
    const thief = await issuer.redeem(client, code, verifier, extra)
    expect(thief.status).toBeGreaterThanOrEqual(400)
    expect(await isAlive(client, first)).toEqual({ access: true, refresh: true })
  })

  test('a redemption by another client with code and verifier revokes nothing (A5)', async () => {
    const { client, code, verifier } = await grant()
    const first = await issuer.redeem(client, code, verifier)
    expect((await issuer.redeem(await issuer.client(), code, verifier)).json.error).toBe('invalid_grant')
    expect(await isAlive(client, first)).toEqual({ access: true, refresh: true })
  })

  test('the audit log records the reuse of a code (A5)', async () => {
    const { client, code, verifier } = await grant()
    await issuer.redeem(client, code, verifier)
    await issuer.redeem(client, code, verifier)
    expect(issuer.logLines.some((line) => line.includes('"code.reused"') && line.includes(client.id))).toBe(
      true,
    )
  })
})

describe('redirect_uri at the token endpoint', () => {
  test('the token endpoint redeems a code without redirect_uri (A6)', async () => {
    const { client, code, verifier } = await grant()
    expect((await issuer.redeem(client, code, verifier, { redirect_uri: '' })).status).toBe(200)
  })

  test('the token endpoint rejects a code when redirect_uri differs from the authorization request (A6)', async () => {
    const { client, code, verifier } = await grant()
    const wrong = { redirect_uri: 'https://app.example/callback/' }
    expect((await issuer.redeem(client, code, verifier, wrong)).json.error).toBe('invalid_grant')
    expect((await issuer.redeem(client, code, verifier)).status).toBe(200)
  })

  test('redirect_uri at the token endpoint must have the port that the authorization request used (A6)', async () => {
    const client = await issuer.client({ redirectUris: ['http://127.0.0.1/callback'] })
    const used = 'http://127.0.0.1:49152/callback'
    const { code, verifier } = await issuer.code(client, await issuer.user(), { redirect_uri: used })
    expect((await issuer.redeem(client, code, verifier)).json.error).toBe('invalid_grant')
    expect((await issuer.redeem(client, code, verifier, { redirect_uri: used })).status).toBe(200)
  })
})
