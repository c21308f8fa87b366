import { describe, expect, test } from 'vitest'
import { type Fault, faults } from '../../fakes/faults.ts'
import { idTokenFaults } from '../../fakes/id-token.ts'
import {
  agree,
  comeBack,
  type ProviderId,
  requestOn,
  signedInAs,
  start,
  through,
  useUpstream,
} from '../support/upstream.ts'

const upstream = useUpstream()
const { people } = upstream

const problemOf = (page: Awaited<ReturnType<typeof through>>) => page.location?.searchParams.get('problem')

/** Expects a failed sign-in: the page and the audit log say so, and no log line contains a secret. */
const expectFailedSignIn = async (provider: ProviderId) => {
  const { issuer } = upstream
  const logged = issuer.logLines.length
  const agent = issuer.browser()
  const person = people.of(provider)
  const page = await through(agent, provider, person)
  expect(page.status).toBe(303)
  expect(page.location?.pathname).toBe('/login')
  expect(problemOf(page)).toMatch(/^provider_(failed|unavailable)$/)
  const shown = await agent.follow(page)
  expect([400, 503]).toContain(shown.status)
  expect(shown.body).toContain('role="alert"')
  expect(shown.body).toContain(`action="/login/${provider}"`)
  expect(await signedInAs(agent)).toBeUndefined()
  expect(agent.cookies.has('__Host-dojang_session')).toBe(false)
  expect(await issuer.stores.identities.find(provider, person)).toBeUndefined()
  const [event] = await upstream.auditRecords()
  expect(event).toMatchObject({ type: 'login.failed' })
  expect(event?.reason).toMatch(new RegExp(`^${provider}: `))
  const lines = issuer.logLines.slice(logged).join('')
  expect(lines).not.toMatch(/authorization code not found|ya29|eyJ/)
  return { page, shown, event }
}

/** `hang` lasts until the timeout of five seconds, so it has a test of its own. */
const quickFaults: readonly Fault[] = [...faults.filter((fault) => fault !== 'hang'), 'wrong_content_type']

const places = [
  { provider: 'kakao', endpoint: 'token' },
  { provider: 'kakao', endpoint: 'user' },
  { provider: 'google', endpoint: 'token' },
  { provider: 'naver', endpoint: 'token' },
  { provider: 'naver', endpoint: 'profile' },
] as const

describe.each(places)('a fault of $provider at $endpoint (F17)', ({ provider, endpoint }) => {
  test.each(quickFaults.map((fault) => [fault]))(
    `a sign-in fails if ${provider} fails at ${endpoint} with %s, and the next sign-in succeeds`,
    async (fault) => {
      Object.assign(upstream[provider].knobs.faults, { [endpoint]: fault })
      await expectFailedSignIn(provider)
      upstream[provider].knobs.faults = {}
      const agent = upstream.issuer.browser()
      await through(agent, provider, people.of(provider))
      expect(await signedInAs(agent)).toBeDefined()
    },
  )
})

describe('the ID token (F13)', () => {
  describe.each(['kakao', 'google'] as const)('of %s', (provider) => {
    test.each(idTokenFaults.map((fault) => [fault]))(
      `rejects an ID token of ${provider} with the fault %s`,
      async (fault) => {
        upstream[provider].knobs.idToken = fault
        const { page } = await expectFailedSignIn(provider)
        expect(problemOf(page)).toBe('provider_failed')
      },
    )

    test(`a sign-in succeeds although ${provider} rotates its keys before the callback`, async () => {
      const { issuer } = upstream
      // The issuer fetched the old keys a moment ago.
      await through(issuer.browser(), provider, people.of(provider))
      upstream[provider].knobs.rotateKeysAtToken = true
      for (let count = 0; count < 2; count += 1) {
        upstream.clock.advance(1)
        const agent = issuer.browser()
        await through(agent, provider, people.of(provider))
        expect(await signedInAs(agent)).toBeDefined()
      }
    })

    test(`does not fetch the key set of ${provider} at every sign-in`, async () => {
      for (let count = 0; count < 5; count += 1)
        await through(upstream.issuer.browser(), provider, people.of(provider))
      const asked = upstream[provider].requests.filter(({ endpoint }) => endpoint === 'jwks')
      expect(asked.length).toBeLessThanOrEqual(1)
    })

    test(`uses the known keys of ${provider} while its key set is unavailable, but not for two days`, async () => {
      const { issuer } = upstream
      await through(issuer.browser(), provider, people.of(provider))
      upstream[provider].knobs.faults = { jwks: 'status_500' }
      upstream.clock.advance(7200)
      const agent = issuer.browser()
      await through(agent, provider, people.of(provider))
      expect(await signedInAs(agent)).toBeDefined()
      upstream.clock.advance(86_400 * 2)
      const { page } = await expectFailedSignIn(provider)
      expect(problemOf(page)).toBe('provider_unavailable')
    })
  })

  test('refuses a sign-in without an ID token, as when OpenID Connect is off at Kakao', async () => {
    upstream.kakao.knobs.openIdConnect = false
    const { event } = await expectFailedSignIn('kakao')
    expect(event?.reason).toBe('kakao: there is no ID token')
  })

  test('accepts the old form of Google’s issuer', async () => {
    upstream.google.knobs.legacyIssuer = true
    const agent = upstream.issuer.browser()
    await through(agent, 'google', people.google())
    expect(await signedInAs(agent)).toBeDefined()
  })
})

describe('a provider that is down', () => {
  test.each([
    { provider: 'kakao', endpoint: 'token', fault: 'hang' },
    { provider: 'kakao', endpoint: 'user', fault: { delayMs: 20_000 } },
    { provider: 'google', endpoint: 'jwks', fault: 'hang' },
  ] as const)(
    'the page says within six seconds that $provider does not answer at $endpoint',
    async (place) => {
      const { issuer } = upstream
      const { provider, endpoint, fault } = place
      if (endpoint === 'jwks') upstream.clock.advance(86_400 * 2)
      Object.assign(upstream[provider].knobs.faults, { [endpoint]: fault })
      const client = await issuer.client()
      const agent = issuer.browser()
      const login = await agent.follow(await issuer.authorize(client, { ui_locales: 'ko' }, agent))
      const request = requestOn(login) ?? ''
      const person = people.of(provider)
      const back = await agree(await start(agent, provider, { request }), person)
      const began = performance.now()
      const shown = await agent.follow(await comeBack(agent, back))
      expect(performance.now() - began).toBeLessThan(6000)
      expect(shown.status).toBe(503)
      expect(shown.headers.get('retry-after')).toMatch(/^\d+$/)
      expect(shown.body).toContain('응답이 없어요')
      expect(requestOn(shown)).toBe(request)
      expect(await signedInAs(agent)).toBeUndefined()

      // The client's request stays parked, so the same page continues once the provider works again.
      upstream[provider].knobs.faults = {}
      upstream.clock.advance(60)
      const done = await agent.follow(await through(agent, provider, person, { request }))
      expect(done.location?.searchParams.get('code')).toBeTruthy()
    },
    20_000,
  )

  test('the error temporarily_unavailable of a provider counts as unavailable', async () => {
    const agent = upstream.issuer.browser()
    const back = await agree(await start(agent, 'google'), people.google())
    back.searchParams.delete('code')
    back.searchParams.set('error', 'temporarily_unavailable')
    expect(problemOf(await comeBack(agent, back))).toBe('provider_unavailable')
  })
})

describe('requests to providers (F17)', () => {
  test('Kakao gets the secret in the body, Google by Basic, both a PKCE verifier, and Naver gets the state', async () => {
    for (const provider of ['kakao', 'google', 'naver'] as const)
      await through(upstream.issuer.browser(), provider, people.of(provider))
    const tokenCall = (provider: ProviderId) => {
      const call = upstream[provider].requests.find(({ endpoint }) => endpoint === 'token')
      if (call === undefined) throw new Error(`The issuer sent no token request to ${provider}.`)
      return call
    }
    const kakao = tokenCall('kakao')
    expect(kakao.form.get('client_secret')).toBe('the-kakao-secret')
    expect(kakao.headers.authorization).toBeUndefined()
    expect(kakao.form.get('code_verifier')).toMatch(/^[\w-]{43}$/)
    const google = tokenCall('google')
    expect(google.headers.authorization).toMatch(/^Basic /)
    expect(google.form.get('code_verifier')).toMatch(/^[\w-]{43}$/)
    const naver = tokenCall('naver')
    expect(naver.form.get('state')).toMatch(/^[\w-]{43}$/)
  })

  test('a code from another sign-in of the same browser signs no one in, because the verifier differs', async () => {
    const agent = upstream.issuer.browser()
    const first = await agree(await start(agent, 'kakao'), people.kakao())
    const second = await agree(await start(agent, 'kakao'), people.kakao())
    // The attack: the code of one sign-in is injected into another one.
    second.searchParams.set('code', first.searchParams.get('code') ?? '')
    expect(problemOf(await comeBack(agent, second))).toBe('provider_failed')
    expect(await signedInAs(agent)).toBeUndefined()
  })

  test('no log line contains a code, a state or a client secret of a sign-in (H9)', async () => {
    const { issuer } = upstream
    const agent = issuer.browser()
    const secrets: string[] = []
    for (const provider of ['kakao', 'google', 'naver'] as const) {
      const back = await agree(await start(agent, provider), people.of(provider))
      secrets.push(back.searchParams.get('code') ?? '', back.searchParams.get('state') ?? '')
      await comeBack(agent, back)
      await comeBack(agent, back)
    }
    const log = issuer.logLines.join('')
    for (const secret of secrets) expect(log).not.toContain(secret)
    expect(log).not.toMatch(/the-(kakao|google|naver)-secret/)
  })
})
