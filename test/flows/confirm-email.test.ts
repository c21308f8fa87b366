// Confirmed addresses: the link after a sign-up, another link, and an installation that requires
// confirmation.
import { describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { auditEvents } from '../support/audit-events.ts'
import { linkTo, mailKindsTo, mailServer, mailsTo } from '../support/mailbox.ts'
import { useIssuer } from '../support/use-issuer.ts'

const optional = useIssuer({ env: { TRUSTED_PROXIES: '127.0.0.1', ...mailServer } })
const required = useIssuer({ env: { TRUSTED_PROXIES: '127.0.0.1', CONFIRM_EMAIL: 'required' } })

const address = () => `${Buffer.from(randomToken(9)).toString('hex')}@example.com`
const password = 'wipe cactus ninety plaster'

let networks = 0
const network = () => {
  networks += 1
  return { 'x-forwarded-for': `203.0.${networks >> 8}.${networks & 255}` }
}

/** Signs up on the page, and returns the path of the link in the mail. */
const signUp = async (issuer = optional) => {
  const email = address()
  const agent = issuer.browser()
  await agent.submit('/register', { email, password }, network())
  const path = await linkTo(issuer, email, 'confirm_email')
  const user = await issuer.stores.users.findByLogin(email)
  return { email, agent, path, user: { id: user?.id ?? '', email, password } }
}

const isVerified = async (id: string, issuer = optional) =>
  (await issuer.stores.users.find(id))?.emailVerified

describe('the link that confirms an address', () => {
  test('the button of the page confirms the address once, in another browser than the sign-up (F19)', async () => {
    const { path, user, email } = await signUp()
    const other = optional.browser()
    const page = await other.follow(await other.get(path))
    expect(page.body).toContain(email)
    const done = await other.submit('/confirm-email', {})
    expect(done.location?.pathname).toBe('/login')
    expect((await other.follow(done)).body).toContain('your email is confirmed')
    expect(await isVerified(user.id)).toBe(true)
    await other.follow(await other.get(path))
    expect((await other.submit('/confirm-email', {})).status).toBe(400)
    expect(auditEvents(optional, user.id).map(({ type }) => type)).toEqual([
      'user.registered',
      'email.confirmed',
    ])
  })

  test('a GET or a HEAD confirms nothing, and neither does a form of another site (G3, G4)', async () => {
    const { path, user } = await signUp()
    const agent = optional.browser()
    await agent.follow(await agent.get(path))
    await agent.get('/confirm-email')
    expect((await optional.send(path, { method: 'HEAD' })).status).toBe(405)
    const forged = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    expect((await agent.submit('/confirm-email', {}, forged)).status).toBe(403)
    expect(await isVerified(user.id)).toBe(false)
  })

  test('an expired link and a link after a changed password confirm nothing (E4, F19)', async () => {
    const late = await signUp()
    const changed = await signUp()
    await changed.agent.submit('/login/password', { login: changed.email, password }, network())
    const form = { current: password, password: 'another cactus ninety plaster' }
    expect((await changed.agent.submit('/account/password', form)).status).toBe(303)
    await changed.agent.get(changed.path)
    expect((await changed.agent.submit('/confirm-email', {})).status).toBe(400)
    await late.agent.get(late.path)
    optional.clock.advance(3600)
    expect((await late.agent.submit('/confirm-email', {})).status).toBe(400)
    for (const { user } of [late, changed]) expect(await isVerified(user.id)).toBe(false)
  })

  test('a link of another user confirms only the address of that user (F19)', async () => {
    const [mine, other] = [await signUp(), await signUp()]
    await mine.agent.submit('/login/password', { login: mine.email, password }, network())
    await mine.agent.get(other.path)
    const done = await mine.agent.submit('/confirm-email', {})
    expect(done.location?.pathname).toBe('/login')
    expect([await isVerified(mine.user.id), await isVerified(other.user.id)]).toEqual([false, true])
  })

  test('a user who is signed in continues on the account page, and stays signed in', async () => {
    const { agent, path, email } = await signUp()
    await agent.submit('/login/password', { login: email, password }, network())
    await agent.get(path)
    const done = await agent.submit('/confirm-email', {})
    expect(done.location?.pathname).toBe('/account')
    expect((await agent.follow(done)).body).toContain('your email is confirmed')
  })
})

describe('a sign-up', () => {
  test('the page after a sign-up signs nobody in and keeps the waiting request of the client (F5, F8)', async () => {
    const agent = optional.browser()
    const client = await optional.client()
    const register = await agent.follow(await optional.authorize(client, { prompt: 'create' }, agent))
    const request = /name="request" value="([^"]+)"/.exec(register.body)?.[1] ?? ''
    const email = address()
    const sent = await agent.submit('/register', { email, password, request }, network())
    expect([sent.status, sent.location?.pathname]).toEqual([303, '/register'])
    expect([...agent.cookies.keys()]).toEqual(['__Host-dojang_device'])
    const page = await agent.follow(sent)
    expect(page.body).toContain(`href="/login?request=${encodeURIComponent(request)}`)
    const done = await agent.submit('/login/password', { login: email, password, request }, network())
    expect((await agent.follow(done)).location?.searchParams.get('code')).toBeTruthy()
  })
})

describe('CONFIRM_EMAIL=required', () => {
  const unconfirmed = async () => {
    const signedUp = await signUp(required)
    const client = await required.client()
    const agent = required.browser()
    const page = await required.signInOn(agent, await required.authorize(client, {}, agent), signedUp.user)
    return { ...signedUp, client, agent, page }
  }

  test('a client gets no code until the user confirms, and then the waiting request continues (F5)', async () => {
    const { agent, page, path, email } = await unconfirmed()
    expect(page.status).toBe(200)
    expect(page.body).toContain('Confirm your email first')
    expect(page.body).toContain(email)
    const request = /name="request" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const early = await agent.submit('/unconfirmed', { doing: 'continue', request })
    expect([early.status, early.body.includes('isn’t confirmed yet')]).toEqual([403, true])

    const other = required.browser()
    await other.get(path)
    await other.submit('/confirm-email', {})
    const done = await agent.follow(await agent.submit('/unconfirmed', { doing: 'continue', request }))
    expect(done.location?.searchParams.get('code')).toBeTruthy()
  })

  test('prompt=none answers interaction_required for an unconfirmed address', async () => {
    const { agent, client } = await unconfirmed()
    const answer = await required.authorize(client, { prompt: 'none' }, agent)
    expect(answer.location?.searchParams.get('error')).toBe('interaction_required')
  })

  test('/api/token gives no tokens before the confirmation, and tokens after it', async () => {
    const { email, path } = await signUp(required)
    const logIn = () => required.json('/api/token', { email, password }, network())
    const refused = await logIn()
    expect([refused.status, refused.json.code]).toEqual([403, 'email_not_confirmed'])
    const agent = required.browser()
    await agent.get(path)
    await agent.submit('/confirm-email', {})
    expect((await logIn()).status).toBe(200)
  })

  test('the page sends the link again, at most three times in a row, and the newest link works (F19)', async () => {
    const { agent, email, path, page, user } = await unconfirmed()
    const request = /name="request" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const resend = () => agent.submit('/unconfirmed', { doing: 'resend', request }, network())
    const sent = await resend()
    expect((await agent.follow(sent)).body).toContain('We’ve sent the link again')
    expect((await resend()).status).toBe(303)
    const refused = await resend()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1200'])
    expect(await mailKindsTo(required, email)).toEqual(Array(3).fill('confirm_email'))
    await agent.get(path)
    expect((await agent.submit('/confirm-email', {})).status).toBe(400)
    await agent.get(await linkTo(required, email, 'confirm_email'))
    await agent.submit('/confirm-email', {})
    expect(await isVerified(user.id, required)).toBe(true)
  })

  test('a confirmed user and a user without an address are not asked', async () => {
    const client = await required.client()
    for (const change of [{}, { email: null, emailVerified: false }]) {
      const username = `u${Buffer.from(randomToken(6)).toString('hex')}`
      const user = await required.user({ username })
      await required.stores.users.change(user.id, change, required.clock.now())
      expect((await required.code(client, { ...user, email: username })).code).toBeTruthy()
    }
  })

  test('/unconfirmed sends a stranger to the sign-in, and a form of another site sends no mail (G3)', async () => {
    expect((await required.browser().get('/unconfirmed')).location?.pathname).toBe('/login')
    const { agent, email } = await unconfirmed()
    const before = (await mailsTo(required, email)).length
    const forged = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    expect((await agent.submit('/unconfirmed', { doing: 'resend' }, forged)).status).toBe(403)
    expect((await mailsTo(required, email)).length).toBe(before)
  })
})
