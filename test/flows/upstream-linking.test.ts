import { describe, expect, test } from 'vitest'
import type { Browser, Page } from '../../harness/browser.ts'
import { randomToken } from '../../src/secrets.ts'
import { parkedRequestTtlSeconds } from '../../src/sessions/parked-request.ts'
import { agree, comeBack, requestOn, signedInAs, start, through, useUpstream } from '../support/upstream.ts'

const upstream = useUpstream()
const { people } = upstream

const anEmail = () => `${Buffer.from(randomToken(6)).toString('hex')}@gmail.com`
const stores = () => upstream.issuer.stores

/** An account with a password. */
const anAccount = (facts: { email?: string; emailVerified?: boolean } = {}) =>
  upstream.issuer.user({ email: anEmail(), ...facts })

const confirmationOn = (page: Page): string => page.location?.searchParams.get('confirmation') ?? ''

/** Signs in at the provider and expects the page that asks the user to confirm the link. */
const signInToConfirmation = async (
  agent: Browser,
  person: { provider: 'kakao' | 'google' | 'naver'; id: string },
) => {
  const page = await through(agent, person.provider, person.id)
  expect(page.location?.pathname).toBe('/login/link')
  const shown = await agent.follow(page)
  expect(shown.status).toBe(200)
  return { confirmation: confirmationOn(page), shown }
}

const passwordWorks = async ({ email, password }: { email: string; password: string }) =>
  (await upstream.issuer.json('/api/token', { email, password })).status === 200

describe('a sign-in at a provider with the address of an existing account (F10)', () => {
  test('links the identity at once if both sides verified the address', async () => {
    const user = await anAccount({ emailVerified: true })
    const agent = upstream.issuer.browser()
    const page = await through(agent, 'google', people.google({ email: user.email }))
    expect(page.location?.pathname).toBe('/account')
    expect(await signedInAs(agent)).toBe(user.id)
    expect(await upstream.linkedProviders(user.id)).toEqual(['google'])
    expect(await passwordWorks(user)).toBe(true)
    const types = (await upstream.auditRecords())
      .filter(({ userId }) => userId === user.id)
      .map(({ type }) => type)
    expect(types).toContain('identity.linked')
  })

  test('links nothing and signs no one in if the account is disabled, and the page says so', async () => {
    const user = await anAccount({ emailVerified: true })
    await stores().users.change(user.id, { disabledAt: upstream.clock.now() }, upstream.clock.now())
    const agent = upstream.issuer.browser()
    const page = await agent.follow(await through(agent, 'google', people.google({ email: user.email })))
    expect(page.status).toBe(403)
    expect(await signedInAs(agent)).toBeUndefined()
    expect(await upstream.linkedProviders(user.id)).toEqual([])
    expect((await upstream.auditRecords())[0]).toMatchObject({
      ...{ type: 'login.failed', userId: user.id, reason: 'google: disabled' },
    })
  })

  test.each([
    [
      'Google is not the host of the address',
      () => ({ provider: 'google' as const, facts: { emailVerified: true } }),
    ],
    [
      'Kakao has not verified the address',
      () => ({ provider: 'kakao' as const, facts: { emailCase: 'unverified' as const } }),
    ],
    [
      'another Kakao account has taken over the address',
      () => ({ provider: 'kakao' as const, facts: { emailCase: 'invalid' as const } }),
    ],
    ['the provider is Naver', () => ({ provider: 'naver' as const, facts: {} })],
  ])('links nothing and signs no one in before a confirmation if %s', async (_reason, make) => {
    const { provider, facts } = make()
    const user = await anAccount({ email: anEmail().replace('gmail.com', 'example.com') })
    const id = people[provider]({ email: user.email, ...facts })
    const agent = upstream.issuer.browser()
    const { shown } = await signInToConfirmation(agent, { provider, id })
    expect(shown.body).toContain(user.email)
    expect(await signedInAs(agent)).toBeUndefined()
    expect(await upstream.linkedProviders(user.id)).toEqual([])
    expect((await upstream.auditRecords())[0]).toMatchObject({ type: 'identity.refused', userId: user.id })
  })

  test('links the identity after the user enters the account’s password, and continues the client’s request', async () => {
    const { issuer } = upstream
    const client = await issuer.client()
    const user = await anAccount()
    const id = people.naver({ email: user.email.toUpperCase() })
    const agent = issuer.browser()
    const login = await agent.follow(await issuer.authorize(client, {}, agent))
    const back = await through(agent, 'naver', id, { request: requestOn(login) ?? '' })
    const confirmation = confirmationOn(back)
    const wrong = await agent.submit('/login/link', {
      confirmation,
      way: 'password',
      password: 'not the password',
    })
    expect(wrong.status).toBe(401)
    expect(wrong.body).toContain('That password isn’t right.')
    expect(await upstream.linkedProviders(user.id)).toEqual([])

    const empty = { confirmation, way: 'password', password: '' }
    for (let count = 0; count < 15; count += 1) {
      const { status, body } = await agent.submit('/login/link', empty)
      expect(status).toBe(422)
      expect(body).toMatch(
        /<p class="field-error" id="password-error" role="alert">Please enter your password/,
      )
    }

    const right = { confirmation, way: 'password', password: user.password }
    const done = await agent.follow(await agent.submit('/login/link', right))
    expect(done.location?.searchParams.get('code')).toBeTruthy()
    expect(await signedInAs(agent)).toBe(user.id)
    expect(await upstream.linkedProviders(user.id)).toEqual(['naver'])

    const fresh = issuer.browser()
    await through(fresh, 'naver', id)
    expect(await signedInAs(fresh)).toBe(user.id)
  })

  test('links the identity after the user signs in with another identity of the account', async () => {
    const { issuer } = upstream
    const email = anEmail()
    const kakaoId = people.kakao({ email })
    const first = issuer.browser()
    await through(first, 'kakao', kakaoId)
    const userId = (await signedInAs(first)) ?? ''

    const agent = issuer.browser()
    const { confirmation } = await signInToConfirmation(agent, {
      provider: 'naver',
      id: people.naver({ email }),
    })
    const done = await comeBack(agent, await agree(await start(agent, 'kakao', { confirmation }), kakaoId))
    expect(done.location?.pathname).toBe('/account')
    expect(await signedInAs(agent)).toBe(userId)
    expect(await upstream.linkedProviders(userId)).toEqual(['kakao', 'naver'])
  })

  test('an unknown identity does not confirm a link, and no account is created for it', async () => {
    const { issuer } = upstream
    const user = await anAccount()
    const agent = issuer.browser()
    const { confirmation } = await signInToConfirmation(agent, {
      provider: 'naver',
      id: people.naver({ email: user.email }),
    })
    const unknown = people.kakao()
    const page = await comeBack(agent, await agree(await start(agent, 'kakao', { confirmation }), unknown))
    expect(page.location?.searchParams.get('problem')).toBe('other_account')
    expect((await agent.follow(page)).body).toContain('doesn’t use this address')
    expect(await signedInAs(agent)).toBeUndefined()
    expect(await stores().identities.find('kakao', unknown)).toBeUndefined()
    expect(await upstream.linkedProviders(user.id)).toEqual([])
  })

  test('an identity of another account does not confirm a link', async () => {
    const { issuer } = upstream
    const user = await anAccount()
    const foreign = people.kakao({ emailCase: 'no_email' })
    await through(issuer.browser(), 'kakao', foreign)
    const agent = issuer.browser()
    const naver = people.naver({ email: user.email })
    const { confirmation } = await signInToConfirmation(agent, { provider: 'naver', id: naver })
    const page = await comeBack(agent, await agree(await start(agent, 'kakao', { confirmation }), foreign))
    expect(page.location?.searchParams.get('problem')).toBe('other_account')
    expect(await signedInAs(agent)).toBeUndefined()
    expect(await stores().identities.find('naver', naver)).toBeUndefined()
  })

  test('a link confirmation works once, in its own browser, for ten minutes', async () => {
    const { issuer, clock } = upstream
    const user = await anAccount()
    const agent = issuer.browser()
    const { confirmation } = await signInToConfirmation(agent, {
      provider: 'naver',
      id: people.naver({ email: user.email }),
    })
    const form = { confirmation, way: 'password', password: user.password }

    const elsewhere = issuer.browser()
    await start(elsewhere, 'naver')
    const foreign = await elsewhere.submit('/login/link', form)
    expect(foreign.location?.searchParams.get('problem')).toBe('provider_expired')
    expect(await upstream.linkedProviders(user.id)).toEqual([])

    expect((await agent.submit('/login/link', form)).location?.pathname).toBe('/account')
    const again = await agent.submit('/login/link', form)
    expect(again.location?.searchParams.get('problem')).toBe('provider_expired')

    const late = issuer.browser()
    const other = await anAccount()
    const second = await signInToConfirmation(late, {
      provider: 'naver',
      id: people.naver({ email: other.email }),
    })
    clock.advance(601)
    const tooLate = await late.submit('/login/link', {
      confirmation: second.confirmation,
      way: 'password',
      password: other.password,
    })
    expect(tooLate.location?.searchParams.get('problem')).toBe('provider_expired')
    expect(await upstream.linkedProviders(other.id)).toEqual([])
  })

  test('the links and buttons of the link page work although the client’s request has expired', async () => {
    const { issuer, clock } = upstream
    const email = anEmail()
    const kakaoId = people.kakao({ email })
    const first = issuer.browser()
    await through(first, 'kakao', kakaoId)
    const userId = await signedInAs(first)
    const agent = issuer.browser()
    const login = await agent.follow(await issuer.authorize(await issuer.client(), {}, agent))
    const request = requestOn(login) ?? ''
    clock.advance(parkedRequestTtlSeconds - 60)
    const back = await through(agent, 'naver', people.naver({ email }), { request })
    const shown = await agent.follow(back)
    expect(requestOn(shown)).toBe(request)
    expect(shown.body).toContain('href="/login?request=')

    clock.advance(61)
    const later = await agent.follow(back)
    expect(requestOn(later)).toBeUndefined()
    for (const path of ['/login', '/forgot-password']) {
      const href = new RegExp(`href="(${path}[?"][^"]*)"`).exec(later.body)?.[1]?.replaceAll('&amp;', '&')
      expect((await agent.get(href ?? 'no link')).status, path).toBe(200)
    }
    const confirmation = confirmationOn(back)
    await comeBack(agent, await agree(await start(agent, 'kakao', { confirmation }), kakaoId))
    expect(await signedInAs(agent)).toBe(userId)
  })

  test('a form from another site links nothing (G3)', async () => {
    const user = await anAccount()
    const agent = upstream.issuer.browser()
    const { confirmation } = await signInToConfirmation(agent, {
      provider: 'naver',
      id: people.naver({ email: user.email }),
    })
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    for (const way of ['password', 'take_over', 'apart']) {
      const page = await agent.submit('/login/link', { confirmation, way, password: user.password }, headers)
      expect(page.status).toBe(403)
    }
    expect(await upstream.linkedProviders(user.id)).toEqual([])
    expect(await signedInAs(agent)).toBeUndefined()
  })

  test('wrong passwords on the link page are throttled', async () => {
    const user = await anAccount()
    const agent = upstream.issuer.browser()
    const { confirmation } = await signInToConfirmation(agent, {
      provider: 'naver',
      id: people.naver({ email: user.email }),
    })
    const statuses = []
    for (let guess = 0; guess < 12; guess += 1)
      statuses.push(
        (await agent.submit('/login/link', { confirmation, way: 'password', password: 'x' })).status,
      )
    expect(statuses).toContain(429)
  })

  test('a person with an unverified address can create a new account without the address', async () => {
    const user = await anAccount()
    const id = people.naver({ email: user.email })
    const agent = upstream.issuer.browser()
    const { confirmation, shown } = await signInToConfirmation(agent, { provider: 'naver', id })
    expect(shown.body).toContain('value="apart"')
    expect(shown.body).not.toContain('value="take_over"')
    const done = await agent.submit('/login/link', { confirmation, way: 'apart' })
    expect(done.location?.pathname).toBe('/account')
    const own = (await signedInAs(agent)) ?? ''
    expect(own).not.toBe(user.id)
    expect((await stores().users.find(own))?.email).toBeUndefined()
  })

  test('a person with an unverified address cannot take over an account', async () => {
    const user = await anAccount({ emailVerified: false })
    const agent = upstream.issuer.browser()
    const { confirmation } = await signInToConfirmation(agent, {
      provider: 'naver',
      id: people.naver({ email: user.email }),
    })
    const page = await agent.submit('/login/link', { confirmation, way: 'take_over', sure: 'yes' })
    expect(page.status).toBe(409)
    expect(await signedInAs(agent)).toBeUndefined()
    expect(await passwordWorks(user)).toBe(true)
  })
})

describe('pre-hijacking (F10)', () => {
  /** An attacker registers an account with the victim's address, and links a Kakao identity to it. */
  const hijackedAccount = async () => {
    const { issuer } = upstream
    const victim = await anAccount({ emailVerified: false })
    const client = await issuer.client()
    const attacker = issuer.browser()
    const { refreshToken, accessToken } = await issuer.tokens(client, victim, {}, attacker)
    const attackerKakao = people.kakao({ emailCase: 'no_email' })
    await comeBack(attacker, await agree(await start(attacker, 'kakao', { purpose: 'link' }), attackerKakao))
    expect(await upstream.linkedProviders(victim.id)).toEqual(['kakao'])
    return { victim, client, attacker, refreshToken, accessToken, attackerKakao }
  }

  test('a takeover by the verified owner needs a tick, and removes the password, sessions, families and other identities', async () => {
    const { issuer } = upstream
    const { victim, client, attacker, refreshToken, accessToken, attackerKakao } = await hijackedAccount()
    upstream.clock.advance(60)
    const owner = issuer.browser()
    const id = people.google({ email: victim.email })
    const { confirmation, shown } = await signInToConfirmation(owner, { provider: 'google', id })
    expect(shown.body).toContain('value="take_over"')
    const unsure = await owner.submit('/login/link', { confirmation, way: 'take_over' })
    expect(unsure.status).toBe(422)
    expect(unsure.body).toContain('Please tick the box if you are sure.')
    expect(await signedInAs(owner)).toBeUndefined()
    expect(await passwordWorks(victim)).toBe(true)
    const done = await owner.submit('/login/link', { confirmation, way: 'take_over', sure: 'yes' })
    expect(done.location?.pathname).toBe('/account')
    expect(await signedInAs(owner)).toBe(victim.id)

    expect(await signedInAs(attacker)).toBeUndefined()
    expect(await passwordWorks(victim)).toBe(false)
    expect((await issuer.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
    expect((await issuer.bearer('/userinfo', accessToken)).status).toBe(401)
    expect(await upstream.linkedProviders(victim.id)).toEqual(['google'])
    const again = issuer.browser()
    await through(again, 'kakao', attackerKakao)
    expect(await signedInAs(again)).not.toBe(victim.id)
    const user = await stores().users.find(victim.id)
    expect(user).toMatchObject({ emailVerified: true })
    expect(user?.passwordHash).toBeUndefined()
    const events = (await upstream.auditRecords()).filter(({ userId }) => userId === victim.id)
    expect(events.map(({ type }) => type)).toContain('user.taken_over')
  })

  test('a takeover that is no longer possible is refused with the reason, even without the tick', async () => {
    const { victim } = await hijackedAccount()
    const owner = upstream.issuer.browser()
    const id = people.google({ email: victim.email })
    const { confirmation } = await signInToConfirmation(owner, { provider: 'google', id })
    await stores().users.change(victim.id, { emailVerified: true }, upstream.clock.now())
    const page = await owner.submit('/login/link', { confirmation, way: 'take_over' })
    expect(page.status).toBe(409)
    expect(page.body).toContain('class="alert"')
    expect(page.body).not.toContain('value="take_over"')
    expect(await signedInAs(owner)).toBeUndefined()
    expect(await passwordWorks(victim)).toBe(true)
  })

  test('a takeover of an account that was deleted before the confirmation is refused', async () => {
    const { victim } = await hijackedAccount()
    const owner = upstream.issuer.browser()
    const id = people.google({ email: victim.email })
    const { confirmation } = await signInToConfirmation(owner, { provider: 'google', id })
    await upstream.issuer.app.operations['users.delete']({ user: victim.id })
    const page = await owner.submit('/login/link', { confirmation, way: 'take_over', sure: 'yes' })
    expect(page.status).toBe(409)
    expect(await signedInAs(owner)).toBeUndefined()
  })

  test('a takeover ends even the sessions and families that started in the same second', async () => {
    const { issuer } = upstream
    const { victim, attacker, client, refreshToken } = await hijackedAccount()
    const owner = issuer.browser()
    const { confirmation } = await signInToConfirmation(owner, {
      provider: 'google',
      id: people.google({ email: victim.email }),
    })
    await owner.submit('/login/link', { confirmation, way: 'take_over', sure: 'yes' })
    expect(await signedInAs(attacker)).toBeUndefined()
    expect((await issuer.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
    expect(await signedInAs(owner)).toBe(victim.id)
  })

  test('an owner who knows the password can keep the account as it is', async () => {
    const user = await anAccount({ emailVerified: false })
    const agent = upstream.issuer.browser()
    const { confirmation } = await signInToConfirmation(agent, {
      provider: 'google',
      id: people.google({ email: user.email }),
    })
    await agent.submit('/login/link', { confirmation, way: 'password', password: user.password })
    expect(await signedInAs(agent)).toBe(user.id)
    expect(await passwordWorks(user)).toBe(true)
    expect((await stores().users.find(user.id))?.emailVerified).toBe(true)
  })

  test('a disabled account cannot be taken over', async () => {
    const { clock } = upstream
    const user = await anAccount({ emailVerified: false })
    await stores().users.change(user.id, { disabledAt: clock.now() }, clock.now())
    const agent = upstream.issuer.browser()
    const { confirmation } = await signInToConfirmation(agent, {
      provider: 'google',
      id: people.google({ email: user.email }),
    })
    const page = await agent.submit('/login/link', { confirmation, way: 'take_over', sure: 'yes' })
    expect(page.location?.searchParams.get('problem')).toBe('account_disabled')
    expect(await signedInAs(agent)).toBeUndefined()
    expect(await upstream.linkedProviders(user.id)).toEqual([])
  })
})
