// A client with the policy "one session": a new sign-in ends the other sessions in which it has tokens.
import { describe, expect, test } from 'vitest'
import { publishedName } from '../../src/revocation/feed-entries.ts'
import { auditEvents } from '../support/audit-events.ts'
import { interruptedStores } from '../support/interrupted-stores.ts'
import { claimsOf, type TestClient, type TestUser } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'
import { useIssuer } from '../support/use-issuer.ts'

const interrupted = interruptedStores(memoryStores())
const issuer = useIssuer({ stores: interrupted.stores })

const works = async (access: string) => (await issuer.bearer('/api/users/me', access)).status === 200

/** A client of /api/token that allows one session, as an app with its own origin. */
const player = async () => {
  const origin = `https://${Math.random().toString(36).slice(2)}.example`
  const client = await issuer.client({ oneSession: true, origins: [origin] })
  const signIn = async ({ email, password }: TestUser) => {
    const answer = await issuer.json('/api/token', { email, password }, { origin })
    const { access, refresh } = answer.json
    return { status: answer.status, access: String(access), refresh: String(refresh) }
  }
  return { client, signIn }
}

const refreshes = async (refresh: string) =>
  (await issuer.json('/api/token/refresh', { refresh })).status === 200

describe('a second sign-in at /api/token', () => {
  test('ends the first one: its access token, its refresh token and its session (E5)', async () => {
    const { client, signIn } = await player()
    const user = await issuer.user()
    const [first, second] = [await signIn(user), await signIn(user)]
    expect([await works(first.access), await refreshes(first.refresh)]).toEqual([false, false])
    expect([await works(second.access), await refreshes(second.refresh)]).toEqual([true, true])
    const sessions = await issuer.stores.sessions.listOfUser(user.id)
    expect(sessions.map(({ families }) => families)).toEqual([
      [{ familyId: claimsOf(second.access).sid, clientId: client.id }],
    ])
  })

  test('is in the revocation feed and in the audit log (E8, I4)', async () => {
    const { client, signIn } = await player()
    const user = await issuer.user()
    const [first, second] = [await signIn(user), await signIn(user)]
    issuer.clock.advance(2)
    const feed = claimsOf((await issuer.send('/.well-known/revocations')).body)
    const revoked = (feed.revoked as { sid: Record<string, unknown> }).sid
    expect(revoked).toHaveProperty([publishedName('sid', String(claimsOf(first.access).sid))])
    expect(revoked).not.toHaveProperty([publishedName('sid', String(claimsOf(second.access).sid))])
    expect(auditEvents(issuer, user.id).filter(({ type }) => type === 'session.ended')).toEqual([
      expect.objectContaining({
        actor: 'system',
        clientId: client.id,
        reason: 'another sign-in of a client that allows one session',
      }),
    ])
  })

  test('ends nothing of another user, and nothing of a client that allows many sessions', async () => {
    const { signIn } = await player()
    const [jane, john] = [await issuer.user(), await issuer.user()]
    const signInMany = async () =>
      String((await issuer.json('/api/token', { email: jane.email, password: jane.password })).json.access)
    const [johns, one, two] = [await signIn(john), await signInMany(), await signInMany()]
    await signIn(jane)
    await signIn(jane)
    expect(await Promise.all([works(johns.access), works(one), works(two)])).toEqual([true, true, true])
  })

  test('ends a sign-in that joined earlier and has not finished, and keeps its own tokens (E5)', async () => {
    const { signIn } = await player()
    const user = await issuer.user()
    await signIn(user)
    let later: Awaited<ReturnType<typeof signIn>> | undefined
    interrupted.before('sessions.end', async () => {
      later = await signIn(user)
    })
    const earlier = await signIn(user)
    if (later === undefined) throw new Error('The second sign-in did not run inside the first one.')
    expect([await works(earlier.access), await refreshes(earlier.refresh)]).toEqual([false, false])
    expect([await works(later.access), await refreshes(later.refresh)]).toEqual([true, true])
    expect(await issuer.stores.sessions.listOfUser(user.id)).toHaveLength(1)
  })

  test('leaves exactly one session if eight sign-ins run at once (E5)', async () => {
    const { signIn } = await player()
    const user = await issuer.user()
    const all = await Promise.all(Array.from({ length: 8 }, () => signIn(user)))
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200))
    const alive = await Promise.all(
      all.map(async ({ access, refresh }) => [await works(access), await refreshes(refresh)]),
    )
    expect(alive.filter(([access]) => access)).toHaveLength(1)
    expect(alive.filter(([, refresh]) => refresh)).toHaveLength(1)
    expect(await issuer.stores.sessions.listOfUser(user.id)).toHaveLength(1)
  })
})

describe('a second sign-in on the pages', () => {
  const silently = async (client: TestClient, agent: ReturnType<typeof issuer.browser>) =>
    (await issuer.authorize(client, { prompt: 'none' }, agent)).location?.searchParams.get('error')

  test('ends the other browser, which must sign in again, with the tokens of other clients there (E5)', async () => {
    const [one, many] = [await issuer.client({ oneSession: true }), await issuer.client()]
    const user = await issuer.user()
    const [laptop, phone] = [issuer.browser(), issuer.browser()]
    const onLaptop = await issuer.tokens(one, user, {}, laptop)
    const beside = await issuer.tokens(many, user, {}, laptop)
    const onPhone = await issuer.tokens(one, user, {}, phone)
    expect(await Promise.all([onLaptop, beside, onPhone].map((tokens) => works(tokens.accessToken)))).toEqual(
      [false, false, true],
    )
    expect((await issuer.refresh(one, onLaptop.refreshToken)).json.error).toBe('invalid_grant')
    expect((await issuer.refresh(many, beside.refreshToken)).json.error).toBe('invalid_grant')
    expect((await issuer.refresh(one, onPhone.refreshToken)).status).toBe(200)
    // Without this the two browsers would end each other in turn, and nobody would notice.
    expect(await silently(one, laptop)).toBe('login_required')
    expect(await silently(one, phone)).toBeNull()
  })

  test('leaves a session in which the client has no tokens', async () => {
    const [one, many] = [await issuer.client({ oneSession: true }), await issuer.client()]
    const user = await issuer.user()
    const [laptop, phone] = [issuer.browser(), issuer.browser()]
    const beside = await issuer.tokens(many, user, {}, laptop)
    await issuer.tokens(one, user, {}, phone)
    expect(await works(beside.accessToken)).toBe(true)
    expect(await silently(many, laptop)).toBeNull()
  })

  test('counts when the client gets tokens, also without a new password in a second browser', async () => {
    const [one, many] = [await issuer.client({ oneSession: true }), await issuer.client()]
    const user = await issuer.user()
    const [laptop, phone] = [issuer.browser(), issuer.browser()]
    await issuer.tokens(many, user, {}, laptop)
    const onPhone = await issuer.tokens(one, user, {}, phone)
    const onLaptop = await issuer.tokens(one, user, {}, laptop)
    expect([await works(onPhone.accessToken), await works(onLaptop.accessToken)]).toEqual([false, true])
  })

  test('leaves earlier tokens of the same browser, so that two tabs do not end each other', async () => {
    const client = await issuer.client({ oneSession: true })
    const [user, agent] = [await issuer.user(), issuer.browser()]
    const tabs = [await issuer.tokens(client, user, {}, agent), await issuer.tokens(client, user, {}, agent)]
    expect(await Promise.all(tabs.map((tokens) => works(tokens.accessToken)))).toEqual([true, true])
  })
})

test('a refresh ends no other session, also after the policy changed', async () => {
  const client = await issuer.client()
  const user = await issuer.user()
  const [one, two] = [await issuer.tokens(client, user), await issuer.tokens(client, user)]
  await issuer.stores.clients.change(client.id, { oneSession: true })
  expect((await issuer.refresh(client, two.refreshToken)).status).toBe(200)
  expect((await issuer.refresh(client, one.refreshToken)).status).toBe(200)
})
