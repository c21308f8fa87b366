import { expect, test } from 'vitest'
import type { Client } from '../../src/clients/client.ts'
import { randomToken } from '../../src/secrets.ts'
import { newUserId } from '../../src/users/user.ts'
import { testClock } from '../support/clock.ts'
import { atOnce, onLastingBackends } from './lasting-backends.ts'
import { aClient } from './records.ts'

const now = testClock().now()

onLastingBackends('clients', (stores) => {
  const created = async (members: Partial<Client> = {}) => {
    const client = aClient(members)
    expect(await stores('clients').create(client)).toBe('created')
    return client
  }

  test('a client with every member is returned exactly as it was stored', async () => {
    const client = await created({
      name: "L'app 앱 🙂",
      secretHash: randomToken(),
      previousSecretHash: randomToken(),
      previousSecretExpiresAt: now,
      redirectUris: ['https://a.example/cb?x={"y"},\\', 'com.example.app:/cb'],
      postLogoutRedirectUris: ['https://a.example/'],
      origins: ['https://a.example'],
      grants: ['authorization_code', 'refresh_token', 'client_credentials'],
      scopes: ['openid', 'email'],
      audiences: ['https://api.example/'],
      defaultAudience: 'https://api.example/',
      introspects: ['https://api.example/'],
      firstParty: false,
      pkceRequired: false,
      responseModes: ['form_post'],
      refreshPolicy: { kind: 'rotate', graceSeconds: 5 },
    })
    expect(await stores('clients').find(client.id)).toStrictEqual(client)
    expect(await stores('clients').list()).toContainEqual(client)
  })

  test('absent members of a client stay absent', async () => {
    const client = await created()
    expect(await stores('clients').find(client.id)).toStrictEqual(client)
    expect(await stores('clients').find('no-such-client')).toBeUndefined()
    expect(await stores('clients').find('\0')).toBeUndefined()
  })

  test('a search by origin returns the clients that registered exactly that origin', async () => {
    const origin = `https://${randomToken(8).toLowerCase()}.example`
    const [one, two] = [
      await created({ origins: [origin, 'https://z.example'] }),
      await created({ origins: [origin] }),
    ]
    await created({ origins: [`${origin}.evil.example`] })
    const found = await stores('clients').findByOrigin(origin)
    expect(found.map(({ id }) => id)).toEqual([one.id, two.id].sort())
    expect(await stores('clients').findByOrigin('https://')).toEqual([])
  })

  test('a change of a client affects only the given members, and null removes a member', async () => {
    const client = await created({
      defaultAudience: 'a:b',
      previousSecretHash: 'x',
      previousSecretExpiresAt: now,
    })
    const clients = stores('clients')
    expect(await clients.change(client.id, {})).toBe(true)
    expect(await clients.find(client.id)).toStrictEqual(client)
    const change = {
      name: 'New',
      scopes: ['a'],
      refreshPolicy: { kind: 'reuse' } as const,
      responseModes: ['query'] as const,
      pkceRequired: false,
    }
    expect(await clients.change(client.id, { ...change, defaultAudience: null })).toBe(true)
    expect(await clients.change(client.id, { previousSecretHash: null, previousSecretExpiresAt: null })).toBe(
      true,
    )
    const { defaultAudience: _a, previousSecretHash: _h, previousSecretExpiresAt: _e, ...rest } = client
    expect(await clients.find(client.id)).toStrictEqual({ ...rest, ...change })
    expect(await clients.change('no-such-client', { name: 'New' })).toBe(false)
    expect(await clients.change('no-such-client', {})).toBe(false)
  })

  test('exactly one of 20 concurrent creations with the same client id succeeds', async () => {
    const id = `client-${randomToken(8)}`
    const outcomes = await atOnce(20, (index) => stores('clients').create(aClient({ id, name: `${index}` })))
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1)
    expect((await stores('clients').find(id))?.name).toBe(`${outcomes.indexOf('created')}`)
  })

  test('a deleted client is not found, and its consents are deleted', async () => {
    const { id } = await created()
    const userId = newUserId()
    await stores('consents').grant({ userId, clientId: id, scopes: ['openid'], grantedAt: now })
    expect(await stores('clients').delete(id)).toBe(true)
    expect(await stores('clients').find(id)).toBeUndefined()
    expect(await stores('consents').find(userId, id)).toBeUndefined()
    expect(await stores('clients').delete(id)).toBe(false)
  })
})

onLastingBackends('consents', (stores) => {
  const aConsent = (scopes: string[]) => ({ userId: newUserId(), clientId: 'app', scopes, grantedAt: now })

  test('a later grant adds its scopes to the consent', async () => {
    const consent = aConsent(['openid', 'email'])
    const later = new Date(now.getTime() + 1)
    await stores('consents').grant(consent)
    expect(await stores('consents').find(consent.userId, 'app')).toStrictEqual(consent)
    await stores('consents').grant({ ...consent, scopes: ['profile', 'email'], grantedAt: later })
    const expected = { ...consent, scopes: ['openid', 'email', 'profile'], grantedAt: later }
    expect(await stores('consents').find(consent.userId, 'app')).toStrictEqual(expected)
    expect(await stores('consents').find(consent.userId, 'other')).toBeUndefined()
  })

  test('a consent contains the scopes of all 20 concurrent grants', async () => {
    const consent = aConsent([])
    await atOnce(20, (index) => stores('consents').grant({ ...consent, scopes: [`s${index}`, 'openid'] }))
    const found = await stores('consents').find(consent.userId, 'app')
    expect([...(found?.scopes ?? [])].sort()).toEqual(
      ['openid', ...Array.from({ length: 20 }, (_, index) => `s${index}`)].sort(),
    )
  })

  test('a user lists and withdraws only their own consents', async () => {
    const consent = aConsent(['openid'])
    await stores('consents').grant({ ...consent, clientId: 'b' })
    await stores('consents').grant({ ...consent, clientId: 'a' })
    await stores('consents').grant(aConsent(['openid']))
    const listed = await stores('consents').listOfUser(consent.userId)
    expect(listed.map(({ clientId }) => clientId)).toEqual(['a', 'b'])
    expect(await stores('consents').withdraw(consent.userId, 'a')).toBe(true)
    expect(await stores('consents').withdraw(consent.userId, 'a')).toBe(false)
    expect(await stores('consents').listOfUser(consent.userId)).toHaveLength(1)
  })
})
