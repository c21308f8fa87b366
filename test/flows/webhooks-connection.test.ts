// A connection from the sign-in through Kakao or Google to its end, at the provider or here.
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { kakaoPerson } from '../../fakes/kakao-people.ts'
import { type ProviderId, through } from '../support/upstream.ts'
import { allAlive, allEnded, useWebhookIssuer } from '../support/webhook-issuer.ts'

const issuer = useWebhookIssuer({ sendWebhooks: true })
beforeEach(() => {
  issuer.kakao.knobs.faults = {}
  issuer.google.knobs.faults = {}
  // Two hours later, the limit on registrations of one network is over.
  issuer.clock.advance(7200)
})

let people = 7_000_000_000
const aPerson = (provider: ProviderId, emailCase: 'usable' | 'no_email' = 'usable'): string => {
  people += 1
  if (provider === 'kakao')
    issuer.kakao.people.push(kakaoPerson({ id: people, nickname: '김도장', emailCase }))
  else {
    const email = `person${people}@gmail.com`
    issuer.google.people.push({ id: String(people), name: '홍길동', email, emailVerified: true })
  }
  return String(people)
}

/** Signs the person in through the provider and gets tokens for a client. */
const signedIn = async (provider: 'kakao' | 'google', subject = aPerson(provider)) => {
  const agent = issuer.browser()
  const page = await through(agent, provider, subject)
  expect(page.location?.pathname).toBe('/account')
  const identity = await issuer.stores.identities.find(provider, subject)
  const id = identity?.userId ?? ''
  const client = await issuer.client()
  const user = { id, email: '', password: '' }
  const { accessToken, refreshToken } = await issuer.tokens(client, user, {}, agent)
  issuer.clock.advance(1)
  return { provider, subject, user, client, agent, accessToken, refreshToken }
}

/** Applies the signals. Moves on to the next second, because sessions of the same second end too. */
const applySignals = async () => {
  await issuer.app.signals.tick()
  issuer.clock.advance(1)
}

const deleteAccount = (agent: Awaited<ReturnType<typeof signedIn>>['agent']) =>
  agent.submit('/account/delete', { sure: 'yes' })

const provider = (id: 'kakao' | 'google') => ({ kakao: issuer.kakao, google: issuer.google })[id]
const auditEvents = (type: RegExp) =>
  issuer.logLines
    .flatMap((line) => (JSON.parse(line) as { audit?: { type: string; reason?: string } }).audit ?? [])
    .filter((event) => type.test(event.type))
    .map((event) => `${event.type} ${event.reason}`)

/** The level and the text of each line about work that will be tried again. */
const failures = () =>
  issuer.logLines
    .map((line) => JSON.parse(line) as { level: number; msg: string })
    .filter(({ msg }) => msg.endsWith('failed and will be tried again'))
    .map(({ level, msg }) => `${level === 50 ? 'error' : level === 40 ? 'warning' : level}: ${msg}`)

describe('a disconnection at the provider', () => {
  test.each([
    ['a new account', 'no_email'],
    ['the same account, because both sides verified its address', 'usable'],
  ] as const)(
    'a disconnection at Kakao ends the sign-in here, and the next sign-in opens %s (E14)',
    async (_next, emailCase) => {
      const member = await signedIn('kakao', aPerson('kakao', emailCase))
      const deliveries = await issuer.kakao.disconnect(member.subject)
      expect(deliveries.map(({ status }) => status)).toEqual([200, 202])
      await applySignals()
      expect(await issuer.isAlive(member)).toEqual(allEnded)
      expect((await issuer.refresh(member.client, member.refreshToken)).json.error).toBe('invalid_grant')
      expect(await issuer.stores.identities.find('kakao', member.subject)).toBeUndefined()

      const again = await signedIn('kakao', member.subject)
      expect(again.user.id === member.user.id).toBe(emailCase === 'usable')
      expect(await issuer.isAlive(again)).toEqual(allAlive)
    },
  )

  test('a disconnection at Google ends the sign-in here, and the next sign-in opens the same account (E13)', async () => {
    const member = await signedIn('google')
    const deliveries = await issuer.google.disconnect(member.subject)
    expect(deliveries.map(({ status }) => status)).toEqual([202])
    await applySignals()
    expect(await issuer.isAlive(member)).toEqual(allEnded)
    expect((await signedIn('google', member.subject)).user.id).toBe(member.user.id)
  })

  test('a daily check finds a disconnection at Kakao whose webhooks were lost (E14)', async () => {
    const member = await signedIn('kakao')
    const { webhooks } = issuer
    issuer.kakao.knobs.faults = {}
    webhooks.pause()
    await issuer.kakao.disconnect(member.subject)
    webhooks.resume()
    issuer.clock.advance(86_400)
    await issuer.app.checks.tick()
    await applySignals()
    expect(await issuer.stores.identities.find('kakao', member.subject)).toBeUndefined()
    expect(await issuer.isAlive(member)).toEqual(allEnded)
  })
})

describe('work that fails and is tried again', () => {
  test('a provider that is down causes warnings in the log, not errors (E14, I11)', async () => {
    const member = await signedIn('kakao')
    issuer.kakao.knobs.faults = { user: 'status_500' }
    issuer.clock.advance(86_401)
    await issuer.app.checks.tick()
    const leaving = await signedIn('google')
    issuer.google.knobs.faults = { revoke: 'status_500' }
    await deleteAccount(leaving.agent)
    await issuer.app.disconnectRequestWork.tick()
    expect(await issuer.stores.identities.find('kakao', member.subject)).toBeDefined()
    expect(failures()).toEqual([
      'warning: asking a provider about a connection failed and will be tried again',
      'warning: sending a disconnect request to a provider failed and will be tried again',
    ])
    issuer.google.knobs.faults = {}
    issuer.clock.advance(31)
    await issuer.app.disconnectRequestWork.tick()
  })

  test('a signal that the store does not apply causes an error in the log (E13)', async () => {
    const member = await signedIn('kakao')
    await issuer.kakao.disconnect(member.subject)
    const { users } = issuer.stores
    const change = vi.spyOn(users, 'change').mockRejectedValue(new Error('the store is down'))
    await applySignals()
    change.mockRestore()
    expect([...new Set(failures())]).toEqual([
      'error: applying a signal from a provider failed and will be tried again',
    ])
    issuer.clock.advance(61)
    await applySignals()
    expect(await issuer.isAlive(member)).toEqual(allEnded)
  })
})

describe('an account that is locked at the provider', () => {
  test.each(['kakao', 'google'] as const)(
    'a person whose account is locked at %s cannot sign in until it is unlocked (E13)',
    async (id) => {
      const member = await signedIn(id)
      const url = issuer.address(id === 'kakao' ? '/webhooks/kakao/events' : '/webhooks/google/risc')
      const send = (type: string) => provider(id).sendEvent(url, { type, person: member.subject })
      await send('account-disabled')
      await applySignals()
      expect(await issuer.isAlive(member)).toEqual(allEnded)

      const refused = await through(issuer.browser(), id, member.subject)
      expect(refused.status).toBe(303)
      expect(refused.location?.pathname).toBe('/login')
      expect(auditEvents(/login\.failed/)).toEqual([`login.failed ${id}: locked at the provider`])
      // The refused sign-in did not create a second account.
      expect((await issuer.stores.identities.find(id, member.subject))?.userId).toBe(member.user.id)

      await send('account-enabled')
      await applySignals()
      expect((await signedIn(id, member.subject)).user.id).toBe(member.user.id)
    },
  )
})

describe('the deletion of an account here', () => {
  test.each(['kakao', 'google'] as const)(
    'a deletion sends %s one disconnect request, and the person is unknown here afterwards (I11)',
    async (id) => {
      const member = await signedIn(id)
      expect(provider(id).connected()).toContain(member.subject)
      expect((await deleteAccount(member.agent)).status).toBe(200)
      expect(await issuer.isAlive(member)).toEqual(allEnded)
      expect(await issuer.stores.identities.find(id, member.subject)).toBeUndefined()

      await issuer.app.disconnectRequestWork.tick()
      expect(provider(id).connected()).not.toContain(member.subject)
      expect(auditEvents(/^disconnect_request/)).toEqual([`disconnect_request.sent ${id}`])
      provider(id).requests.length = 0
      issuer.clock.advance(86_400)
      await issuer.app.disconnectRequestWork.tick()
      expect(provider(id).requests).toEqual([])

      const again = await signedIn(id, member.subject)
      expect(again.user.id).not.toBe(member.user.id)
    },
  )

  test.each(['kakao', 'google'] as const)(
    'a user who can sign in only with %s has to do so again before a deletion (F18)',
    async (id) => {
      const member = await signedIn(id)
      issuer.clock.advance(301)
      expect((await deleteAccount(member.agent)).status).toBe(303)
      expect(await issuer.stores.users.find(member.user.id)).toBeDefined()
      expect((await member.agent.get('/login')).body).toContain(`action="/login/${id}"`)
      await through(member.agent, id, member.subject)
      expect((await deleteAccount(member.agent)).status).toBe(200)
      expect(await issuer.stores.users.find(member.user.id)).toBeUndefined()
    },
  )

  test('a deletion by an admin sends a disconnect request as well (I11)', async () => {
    const member = await signedIn('kakao')
    await issuer.app.operations['users.delete']({ user: member.user.id })
    await issuer.app.disconnectRequestWork.tick()
    expect(issuer.kakao.connected()).not.toContain(member.subject)
  })

  test.each([
    ['kakao', 'unlink', 'status_500'],
    ['kakao', 'unlink', 'reset'],
    ['kakao', 'unlink', 'reset_after_commit'],
    ['kakao', 'unlink', 'too_many_requests'],
    ['google', 'revoke', 'status_500'],
    ['google', 'revoke', 'reset_after_commit'],
  ] as const)(
    'a deletion succeeds although %s fails at %s with %s, and the disconnect request is sent later (I11)',
    async (id, endpoint, fault) => {
      const member = await signedIn(id)
      Object.assign(provider(id).knobs.faults, { [endpoint]: fault })
      expect((await deleteAccount(member.agent)).status).toBe(200)
      expect(await issuer.stores.users.find(member.user.id)).toBeUndefined()
      await issuer.app.disconnectRequestWork.tick()
      expect(auditEvents(/^disconnect_request/)).toEqual([])

      provider(id).knobs.faults = {}
      await issuer.app.disconnectRequestWork.tick()
      expect(auditEvents(/^disconnect_request/)).toEqual([])
      issuer.clock.advance(31)
      await issuer.app.disconnectRequestWork.tick()
      expect(auditEvents(/^disconnect_request/)).toEqual([`disconnect_request.sent ${id}`])
      expect(provider(id).connected()).not.toContain(member.subject)
    },
  )

  test('a person who signs in again before the disconnect request is sent stays connected (I11)', async () => {
    const member = await signedIn('kakao')
    await deleteAccount(member.agent)
    const again = await signedIn('kakao', member.subject)
    await issuer.app.disconnectRequestWork.tick()
    expect(issuer.kakao.connected()).toContain(member.subject)
    expect(await issuer.isAlive(again)).toEqual(allAlive)
  })

  test('a disconnection event that arrives after the deletion changes nothing (I11)', async () => {
    const member = await signedIn('kakao')
    await deleteAccount(member.agent)
    await issuer.app.disconnectRequestWork.tick()
    const url = issuer.address('/webhooks/kakao/events')
    const event = { type: 'user-unlinked', person: member.subject, reason: 'UNLINK_FROM_SERVICE' }
    expect((await issuer.kakao.sendEvent(url, event)).status).toBe(202)
    await applySignals()
    expect(auditEvents(/^signal/)).toEqual(['signal.ignored kakao: end_connection, no account'])
  })
})
