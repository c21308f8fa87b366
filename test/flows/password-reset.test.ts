// Forgotten passwords: the request that tells nothing, the link in the mail, and what a new password ends.
import { describe, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { auditEvents, eventTypes } from '../support/audit-events.ts'
import { type Answer, type TestIssuer, testIssuer } from '../support/issuer.ts'
import { linkTo, mailKindsTo, mailsTo, tokenOf } from '../support/mailbox.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer({ env: { TRUSTED_PROXIES: '127.0.0.1' } })

const address = () => `${Buffer.from(randomToken(9)).toString('hex')}@example.com`
const password = 'wipe cactus ninety plaster'

let networks = 0
/** A network that no other request of this file used. */
const network = () => {
  networks += 1
  return { 'x-forwarded-for': `198.51.${networks >> 8}.${networks & 255}` }
}

const forgot = (email: string, headers: Record<string, string> = network(), on: TestIssuer = issuer) =>
  on.form('/forgot-password', { email }, { origin: on.url, ...headers })

const visible = ({ status, headers, body }: Answer, email: string) => ({
  status,
  body: body.replaceAll(email, 'EMAIL').replaceAll(/nonce(-|=")[A-Za-z0-9_-]+/g, 'NONCE'),
  headers: [...headers].filter(
    ([name]) => !['date', 'x-request-id', 'content-security-policy'].includes(name),
  ),
})

/** Asks for a link and opens it in a browser of its own. */
const opened = async (email: string) => {
  await forgot(email)
  const path = await linkTo(issuer, email, 'reset_password')
  const agent = issuer.browser()
  return { agent, path, page: await agent.follow(await agent.get(path)) }
}

/** Every kind of account that an attacker may ask about. */
const accounts = async (): Promise<Record<string, string>> => {
  const now = issuer.clock.now()
  const changes = {
    active: {},
    disabled: { disabledAt: now },
    'without a password': { passwordHash: null },
    unverified: { emailVerified: false },
  }
  const found = Object.entries(changes).map(async ([kind, change]) => {
    const { id, email } = await issuer.user({ email: address() })
    await issuer.stores.users.change(id, change, now)
    return [kind, email]
  })
  return { unknown: address(), ...Object.fromEntries(await Promise.all(found)) }
}

describe('the request for a link', () => {
  test('a request for a new password gets the same answer for every kind of account (F5)', async () => {
    const answers = []
    for (const email of Object.values(await accounts())) answers.push(visible(await forgot(email), email))
    expect(answers[0]?.status).toBe(303)
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  test('a throttled request for a new password gets the same answer for every kind of account (F5)', async () => {
    const answers = []
    for (const email of Object.values(await accounts())) {
      for (let count = 0; count < 3; count += 1) expect((await forgot(email)).status).toBe(303)
      const answer = await forgot(email)
      expect(Number(answer.headers.get('retry-after'))).toBe(1200)
      answers.push(visible(answer, email))
    }
    expect(answers[0]?.status).toBe(429)
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })

  test('one network may ask ten times at once, for any addresses (F5)', async () => {
    const from = network()
    for (let count = 0; count < 10; count += 1) expect((await forgot(address(), from)).status).toBe(303)
    expect((await forgot(address(), from)).status).toBe(429)
    expect((await forgot(address())).status).toBe(303)
  })

  test('only an active account with the address gets a mail, also one without a password (F19)', async () => {
    const kinds = await accounts()
    const got: Record<string, string[]> = {}
    for (const [kind, email] of Object.entries(kinds)) {
      await forgot(email)
      got[kind] = await mailKindsTo(issuer, email)
    }
    expect(got).toEqual({
      unknown: [],
      active: ['reset_password'],
      disabled: [],
      'without a password': ['reset_password'],
      unverified: ['reset_password'],
    })
  })

  test('a malformed address gets 422, and a form of another site gets 403 (G3)', async () => {
    expect((await forgot('not an address')).status).toBe(422)
    const { email } = await issuer.user({ email: address() })
    expect((await forgot(email, { origin: 'https://evil.example' })).status).toBe(403)
    expect(await mailsTo(issuer, email)).toEqual([])
  })

  test('the sign-in page offers a new password, and keeps the waiting request of the client', async () => {
    const agent = issuer.browser()
    const login = await agent.follow(await issuer.authorize(await issuer.client(), {}, agent))
    const [, href = ''] = /href="(\/forgot-password\?[^"]+)"/.exec(login.body) ?? []
    const page = await agent.get(href.replaceAll('&amp;', '&'))
    const request = /name="request" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const sent = await agent.follow(await agent.submit('/forgot-password', { email: address(), request }))
    expect(sent.body).toContain('Check your email')
    expect(sent.body).toContain(`href="/login?request=${encodeURIComponent(request)}`)
  })
})

describe('the link', () => {
  test('the token moves from the URL into a cookie at once, and the page shows only the address (G9)', async () => {
    const { email } = await issuer.user({ email: address() })
    await forgot(email)
    const path = await linkTo(issuer, email, 'reset_password')
    const agent = issuer.browser()
    const first = await agent.get(path)
    expect([first.status, first.location?.pathname, first.location?.search]).toEqual([
      303,
      '/reset-password',
      '',
    ])
    expect(first.headers.get('set-cookie')).toMatch(
      /__Host-.+; Max-Age=1800; Path=\/; HttpOnly; Secure; SameSite=Lax/,
    )
    expect(first.headers.get('referrer-policy')).toBe('no-referrer')
    const page = await agent.follow(first)
    expect(page.status).toBe(200)
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.body).toContain(email)
    expect(page.body).not.toContain(tokenOf(path))
    expect(page.body).not.toMatch(/(src|href)="https?:/)
  })

  test('a GET or a HEAD of a link changes nothing, however often a mail scanner opens it (G4)', async () => {
    const user = await issuer.user({ email: address() })
    await forgot(user.email)
    const path = await linkTo(issuer, user.email, 'reset_password')
    const before = await issuer.stores.users.find(user.id)
    for (let count = 0; count < 3; count += 1) {
      const scanner = issuer.browser()
      await scanner.follow(await scanner.get(path))
      expect((await issuer.send(path, { method: 'HEAD' })).status).toBe(405)
    }
    expect(await issuer.stores.users.find(user.id)).toEqual(before)
    const agent = issuer.browser()
    await agent.follow(await agent.get(path))
    expect((await agent.submit('/reset-password', { password })).status).toBe(303)
  })

  test('a link works once, in another browser than the one that asked (F19)', async () => {
    const user = await issuer.user({ email: address() })
    const { agent, path } = await opened(user.email)
    const other = issuer.browser()
    await other.follow(await other.get(path))
    const done = await agent.submit('/reset-password', { password })
    expect([done.status, done.location?.pathname]).toEqual([303, '/login'])
    expect((await agent.follow(done)).body).toContain('Password saved. Sign in with it.')
    for (const one of [agent, other])
      expect((await one.submit('/reset-password', { password: 'second choice of a thief' })).status).toBe(400)
    expect((await issuer.json('/api/token', { email: user.email, password })).status).toBe(200)
  })

  test('an expired link does nothing, and the page offers a new one (F19)', async () => {
    const user = await issuer.user({ email: address() })
    const { agent } = await opened(user.email)
    issuer.clock.advance(30 * 60)
    const page = await agent.submit('/reset-password', { password })
    expect(page.status).toBe(400)
    expect(page.body).toContain('href="/forgot-password?ui_locales=en"')
    expect((await issuer.json('/api/token', { email: user.email, password })).status).toBe(401)
  })

  test('a second request ends the first link (F19)', async () => {
    const { email } = await issuer.user({ email: address() })
    const first = await opened(email)
    const second = await opened(email)
    expect((await first.agent.submit('/reset-password', { password })).status).toBe(400)
    expect((await second.agent.submit('/reset-password', { password })).status).toBe(303)
  })

  test('a changed password, a changed address and a disabled account end the link (E4, F19)', async () => {
    for (const change of [{ passwordHash: 'x' }, { email: address() }, { disabledAt: issuer.clock.now() }]) {
      const user = await issuer.user({ email: address() })
      const { agent } = await opened(user.email)
      await issuer.stores.users.change(user.id, change, issuer.clock.now())
      const before = await issuer.stores.users.find(user.id)
      expect((await agent.submit('/reset-password', { password })).status).toBe(400)
      expect(await issuer.stores.users.find(user.id)).toEqual(before)
    }
  })

  test('a link for another purpose does not set a password, and no link means none (F19)', async () => {
    const user = await issuer.user({ email: address(), emailVerified: false })
    await issuer.app.operations['users.resend-confirmation']({ user: user.email })
    const confirmation = tokenOf(await linkTo(issuer, user.email, 'confirm_email'))
    const agent = issuer.browser()
    for (const token of [confirmation, randomToken(), 'x', '']) {
      agent.cookies.set('__Host-dojang_reset_password', token)
      expect((await agent.submit('/reset-password', { password })).status).toBe(400)
      expect((await agent.get('/reset-password')).status).toBe(400)
    }
    expect((await issuer.browser().submit('/reset-password', { password })).status).toBe(400)
  })

  test('a form of another site does not use the link (G3)', async () => {
    const user = await issuer.user({ email: address() })
    const { agent } = await opened(user.email)
    const forged = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    expect((await agent.submit('/reset-password', { password }, forged)).status).toBe(403)
    expect((await agent.submit('/reset-password', { password })).status).toBe(303)
  })

  test('a weak password is refused with a reason, and the link still works (F3)', async () => {
    const user = await issuer.user({ email: address() })
    const { agent } = await opened(user.email)
    const page = await agent.submit('/reset-password', { password: 'password1234567' })
    expect(page.status).toBe(422)
    expect(page.body).toContain('id="password-error"')
    expect((await agent.submit('/reset-password', { password })).status).toBe(303)
  })
})

describe('a new password', () => {
  test('a reset ends every session, family and access token, and the feed says so (E4)', async () => {
    const user = await issuer.user({ email: address() })
    const client = await issuer.client()
    const [browser, agent] = [issuer.browser(), issuer.browser()]
    const { accessToken, refreshToken } = await issuer.tokens(client, user, {}, browser)
    const inReset = await opened(user.email)
    await agent.submit('/login/password', { login: user.email, password: user.password })
    expect((await inReset.agent.submit('/reset-password', { password })).status).toBe(303)
    expect(await issuer.stores.sessions.listOfUser(user.id)).toEqual([])
    expect((await issuer.refresh(client, refreshToken)).json.error).toBe('invalid_grant')
    expect((await issuer.bearer('/userinfo', accessToken)).status).toBe(401)
    for (const one of [browser, agent]) expect((await one.get('/account')).location?.pathname).toBe('/login')
    const listed = await issuer.stores.blacklist.find([{ kind: 'sub', value: user.id }], issuer.clock.now())
    expect(listed).toHaveLength(1)
  })

  test('a reset signs nobody in, and the browser that made it becomes a known device (F19)', async () => {
    const user = await issuer.user({ email: address() })
    const { agent } = await opened(user.email)
    await agent.submit('/reset-password', { password })
    expect([...agent.cookies.keys()]).toEqual(['__Host-dojang_device'])
    expect((await agent.get('/account')).location?.pathname).toBe('/login')
  })

  test('the owner gets a notice, and the audit log names the reset without the address (F18)', async () => {
    const user = await issuer.user({ email: address() })
    const { agent } = await opened(user.email)
    await agent.submit('/reset-password', { password })
    expect(await mailKindsTo(issuer, user.email)).toEqual(['reset_password', 'password_changed'])
    expect(eventTypes(issuer, user.id)).toEqual(['password_reset.requested', 'user.password_changed'])
    expect(JSON.stringify(auditEvents(issuer, user.id))).not.toContain(user.email)
    expect(issuer.logLines.join()).not.toContain(user.email)
  })

  test('a reset verifies the address and removes the login methods of an unverified account (F10)', async () => {
    const user = await issuer.user({ email: address(), emailVerified: false })
    const person = { provider: 'kakao', subject: randomToken(8), emailVerified: false, userId: user.id }
    const now = issuer.clock.now()
    const read = (await issuer.stores.users.find(user.id)) ?? {}
    await issuer.stores.identities.link({ ...person, linkedAt: now, lastUsedAt: now }, read)
    const { agent } = await opened(user.email)
    await agent.submit('/reset-password', { password })
    expect((await issuer.stores.users.find(user.id))?.emailVerified).toBe(true)
    expect(await issuer.stores.identities.listOfUser(user.id)).toEqual([])
  })

  test('the page of a reset names what it removes, but only for an unverified account (F10)', async () => {
    const removes = 'saving also removes other ways to sign in and connected apps'
    const unverified = await opened((await issuer.user({ email: address(), emailVerified: false })).email)
    const refused = await unverified.agent.submit('/reset-password', { password: 'short' })
    expect(unverified.page.body).toContain(removes)
    expect(refused.body).toContain(removes)
    const korean = await unverified.agent.get('/reset-password?ui_locales=ko')
    expect(korean.body).toContain('연결한\u00a0앱도 함께 지워져요')
    const verified = await opened((await issuer.user({ email: address() })).email)
    expect(verified.page.body).not.toContain(removes)
  })
})

test('an issuer that sends no mail offers no new password', async () => {
  const silent = await testIssuer({ env: { ISSUER: 'https://id.example.com' } })
  expect((await silent.send('/login')).body).not.toContain('/forgot-password')
  for (const path of ['/forgot-password', '/reset-password', '/confirm-email', '/change-email'])
    expect((await silent.send(path)).status).toBe(404)
  await silent.close()
})
