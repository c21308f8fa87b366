import { describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { agree, comeBack, signedInAs, start, through, useUpstream } from '../support/upstream.ts'

const upstream = useUpstream()
const { people } = upstream
const stores = () => upstream.issuer.stores

const withPassword = async () => {
  const { issuer } = upstream
  const user = await issuer.user()
  const agent = issuer.browser()
  await issuer.signInOn(agent, await agent.get('/login'), user)
  return { agent, user }
}

const withKakaoOnly = async () => {
  const agent = upstream.issuer.browser()
  const subject = people.kakao({ emailCase: 'no_email' })
  await through(agent, 'kakao', subject)
  return { agent, subject, userId: (await signedInAs(agent)) ?? '' }
}

const link = { purpose: 'link' }

describe('linking a provider to an account', () => {
  test('the account page offers the providers that are not linked and lists those that are', async () => {
    const { agent, user } = await withPassword()
    const before = await agent.get('/account')
    expect(before.body).toContain('Connect Kakao')
    const done = await agent.follow(await through(agent, 'kakao', people.kakao(), link))
    expect(done.body).toContain('Connected. You can sign in with it from now on.')
    expect(done.body).toContain('aria-label="Disconnect Kakao"')
    expect(done.body).not.toContain('Connect Kakao')
    expect(done.body).toContain('Connect Google')
    expect(await upstream.linkedProviders(user.id)).toEqual(['kakao'])
    const events = await upstream.auditRecords()
    expect(events[0]).toMatchObject({ type: 'identity.linked', userId: user.id, reason: 'kakao' })
  })

  test('linking a provider that verified the account’s own address marks the address as verified', async () => {
    const { issuer } = upstream
    const user = await issuer.user({ email: 'own-address@gmail.com', emailVerified: false })
    const agent = issuer.browser()
    await issuer.signInOn(agent, await agent.get('/login'), user)
    await through(agent, 'google', people.google({ email: 'Own-Address@gmail.com' }), link)
    expect((await stores().users.find(user.id))?.emailVerified).toBe(true)
  })

  test.each([
    ['the provider did not verify the address', { emailVerified: false }],
    ['the provider verified another address', { email: 'not-this-account@gmail.com' }],
  ])('linking leaves the address of the account unverified if %s (F11)', async (_, facts) => {
    const { issuer } = upstream
    const email = `${randomToken(6).toLowerCase().replaceAll(/[_-]/g, 'x')}@gmail.com`
    const user = await issuer.user({ email, emailVerified: false })
    const agent = issuer.browser()
    await issuer.signInOn(agent, await agent.get('/login'), user)
    const google = people.google({ email, ...facts })
    await through(agent, 'google', google, link)
    expect(await upstream.linkedProviders(user.id)).toEqual(['google'])
    expect((await stores().users.find(user.id))?.emailVerified).toBe(false)
    // A sign-in with the identity follows the same rule.
    await through(issuer.browser(), 'google', google)
    expect((await stores().users.find(user.id))?.emailVerified).toBe(false)
  })

  test('refuses to link an identity that belongs to another account, and says so', async () => {
    const { subject, userId } = await withKakaoOnly()
    const { agent, user } = await withPassword()
    const page = await agent.follow(await through(agent, 'kakao', subject, link))
    expect(page.body).toContain('already connected to another account')
    expect(await upstream.linkedProviders(user.id)).toEqual([])
    expect(await upstream.linkedProviders(userId)).toEqual(['kakao'])
    expect(await signedInAs(agent)).toBe(user.id)
    expect((await upstream.auditRecords())[0]).toMatchObject({
      ...{ type: 'identity.refused', userId: user.id, reason: 'kakao: linked to another account' },
    })
  })

  test('linking requires a sign-in within the last five minutes (F18)', async () => {
    const { agent, user } = await withPassword()
    upstream.clock.advance(301)
    const page = await agent.submit('/login/kakao', link)
    expect(page.location?.searchParams.get('problem')).toBe('reauthenticate')
    expect((await agent.follow(page)).body).toContain('confirm once more that it’s you')
    await agent.submit('/login/password', { login: user.email, password: user.password })
    await through(agent, 'kakao', people.kakao(), link)
    expect(await upstream.linkedProviders(user.id)).toEqual(['kakao'])
  })

  test('a signed-in user who signs in again has to sign in at the provider again', async () => {
    const { agent } = await withPassword()
    expect((await start(agent, 'kakao')).searchParams.get('prompt')).toBe('login')
    expect((await start(agent, 'google')).searchParams.get('prompt')).toBe('select_account')
    expect((await start(agent, 'naver')).searchParams.get('auth_type')).toBe('reauthenticate')
    expect((await start(upstream.issuer.browser(), 'kakao')).searchParams.has('prompt')).toBe(false)
  })

  test('links the identity to no account if another user signs in on the browser before the callback', async () => {
    const { issuer } = upstream
    const { agent, user } = await withPassword()
    const subject = people.kakao()
    const back = await agree(await start(agent, 'kakao', link), subject)
    const other = await issuer.user()
    await issuer.signInOn(agent, await agent.get('/login'), other)
    const page = await comeBack(agent, back)
    expect(page.location?.searchParams.get('problem')).toBe('provider_expired')
    expect(await upstream.linkedProviders(user.id)).toEqual([])
    expect(await upstream.linkedProviders(other.id)).toEqual([])
    expect(await stores().identities.find('kakao', subject)).toBeUndefined()
  })

  test('redirects a browser without a session to the sign-in page', async () => {
    const page = await upstream.issuer.browser().submit('/login/kakao', link)
    expect(page.location?.pathname).toBe('/login')
  })

  test('a user who cancels the link at the provider returns to the account page, which reports it', async () => {
    const { agent, user } = await withPassword()
    upstream.kakao.knobs.cancel = true
    const page = await through(agent, 'kakao', people.kakao(), link)
    expect(page.location?.pathname).toBe('/account')
    expect((await agent.follow(page)).body).toContain('You cancelled at Kakao')
    expect(await upstream.linkedProviders(user.id)).toEqual([])
  })
})

describe('unlinking a provider from an account', () => {
  const unlink = (subject: string, provider = 'kakao') => ({ provider, subject })

  test('an unlinked identity no longer signs in to the account', async () => {
    const { agent, subject, userId } = await withKakaoOnly()
    await through(agent, 'google', people.google(), link)
    const page = await agent.follow(await agent.submit('/account/identities/unlink', unlink(subject)))
    expect(page.body).toContain('Disconnected')
    expect(await upstream.linkedProviders(userId)).toEqual(['google'])
    expect((await upstream.auditRecords())[0]).toMatchObject({
      type: 'identity.unlinked',
      userId,
      reason: 'kakao',
    })
    const again = upstream.issuer.browser()
    await through(again, 'kakao', subject)
    expect(await signedInAs(again)).not.toBe(userId)
  })

  test('sends a disconnect request after unlinking, but not if the identity stayed or came back', async () => {
    const { issuer, kakao } = upstream
    const { agent, subject } = await withKakaoOnly()
    await agent.submit('/account/identities/unlink', unlink(subject))
    await issuer.app.disconnectRequestWork.tick()
    expect(kakao.connected()).toContain(subject)

    await through(agent, 'google', people.google(), link)
    await agent.submit('/account/identities/unlink', unlink(subject))
    await through(issuer.browser(), 'kakao', subject)
    await issuer.app.disconnectRequestWork.tick()
    expect(kakao.connected()).toContain(subject)

    const second = await withKakaoOnly()
    await through(second.agent, 'google', people.google(), link)
    await second.agent.submit('/account/identities/unlink', unlink(second.subject))
    await issuer.app.disconnectRequestWork.tick()
    expect(kakao.connected()).not.toContain(second.subject)
  })

  test('the last login method cannot be unlinked, and the account page does not offer it (F18)', async () => {
    const { agent, subject, userId } = await withKakaoOnly()
    expect((await agent.get('/account')).body).not.toContain('aria-label="Disconnect Kakao"')
    const page = await agent.submit('/account/identities/unlink', unlink(subject))
    expect(page.status).toBe(409)
    expect(page.body).toContain('This is your only way to sign in')
    expect(await upstream.linkedProviders(userId)).toEqual(['kakao'])
  })

  test('unlinking requires a sign-in within the last five minutes (F18)', async () => {
    const { agent, user } = await withPassword()
    const subject = people.kakao()
    await through(agent, 'kakao', subject, link)
    upstream.clock.advance(301)
    const page = await agent.submit('/account/identities/unlink', unlink(subject))
    expect(page.location?.searchParams.get('problem')).toBe('reauthenticate')
    expect(await upstream.linkedProviders(user.id)).toEqual(['kakao'])
  })

  test('a form from another site unlinks nothing (G3)', async () => {
    const { agent, user } = await withPassword()
    const subject = people.kakao()
    await through(agent, 'kakao', subject, link)
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    expect((await agent.submit('/account/identities/unlink', unlink(subject), headers)).status).toBe(403)
    expect(await upstream.linkedProviders(user.id)).toEqual(['kakao'])
  })

  test('a GET unlinks nothing, and a user cannot unlink an identity of another account (G4)', async () => {
    const { userId, subject } = await withKakaoOnly()
    const { agent } = await withPassword()
    expect((await agent.get(`/account/identities/unlink?provider=kakao&subject=${subject}`)).status).toBe(405)
    await agent.submit('/account/identities/unlink', unlink(subject))
    expect(await upstream.linkedProviders(userId)).toEqual(['kakao'])
  })
})

describe('disconnecting at the provider', () => {
  test('Google’s refresh token is stored encrypted, and no token of Kakao or Naver is stored (F17)', async () => {
    const { issuer } = upstream
    const { agent, user } = await withPassword()
    const google = people.google()
    await through(agent, 'google', google, link)
    await through(agent, 'kakao', people.kakao(), link)
    await through(agent, 'naver', people.naver(), link)
    const identities = await stores().identities.listOfUser(user.id)
    const sealed = identities.find(({ provider }) => provider === 'google')?.encryptedToken
    expect(sealed).toMatch(/^v1\.[\w-]+$/)
    expect(sealed).not.toContain('1//')
    for (const { provider, encryptedToken } of identities)
      if (provider !== 'google') expect(encryptedToken).toBeUndefined()
    expect(issuer.logLines.join('')).not.toMatch(/1\/\/|ya29/)
  })

  test('deleting the account disconnects it at Kakao and Google (I11)', async () => {
    const { issuer } = upstream
    const { agent, user } = await withPassword()
    const [google, kakao] = [people.google(), people.kakao()]
    await through(agent, 'google', google, link)
    await through(agent, 'kakao', kakao, link)
    expect(upstream.google.connected()).toContain(google)
    expect(upstream.kakao.connected()).toContain(kakao)
    expect(await stores().users.delete(user.id, upstream.clock.now())).toBe(true)
    await issuer.app.disconnectRequestWork.tick()
    expect(upstream.google.connected()).not.toContain(google)
    expect(upstream.kakao.connected()).not.toContain(kakao)
  })
})
