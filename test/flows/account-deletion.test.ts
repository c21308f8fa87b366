import { describe, expect, test } from 'vitest'
import type { Browser } from '../../harness/browser.ts'
import { eventTypes } from '../support/audit-events.ts'
import type { TestClient, TestUser } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const signIn = async (client: TestClient, user: TestUser) => {
  const agent = issuer.browser()
  return { agent, ...(await issuer.tokens(client, user, {}, agent)) }
}

const person = async () => {
  const [client, user] = [await issuer.client(), await issuer.user({ name: '홍길동' })]
  return { client, user, ...(await signIn(client, user)) }
}

const isActive = async (client: TestClient, token: string) =>
  (await issuer.form('/introspect', { token, client_id: client.id, client_secret: client.secret ?? '' })).json
    .active

const deleteAccount = (agent: Browser, fields: Record<string, string> = { sure: 'yes' }) =>
  agent.submit('/account/delete', fields)

describe('deletion of the user’s own account', () => {
  test('the deletion page asks for confirmation in English and Korean, and a GET deletes nothing (F18)', async () => {
    const { agent, user } = await person()
    expect((await agent.get('/account')).body).toContain('href="/account/delete"')
    const english = await agent.get('/account/delete', { 'accept-language': 'en' })
    expect(english.status).toBe(200)
    expect(english.body).toContain('Delete your account?')
    expect(english.body).toContain(user.email)
    expect(english.body).toMatch(/<form[^>]*action="\/account\/delete"/)
    const korean = await agent.get('/account/delete?ui_locales=ko')
    expect(korean.body).toContain('계정을 삭제할까요?')
    expect((await agent.get('/account')).status).toBe(200)
  })

  test('deleting the account removes the user and ends all their sessions, families and tokens (E4)', async () => {
    const { client, user, agent, accessToken, refreshToken } = await person()
    const other = await signIn(client, user)
    const page = await deleteAccount(agent)
    expect(page.status).toBe(200)
    expect(page.body).toContain('Your account is deleted')
    expect(page.headers.get('clear-site-data')).toContain('storage')
    expect([...agent.cookies.keys()]).not.toContain('__Host-dojang_session')

    expect(await issuer.stores.users.find(user.id)).toBeUndefined()
    expect(await issuer.stores.sessions.listOfUser(user.id)).toEqual([])
    for (const token of [accessToken, other.accessToken]) {
      expect(await isActive(client, token)).toBe(false)
      expect((await issuer.bearer('/userinfo', token)).status).toBe(401)
    }
    for (const token of [refreshToken, other.refreshToken])
      expect((await issuer.refresh(client, token)).json.error).toBe('invalid_grant')
    expect((await other.agent.get('/account')).status).toBe(303)
    const now = issuer.clock.now()
    expect(await issuer.stores.blacklist.find([{ kind: 'sub', value: user.id }], now)).toHaveLength(1)
    expect(eventTypes(issuer, user.id)).toContain('user.deleted')
  })

  test('a user who signed in more than five minutes ago must sign in again before the deletion (F18)', async () => {
    const { agent, user } = await person()
    issuer.clock.advance(301)
    const asked = await agent.get('/account/delete')
    expect(asked.body).not.toContain('action="/account/delete"')
    expect(asked.body).toContain('href="/login"')
    const refused = await deleteAccount(agent)
    expect([refused.status, refused.location?.pathname]).toEqual([303, '/account/delete'])
    expect(await issuer.stores.users.find(user.id)).toBeDefined()

    await agent.submit('/login/password', { login: user.email, password: user.password })
    expect((await agent.get('/account/delete')).body).toContain('action="/account/delete"')
    expect((await deleteAccount(agent)).status).toBe(200)
    expect(await issuer.stores.users.find(user.id)).toBeUndefined()
  })

  test('a silent sign-in to a client does not count as a fresh sign-in (F18)', async () => {
    const { agent, user, client } = await person()
    issuer.clock.advance(200)
    await issuer.tokens(client, user, {}, agent)
    issuer.clock.advance(200)
    expect((await deleteAccount(agent)).status).toBe(303)
    expect(await issuer.stores.users.find(user.id)).toBeDefined()
  })

  test('the server deletes nothing without the ticked checkbox, and the page says why', async () => {
    const { agent, user } = await person()
    for (const fields of [{}, { sure: '' }, { sure: 'no' }]) {
      const page = await deleteAccount(agent, { other: 'x', ...fields })
      expect(page.status).toBe(422)
      expect(page.body).toContain('role="alert"')
    }
    expect(await issuer.stores.users.find(user.id)).toBeDefined()
  })

  test('a form from another site or without a session deletes nothing (G3)', async () => {
    const { agent, user } = await person()
    const forged = await agent.submit(
      '/account/delete',
      { sure: 'yes' },
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    )
    expect(forged.status).toBe(403)
    expect(await issuer.stores.users.find(user.id)).toBeDefined()
    expect((await deleteAccount(issuer.browser())).location?.pathname).toBe('/login')
    expect((await issuer.browser().get('/account/delete')).location?.pathname).toBe('/login')
  })

  test('a new user may take the e-mail address of a deleted account and gets another id', async () => {
    const { agent, user } = await person()
    await deleteAccount(agent)
    const again = await issuer.user({ email: user.email })
    expect(again.id).not.toBe(user.id)
  })
})
