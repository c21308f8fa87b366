// A new e-mail address through a link, and the first password of an account that began at a provider.
import { describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { auditEvents, eventTypes } from '../support/audit-events.ts'
import { linkTo, mailKindsTo, mailsTo } from '../support/mailbox.ts'
import { signedInAs, through, useUpstream } from '../support/upstream.ts'

const upstream = useUpstream({ env: { TRUSTED_PROXIES: '127.0.0.1' } })
const { people } = upstream

const address = () => `c${Buffer.from(randomToken(9)).toString('hex')}@example.com`
const password = 'wipe cactus ninety plaster'

let networks = 0
const network = () => {
  networks += 1
  return { 'x-forwarded-for': `192.0.${networks >> 8}.${networks & 255}` }
}

const signedIn = async (facts: { emailVerified?: boolean } = {}) => {
  const { issuer } = upstream
  const user = await issuer.user({ email: address(), ...facts })
  const agent = issuer.browser()
  await agent.submit('/login/password', { login: user.email, password: user.password }, network())
  const ask = (email: string) => agent.submit('/account/email', { email }, network())
  const read = async () => issuer.stores.users.find(user.id)
  return { issuer, user, agent, ask, read }
}

/** A user who asked for a new address, and a second browser that has opened the link. */
const asked = async (facts: { emailVerified?: boolean } = {}) => {
  const person = await signedIn(facts)
  const email = address()
  expect((await person.ask(email)).status).toBe(303)
  const path = await linkTo(person.issuer, email, 'confirm_new_email')
  const other = person.issuer.browser()
  const page = await other.follow(await other.get(path))
  return { ...person, email, path, other, page }
}

describe('a new address', () => {
  test('the new address gets a link, and the old one a notice that masks the new one (F18, F19)', async () => {
    const { issuer, user, email, other, page, read } = await asked()
    expect(page.body).toContain(email)
    expect(page.body).toContain(user.email)
    expect((await read())?.email).toBe(user.email)
    const done = await other.submit('/change-email', { end_others: 'yes' })
    expect(done.location?.pathname).toBe('/login')
    expect(await read()).toMatchObject({ email, emailVerified: true })
    expect(await mailKindsTo(issuer, email)).toEqual(['confirm_new_email'])
    expect((await mailsTo(issuer, user.email)).at(-1)).toMatchObject({
      kind: 'email_changed',
      newEmail: email,
    })
    expect(eventTypes(issuer, user.id)).toContain('email.changed')
    expect(JSON.stringify(auditEvents(issuer, user.id))).not.toContain('@')
    const logIn = (login: string) =>
      issuer.json('/api/token', { email: login, password: user.password }, network())
    expect([(await logIn(user.email)).status, (await logIn(email)).status]).toEqual([401, 200])
  })

  test('the checkbox ends every session, except the one of the browser that confirms (E4)', async () => {
    const { issuer, user, agent, path, email } = await asked()
    const elsewhere = issuer.browser()
    await elsewhere.submit('/login/password', { login: user.email, password: user.password }, network())
    await agent.follow(await agent.get(path))
    const done = await agent.submit('/change-email', { end_others: 'yes' })
    expect((await agent.follow(done)).body).toContain(email)
    expect((await elsewhere.get('/account')).location?.pathname).toBe('/login')
  })

  test('without the checkbox the other sessions continue (E4)', async () => {
    const { agent, other } = await asked()
    await other.submit('/change-email', {})
    expect((await agent.get('/account')).status).toBe(200)
  })

  test('the page of the link leads to the account only if its user is signed in here', async () => {
    const { agent, path, page } = await asked()
    const close = 'If not, just close this page.'
    const here = await agent.follow(await agent.get(path))
    expect(here.body).toContain('href="/account?ui_locales=en">Keep my current email</a>')
    expect(here.body).not.toContain(close)
    const stranger = (await signedIn()).agent
    for (const { body } of [page, await stranger.follow(await stranger.get(path))]) {
      expect(body).toContain(close)
      expect(body).not.toContain('href="/account')
    }
  })

  test('a request for a new address needs a sign-in within the last five minutes (F18)', async () => {
    const { issuer, ask } = await signedIn()
    issuer.clock.advance(301)
    const email = address()
    const refused = await ask(email)
    expect(refused.location?.pathname + (refused.location?.search ?? '')).toContain(
      '/login?problem=reauthenticate',
    )
    expect(await mailsTo(issuer, email)).toEqual([])
  })

  test('a request for an address in use gets the same answer, and a mail tells its owner (F5)', async () => {
    const { issuer, user, ask } = await signedIn()
    const other = await issuer.user({ email: address() })
    const [free, taken] = [await ask(address()), await ask(other.email)]
    expect([taken.status, taken.location?.href]).toEqual([free.status, free.location?.href])
    expect(await mailKindsTo(issuer, other.email)).toEqual(['already_registered'])
    expect((await issuer.stores.users.find(user.id))?.email).toBe(user.email)
  })

  test('a link to an address that another user took in the meantime changes nothing (F19)', async () => {
    const { issuer, user, email, other, read } = await asked()
    await issuer.user({ email })
    expect((await other.submit('/change-email', { end_others: 'yes' })).status).toBe(400)
    expect((await read())?.email).toBe(user.email)
  })

  test('the link works once, not after an hour, and not after another change (E4, F19)', async () => {
    const used = await asked()
    expect((await used.other.submit('/change-email', {})).status).toBe(303)
    await used.other.get(used.path)
    expect((await used.other.submit('/change-email', {})).status).toBe(400)
    const late = await asked()
    late.issuer.clock.advance(3600)
    expect((await late.other.submit('/change-email', {})).status).toBe(400)
    const changed = await asked()
    const { issuer, user } = changed
    await issuer.app.operations['users.set-password']({ user: user.id, password })
    expect((await changed.other.submit('/change-email', {})).status).toBe(400)
    expect((await changed.read())?.email).toBe(user.email)
  })

  test('a GET changes nothing, and forms of another site do nothing (G3, G4)', async () => {
    const { issuer, user, agent, other, read } = await asked()
    const forged = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    expect((await other.submit('/change-email', {}, forged)).status).toBe(403)
    const email = address()
    expect((await agent.submit('/account/email', { email }, forged)).status).toBe(403)
    expect((await read())?.email).toBe(user.email)
    expect(await mailsTo(issuer, email)).toEqual([])
  })

  test('an unverified old address gets no notice, because it may belong to someone else (F18)', async () => {
    const { issuer, user, other, read } = await asked({ emailVerified: false })
    await other.submit('/change-email', {})
    expect((await read())?.emailVerified).toBe(true)
    expect(await mailsTo(issuer, user.email)).toEqual([])
  })

  test('the page of the link promises a notice only to a verified old address (F18)', async () => {
    const promise = 'The old one gets a message about the change.'
    expect((await asked()).page.body).toContain(`with the new address. ${promise}`)
    expect((await asked({ emailVerified: false })).page.body).not.toContain(promise)
    const { issuer, user, agent, ask } = await signedIn()
    await issuer.stores.users.change(user.id, { email: null }, issuer.clock.now())
    const email = address()
    await ask(email)
    const page = await agent.follow(await agent.get(await linkTo(issuer, email, 'confirm_new_email')))
    expect(page.body).toContain('You’ll sign in with the new address.')
    expect(page.body).not.toContain(promise)
  })

  test('the account page shows whether the address is confirmed, and sends another link (F19)', async () => {
    const { issuer, user, agent } = await signedIn({ emailVerified: false })
    expect((await agent.get('/account')).body).toContain('not confirmed')
    const done = await agent.submit('/account/email/resend', {}, network())
    expect((await agent.follow(done)).body).toContain('We’ve sent a link')
    await agent.follow(await agent.get(await linkTo(issuer, user.email, 'confirm_email')))
    const page = await agent.follow(await agent.submit('/confirm-email', {}))
    expect(page.body).toContain('>confirmed<')
  })

  test('a malformed address gets 422, and too many requests get 429 with Retry-After', async () => {
    const { agent, ask } = await signedIn()
    expect((await ask('nonsense')).status).toBe(422)
    const email = address()
    for (let count = 0; count < 3; count += 1) expect((await ask(email)).status).toBe(303)
    const refused = await agent.submit('/account/email', { email }, network())
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1200'])
  })
})

describe('the first password of an account that began at a provider', () => {
  const byGoogle = async () => {
    const { issuer } = upstream
    const email = `${address().split('@')[0]}@gmail.com`
    const agent = issuer.browser()
    await through(agent, 'google', people.google({ email }))
    return { issuer, agent, email, userId: (await signedInAs(agent)) ?? '' }
  }

  test('a user sets it shortly after a sign-in, gets a notice, and can sign in with it (F18)', async () => {
    const { issuer, agent, email } = await byGoogle()
    expect((await agent.get('/account')).body).toContain('action="/account/password/set"')
    const done = await agent.submit('/account/password/set', { password })
    expect((await agent.follow(done)).body).toContain('Your password is set')
    expect(await mailKindsTo(issuer, email)).toEqual(['password_changed'])
    expect((await issuer.json('/api/token', { email, password }, network())).status).toBe(200)
  })

  test('it needs a recent sign-in, a good password and our own form (F3, F18, G3)', async () => {
    const { issuer, agent, userId } = await byGoogle()
    expect((await agent.submit('/account/password/set', { password: 'short' })).status).toBe(422)
    const forged = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    expect((await agent.submit('/account/password/set', { password }, forged)).status).toBe(403)
    issuer.clock.advance(301)
    const late = await agent.submit('/account/password/set', { password })
    expect(late.location?.search).toContain('problem=reauthenticate')
    expect((await issuer.stores.users.find(userId))?.passwordHash).toBeUndefined()
  })

  test('it never replaces a password, and an account without a name to sign in with has no form (F18)', async () => {
    const { issuer, user, agent } = await signedIn()
    expect((await agent.submit('/account/password/set', { password })).location?.pathname).toBe('/account')
    expect((await issuer.json('/api/token', { email: user.email, password }, network())).status).toBe(401)
    const nameless = issuer.browser()
    await through(nameless, 'kakao', people.kakao({ emailCase: 'no_email' }))
    expect((await nameless.get('/account')).body).not.toContain('/account/password/set')
    expect((await nameless.submit('/account/password/set', { password })).location?.pathname).toBe('/account')
  })

  test('a link for a forgotten password also sets it, and the provider stays linked (F19)', async () => {
    const { issuer, email, userId } = await byGoogle()
    const agent = issuer.browser()
    await agent.submit('/forgot-password', { email }, network())
    await agent.follow(await agent.get(await linkTo(issuer, email, 'reset_password')))
    expect((await agent.submit('/reset-password', { password })).status).toBe(303)
    expect((await issuer.json('/api/token', { email, password }, network())).status).toBe(200)
    expect(await upstream.linkedProviders(userId)).toEqual(['google'])
  })
})

describe('a link for a new address that an attacker asked for', () => {
  const lastStep = async (path: string) => {
    const other = upstream.issuer.browser()
    await other.follow(await other.get(path))
    return other.submit('/change-email', { end_others: 'yes' }, network())
  }

  test('is dead after the owner of the address has taken the account over (F10, F19)', async () => {
    const { issuer, clock } = upstream
    const email = address().replace('example.com', 'gmail.com')
    // The account has no password, and its address is not verified.
    const attacker = issuer.browser()
    await through(attacker, 'naver', people.naver({ email }))
    const theirs = address()
    expect((await attacker.submit('/account/email', { email: theirs }, network())).status).toBe(303)
    const path = await linkTo(issuer, theirs, 'confirm_new_email')

    clock.advance(60)
    const owner = issuer.browser()
    const page = await through(owner, 'google', people.google({ email }))
    const confirmation = page.location?.searchParams.get('confirmation') ?? ''
    await owner.submit('/login/link', { confirmation, way: 'take_over', sure: 'yes' })
    const id = await signedInAs(owner)
    expect(id).toBeDefined()

    expect((await lastStep(path)).status).toBe(400)
    expect(await issuer.stores.users.findByLogin(email)).toMatchObject({ id, emailVerified: true })
    expect(await issuer.stores.users.findByLogin(theirs)).toBeUndefined()
  })

  test.each(['end', 'end-others'])(
    'is dead after the user has ended the session by %s (E3, F19)',
    async (form) => {
      const { issuer, ask, user, read } = await signedIn()
      const theirs = address()
      await ask(theirs)
      const path = await linkTo(issuer, theirs, 'confirm_new_email')
      const [thief] = await issuer.stores.sessions.listOfUser(user.id)
      const owner = issuer.browser()
      await owner.submit('/login/password', { login: user.email, password: user.password }, network())
      const ended = await owner.submit(`/account/sessions/${form}`, { session: thief?.id ?? '' }, network())
      expect(ended.status).toBe(303)
      expect(await issuer.stores.sessions.listOfUser(user.id)).toHaveLength(1)
      expect((await lastStep(path)).status).toBe(400)
      expect((await read())?.email).toBe(user.email)
    },
  )

  test.each(['all sessions', 'the session'])(
    'is dead after an admin has ended %s of the user (E3, F19)',
    async (what) => {
      const { issuer, ask, user, read } = await signedIn()
      const theirs = address()
      await ask(theirs)
      const path = await linkTo(issuer, theirs, 'confirm_new_email')
      const [session] = await issuer.stores.sessions.listOfUser(user.id)
      const ended = what === 'the session' ? { id: session?.id ?? '' } : { user: user.id }
      expect(await issuer.app.operations['sessions.revoke'](ended)).toMatchObject({ ended_sessions: 1 })
      expect((await lastStep(path)).status).toBe(400)
      expect((await read())?.email).toBe(user.email)
    },
  )
})
