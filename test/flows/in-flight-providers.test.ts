// A request is in flight while an account is taken over, or while a provider is unlinked. It gets nothing.
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import type { Browser } from '../../harness/browser.ts'
import { createKnownDevices } from '../../src/passwords/known-device.ts'
import { randomToken } from '../../src/secrets.ts'
import { Unavailable } from '../../src/unavailable.ts'
import { interruptedStores } from '../support/interrupted-stores.ts'
import type { TestUser } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { agree, comeBack, signedInAs, start, through, useUpstream } from '../support/upstream.ts'

const interrupted = interruptedStores(memoryStores())
const keyEncryptionKeys = [randomBytes(32)]
const upstream = useUpstream({ stores: interrupted.stores, keyEncryptionKeys })
const { people } = upstream

// An interruption that no request reached would make its test pass for nothing.
afterEach(() => expect(interrupted.takeUnreached()).toEqual([]))

const anEmail = () => `${Buffer.from(randomToken(6)).toString('hex')}@gmail.com`

/** An account with the address of somebody else, and the Google identity of the owner of the address. */
const hijackedAccount = async () => {
  const user = await upstream.issuer.user({ email: anEmail(), emailVerified: false })
  return { user, google: people.google({ email: user.email }) }
}

/** The owner of the address takes the account over. Returns the owner's browser. */
const takeOver = async ({ google }: { google: string }) => {
  const owner = upstream.issuer.browser()
  const page = await through(owner, 'google', google)
  const confirmation = page.location?.searchParams.get('confirmation') ?? ''
  await owner.submit('/login/link', { confirmation, way: 'take_over', sure: 'yes' })
  return owner
}

const signIn = (agent: Browser, { email, password }: TestUser) =>
  agent.submit('/login/password', { login: email, password })

/** Runs `request` while the account is taken over. Expects that only the owner has access afterwards. */
const expectOnlyOwner = async (
  { user, google }: Awaited<ReturnType<typeof hijackedAccount>>,
  [when, call]: readonly ['before' | 'after', string],
  request: (intruder: Browser) => Promise<unknown>,
) => {
  const intruder = upstream.issuer.browser()
  let owner: Browser | undefined
  interrupted[when](call, async () => {
    owner = await takeOver({ google })
  })
  await request(intruder)
  expect(await signedInAs(intruder)).toBeUndefined()
  if (owner === undefined) throw new Error('The account was not taken over.')
  expect(await signedInAs(owner)).toBe(user.id)
  expect(await upstream.linkedProviders(user.id)).toEqual(['google'])
  expect((await upstream.issuer.stores.users.find(user.id))?.passwordHash).toBeUndefined()
}

describe('a takeover by the owner of the address', () => {
  test.each([
    ['after', 'users.findByLogin'],
    ['before', 'sessions.start'],
    ['after', 'sessions.start'],
    ['after', 'users.find'],
  ] as const)('leaves nothing to a sign-in by password that is in flight %s %s (F10)', async (...moment) => {
    const account = await hijackedAccount()
    await expectOnlyOwner(account, moment, (intruder) => signIn(intruder, account.user))
  })

  test.each([
    ['after', 'identities.find'],
    ['before', 'identities.use'],
    ['after', 'identities.use'],
    ['before', 'sessions.start'],
    ['after', 'sessions.start'],
  ] as const)(
    'leaves nothing to a sign-in by a provider that is in flight %s %s (F10)',
    async (...moment) => {
      const account = await hijackedAccount()
      const kakao = people.kakao({ emailCase: 'no_email' })
      const before = upstream.issuer.browser()
      await signIn(before, account.user)
      await comeBack(before, await agree(await start(before, 'kakao', { purpose: 'link' }), kakao))
      expect(await upstream.linkedProviders(account.user.id)).toEqual(['kakao'])
      await expectOnlyOwner(account, moment, (intruder) => through(intruder, 'kakao', kakao))
      const again = upstream.issuer.browser()
      await through(again, 'kakao', kakao)
      expect(await signedInAs(again)).not.toBe(account.user.id)
    },
  )

  test('leaves no login method that its creator is linking (F10)', async () => {
    const account = await hijackedAccount()
    const kakao = people.kakao({ emailCase: 'no_email' })
    await expectOnlyOwner(account, ['before', 'identities.link'], async (intruder) => {
      await signIn(intruder, account.user)
      await comeBack(intruder, await agree(await start(intruder, 'kakao', { purpose: 'link' }), kakao))
    })
  })

  test('leaves no login method that its creator is confirming with the password (F10)', async () => {
    const account = await hijackedAccount()
    const naver = people.naver({ email: account.user.email })
    await expectOnlyOwner(account, ['before', 'identities.link'], async (intruder) => {
      const page = await through(intruder, 'naver', naver)
      const confirmation = page.location?.searchParams.get('confirmation') ?? ''
      const { password } = account.user
      await intruder.submit('/login/link', { confirmation, way: 'password', password })
    })
  })

  test('leaves no access token that its creator gets just before the change (F10)', async () => {
    const { issuer } = upstream
    const account = await hijackedAccount()
    const { email, password } = account.user
    let access: unknown
    interrupted.before('identities.takeOver', async () => {
      access = (await issuer.json('/api/token', { email, password })).json.access
    })
    await takeOver(account)
    expect(access).toBeDefined()
    expect((await issuer.bearer('/api/users/me', String(access))).status).toBe(401)
  })

  test('leaves no access token even if a store fails just after the change (F10)', async () => {
    const { issuer } = upstream
    const account = await hijackedAccount()
    const { accessToken } = await issuer.tokens(await issuer.client(), account.user)
    interrupted.after('identities.takeOver', async () => {
      throw new Unavailable('a store of the test')
    })
    await takeOver(account)
    expect((await issuer.bearer('/userinfo', accessToken)).status).toBe(401)
    const again = upstream.issuer.browser()
    await through(again, 'google', account.google)
    expect(await signedInAs(again)).toBe(account.user.id)
  })

  test('that failed halfway succeeds when the owner sends the form again (F10)', async () => {
    const { user, google } = await hijackedAccount()
    const owner = upstream.issuer.browser()
    const page = await through(owner, 'google', google)
    const confirmation = page.location?.searchParams.get('confirmation') ?? ''
    interrupted.after('identities.takeOver', async () => {
      throw new Unavailable('a store of the test')
    })
    const submit = () => owner.submit('/login/link', { confirmation, way: 'take_over', sure: 'yes' })
    expect((await submit()).status).toBe(503)
    await submit()
    expect(await signedInAs(owner)).toBe(user.id)
  })

  test('leaves no device of its creator known, also after a new password is set (F10)', async () => {
    const { issuer, clock } = upstream
    const account = await hijackedAccount()
    const { id } = account.user
    const intruder = issuer.browser()
    await signIn(intruder, account.user)
    const mark = intruder.cookies.get('__Host-dojang_device')
    const isKnown = async () => {
      const user = await issuer.stores.users.find(id)
      return createKnownDevices(keyEncryptionKeys).find(mark, user, clock.now()) !== undefined
    }
    expect(await isKnown()).toBe(true)
    await takeOver(account)
    expect(await isKnown()).toBe(false)
    await issuer.app.operations['users.set-password']({ user: id, password: randomToken(16) })
    expect(await isKnown()).toBe(false)
  })

  test('leaves no password that its creator is setting (F10)', async () => {
    const account = await hijackedAccount()
    const { user } = account
    await expectOnlyOwner(account, ['before', 'users.changePassword'], async (intruder) => {
      await signIn(intruder, user)
      await intruder.submit('/account/password', { current: user.password, password: randomToken(16) })
    })
  })

  test('leaves no consent, name, role or claim of the account’s creator (F10)', async () => {
    const { issuer } = upstream
    const account = await hijackedAccount()
    const { id } = account.user
    const role = `role-${randomToken(6)}`
    await issuer.app.operations['roles.create']({ name: role, scopes: [] })
    const members = { username: `squatter-${id.slice(-6)}`, name: 'Squatter', claims: { premium: true } }
    await issuer.stores.users.change(id, { ...members, roles: ['user', role] }, issuer.clock.now())
    const client = await issuer.client({ firstParty: false })
    const intruder = issuer.browser()
    const question = await issuer.signInOn(
      intruder,
      await issuer.authorize(client, {}, intruder),
      account.user,
    )
    const request = /name="request" value="([^"]+)"/.exec(question.body)?.[1] ?? ''
    await intruder.submit('/consent', { request, decision: 'allow' })
    expect(await issuer.stores.consents.listOfUser(id)).toHaveLength(1)

    const owner = await takeOver(account)
    const silent = await issuer.authorize(client, { prompt: 'none' }, owner)
    expect(silent.location?.searchParams.get('error')).toBe('consent_required')
    const { email } = account.user
    const user = await issuer.stores.users.find(id)
    expect(user).toMatchObject({ id, email, emailVerified: true, name: '홍길동', roles: ['user'] })
    expect(user).toMatchObject({ claims: {}, onboarded: false })
    expect(user?.username).toBeUndefined()
  })
})

describe('two requests about one person at the same time', () => {
  test('an address that changes during a sign-in is not marked as verified (F9)', async () => {
    const { issuer } = upstream
    const user = await issuer.user({ email: anEmail(), emailVerified: true })
    const google = people.google({ email: user.email })
    await through(issuer.browser(), 'google', google)
    await issuer.stores.users.change(user.id, { emailVerified: false }, issuer.clock.now())
    const email = anEmail()
    interrupted.before('users.verifyEmail', () =>
      issuer.app.operations['users.update']({ user: user.id, email }),
    )
    const agent = issuer.browser()
    await through(agent, 'google', google)
    expect(await signedInAs(agent)).toBe(user.id)
    expect(await issuer.stores.users.find(user.id)).toMatchObject({ email, emailVerified: false })
  })

  test('two first sign-ins of a person lead to one account (F9)', async () => {
    const [one, two] = [upstream.issuer.browser(), upstream.issuer.browser()]
    const person = people.google()
    interrupted.before('identities.register', () => through(two, 'google', person))
    await through(one, 'google', person)
    expect(await signedInAs(one)).toBeDefined()
    expect(await signedInAs(one)).toBe(await signedInAs(two))
  })

  test('a sign-in links the identity although the sessions of the account end just before (F10)', async () => {
    const user = await upstream.issuer.user({ email: anEmail(), emailVerified: true })
    const agent = upstream.issuer.browser()
    interrupted.before('identities.link', () =>
      upstream.issuer.app.operations['sessions.revoke']({ user: user.id }),
    )
    await through(agent, 'google', people.google({ email: user.email }))
    expect(await upstream.linkedProviders(user.id)).toEqual(['google'])
    expect(await signedInAs(agent)).toBe(user.id)
  })

  test('a sign-in during the deletion of its account starts a new account (F18)', async () => {
    const person = people.google()
    const first = upstream.issuer.browser()
    await through(first, 'google', person)
    const deleted = (await signedInAs(first)) ?? ''
    const agent = upstream.issuer.browser()
    interrupted.after('identities.find', () =>
      upstream.issuer.app.operations['users.delete']({ user: deleted }),
    )
    await through(agent, 'google', person)
    const user = await signedInAs(agent)
    expect(user).toBeDefined()
    expect(user).not.toBe(deleted)
  })

  test('a takeover is refused if the address of the account is verified just before (F10)', async () => {
    const { issuer, clock } = upstream
    const { user, google } = await hijackedAccount()
    interrupted.before('identities.takeOver', () =>
      issuer.stores.users.change(user.id, { emailVerified: true }, clock.now()),
    )
    const owner = await takeOver({ google })
    expect(await signedInAs(owner)).toBeUndefined()
    expect(await upstream.linkedProviders(user.id)).toEqual([])
    expect((await issuer.json('/api/token', { email: user.email, password: user.password })).status).toBe(200)
  })
})

describe('an identity that is removed or locked during a sign-in with it', () => {
  const member = async () => {
    const agent = upstream.issuer.browser()
    const subject = people.kakao({ emailCase: 'no_email' })
    await through(agent, 'kakao', subject)
    const userId = (await signedInAs(agent)) ?? ''
    const google = people.google()
    await comeBack(agent, await agree(await start(agent, 'google', { purpose: 'link' }), google))
    expect(await upstream.linkedProviders(userId)).toEqual(['google', 'kakao'])
    return { agent, subject, userId }
  }
  type Member = Awaited<ReturnType<typeof member>>

  const signal = async ({ subject }: Member, action: 'end_connection' | 'disable') => {
    const { issuer, clock } = upstream
    const now = clock.now()
    const facts = { id: randomToken(8), provider: 'kakao', subject, action }
    await issuer.stores.providerSignals.enqueue({ ...facts, occurredAt: now, receivedAt: now })
    await issuer.app.signals.tick()
  }
  const unlink = ({ agent, subject }: Member) =>
    agent.submit('/account/identities/unlink', { provider: 'kakao', subject })

  test.each([
    ['after', 'identities.find'],
    ['before', 'identities.use'],
  ] as const)('does not come back if the user unlinks it %s %s (F10)', async (when, call) => {
    const person = await member()
    const other = upstream.issuer.browser()
    interrupted[when](call, () => unlink(person))
    const page = await through(other, 'kakao', person.subject)
    expect(page.location?.searchParams.get('problem')).toBe('provider_expired')
    expect(await signedInAs(other)).toBeUndefined()
    expect(await upstream.linkedProviders(person.userId)).toEqual(['google'])
    expect(await signedInAs(person.agent)).toBe(person.userId)
  })

  const moments = ['identities.find', 'users.find', 'identities.use', 'sessions.start'] as const
  for (const action of ['end_connection', 'disable'] as const)
    test.each(moments)(
      `gives no session if the provider sends ${action} just after %s (E13)`,
      async (call) => {
        const person = await member()
        const other = upstream.issuer.browser()
        interrupted.after(call, () => signal(person, action))
        await through(other, 'kakao', person.subject)
        expect(await signedInAs(other)).toBeUndefined()
        expect(await signedInAs(person.agent)).toBeUndefined()
      },
    )

  test.each(['sessions.endAll', 'identities.lock'] as const)(
    'gives no session to a sign-in that starts just after %s of an end_connection (E13)',
    async (call) => {
      const person = await member()
      const other = upstream.issuer.browser()
      interrupted.after(call, () => through(other, 'kakao', person.subject))
      await signal(person, 'end_connection')
      expect(await signedInAs(other)).toBeUndefined()
      expect(await upstream.linkedProviders(person.userId)).toEqual(['google'])
    },
  )

  test('a lock of before stays if the provider sends an end_connection that is outdated (E13)', async () => {
    const { issuer, clock } = upstream
    const person = await member()
    const now = clock.now()
    clock.advance(10)
    await through(issuer.browser(), 'kakao', person.subject)
    await signal(person, 'disable')
    const facts = { id: randomToken(8), provider: 'kakao', subject: person.subject }
    await issuer.stores.providerSignals.enqueue({
      ...facts,
      action: 'end_connection',
      occurredAt: now,
      receivedAt: now,
    })
    await issuer.app.signals.tick()
    const identity = await issuer.stores.identities.find('kakao', person.subject)
    expect(identity?.lockedAt).toEqual(clock.now())
  })
})
