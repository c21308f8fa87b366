// Refresh tokens that must not work: forged, ended or inherited ones, and grants that give none.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newFamilyId } from '../../src/sessions/family.ts'
import { createRefreshTokenFormat } from '../../src/tokens/refresh-token-format.ts'
import { eventTypes } from '../support/audit-events.ts'
import { claimsOf, credentialsOf, type TestIssuer, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

const secret = randomBytes(32)
const withKey = createRefreshTokenFormat([secret])

let issuer: TestIssuer
beforeAll(async () => {
  issuer = await testIssuer({ keyEncryptionKeys: [secret] })
})
afterAll(() => issuer.close())

const signedIn = async () => {
  const [client, user] = [await issuer.client(), await issuer.user()]
  const tokens = await issuer.tokens(client, user)
  const family = await issuer.stores.refreshTokens.find(String(claimsOf(tokens.accessToken).sid))
  if (family === undefined) throw new Error('no family')
  return { client, family, refreshToken: tokens.refreshToken }
}

test('the server’s key without the salt of the family forges no refresh token (B13)', async () => {
  const { client, family, refreshToken } = await signedIn()
  expect(withKey.write(family, 0)).toBe(refreshToken)
  for (const token of [
    withKey.write({ ...family, salt: 'AAAAAAAAAAAAAAAAAAAAAA' }, 0),
    withKey.write({ ...family, id: newFamilyId() }, 0),
  ]) {
    expect((await issuer.refresh(client, token)).json.error).toBe('invalid_grant')
    const fields = { token, ...credentialsOf(client) }
    expect((await issuer.form('/introspect', fields)).json).toEqual({ active: false })
    expect((await issuer.form('/revoke', fields)).status).toBe(200)
  }
  expect((await issuer.refresh(client, refreshToken)).status).toBe(200)
})

test('another way to write the generation of a refresh token is rejected (B13)', async () => {
  const { client, family, refreshToken } = await signedIn()
  for (const digits of ['00', '+0', '0x0', '', '-0']) {
    const token = refreshToken.replace(`${family.id}.0.`, `${family.id}.${digits}.`)
    expect(token).not.toBe(refreshToken)
    expect((await issuer.refresh(client, token)).json.error, digits).toBe('invalid_grant')
  }
  expect((await issuer.refresh(client, refreshToken)).status).toBe(200)
})

test('introspection of a refresh token shows its end: unused, too old, revoked, of a disabled user (A17)', async () => {
  const isActive = async ({ client, refreshToken: token }: Awaited<ReturnType<typeof signedIn>>) =>
    (await issuer.form('/introspect', { token, ...credentialsOf(client) })).json.active
  const [revoked, disabled] = [await signedIn(), await signedIn()]
  expect([await isActive(revoked), await isActive(disabled)]).toEqual([true, true])
  await issuer.form('/revoke', { token: revoked.refreshToken, ...credentialsOf(revoked.client) })
  expect(eventTypes(issuer, revoked.family.id)).toContain('token.revoked')
  await issuer.stores.users.change(
    disabled.family.userId,
    { disabledAt: issuer.clock.now() },
    issuer.clock.now(),
  )
  expect([await isActive(revoked), await isActive(disabled)]).toEqual([false, false])

  const idle = await signedIn()
  issuer.clock.advance(7 * 86_400)
  expect(await isActive(idle)).toBe(false)
  const old = await signedIn()
  for (let week = 0; week < 5; week += 1) {
    issuer.clock.advance(6 * 86_400)
    const { status, json } = await issuer.refresh(old.client, old.refreshToken)
    if (status === 200) old.refreshToken = String(json.refresh_token)
  }
  expect(await isActive(old)).toBe(false)
})

test('a session that ends while its code is redeemed leaves no tokens (E2)', async () => {
  const stores = memoryStores()
  const own = await testIssuer({ stores })
  const [client, user] = [await own.client(), await own.user()]
  const { code, verifier } = await own.code(client, user)
  const { redeem } = stores.authorizationCodes
  stores.authorizationCodes.redeem = async (...args) => {
    const redemption = await redeem(...args)
    for (const { id } of await stores.sessions.listOfUser(user.id)) await stores.sessions.end(id)
    return redemption
  }
  expect((await own.redeem(client, code, verifier)).json.error).toBe('invalid_grant')
  await own.close()
})

test('a machine gets no scope of OpenID Connect (A24)', async () => {
  const client = await issuer.client({ grants: ['client_credentials'], scopes: ['openid', 'orders:read'] })
  const ask = (scope: string) =>
    issuer.form('/token', { grant_type: 'client_credentials', scope, ...credentialsOf(client) })
  expect((await ask('openid orders:read')).json.error).toBe('invalid_scope')
  expect((await ask('orders:read')).json.scope).toBe('orders:read')
})

test('a client that was created again long after its deletion inherits no refresh token (C12)', async () => {
  const { client, refreshToken } = await signedIn()
  await issuer.app.operations['clients.delete']({ id: client.id })
  // The entry of the client has left the blacklist.
  issuer.clock.advance(2 * 3600)
  const { secret: _, ...record } = client
  await issuer.stores.clients.create({ ...record, createdAt: issuer.clock.now() })
  expect((await issuer.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
})

test('a password sign-in of an app ends for the app when an admin deletes its client (A24)', async () => {
  const origin = 'https://deleted.example'
  const client = await issuer.client({ origins: [origin] })
  const { email, password } = await issuer.user()
  const { json } = await issuer.json('/api/token', { email, password }, { origin })
  const refresh = () => issuer.json('/api/token/refresh', { refresh: json.refresh })
  expect((await refresh()).status).toBe(200)
  await issuer.stores.clients.delete(client.id)
  expect((await refresh()).status).toBe(401)
})

test('the format of refresh tokens does not work without a key', () => {
  expect(() => createRefreshTokenFormat([])).toThrow('needs at least one key')
})
