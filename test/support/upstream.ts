// An issuer with a fake Kakao, Google and Naver, and the steps of a browser that signs in through them.
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { type FakeGoogle, fakeGoogle } from '../../fakes/google.ts'
import { type FakeKakao, fakeKakao } from '../../fakes/kakao.ts'
import { type FakeNaver, fakeNaver } from '../../fakes/naver.ts'
import type { Browser, Page } from '../../harness/browser.ts'
import type { AuditRecord } from '../../src/audit.ts'
import { type TestClock, testClock } from './clock.ts'
import { type TestIssuer, type TestIssuerOptions, testIssuer } from './issuer.ts'
import { type ProviderPeople, providerPeople } from './provider-people.ts'

export type ProviderId = 'kakao' | 'google' | 'naver'

interface Started {
  issuer: TestIssuer
  clock: TestClock
  kakao: FakeKakao
  google: FakeGoogle
  naver: FakeNaver
}

export interface Upstream extends Started {
  people: ProviderPeople
  /** The newest 50 rows of the audit log, newest first. */
  auditRecords(): Promise<AuditRecord[]>
  /** The providers that are linked to the user's account. */
  linkedProviders(userId: string): Promise<string[]>
}

const secretOf = (provider: string) => `the-${provider}-secret`

const adminKey = 'the-admin-key'

const startUpstream = async (options: TestIssuerOptions): Promise<Started> => {
  const clock = testClock()
  const app = (provider: string) => ({ clientId: `${provider}-app`, clientSecret: secretOf(provider), clock })
  const kakao = await fakeKakao({ ...app('kakao'), adminKey })
  const google = await fakeGoogle(app('google'))
  const naver = await fakeNaver(app('naver'))
  const issuer = await testIssuer({
    ...options,
    clock,
    env: {
      KAKAO_CLIENT_ID: 'kakao-app',
      KAKAO_CLIENT_SECRET: secretOf('kakao'),
      KAKAO_ADMIN_KEY: adminKey,
      GOOGLE_CLIENT_ID: 'google-app',
      GOOGLE_CLIENT_SECRET: secretOf('google'),
      NAVER_CLIENT_ID: 'naver-app',
      NAVER_CLIENT_SECRET: secretOf('naver'),
      KAKAO_ORIGIN: kakao.origin,
      GOOGLE_ORIGIN: google.origin,
      NAVER_ORIGIN: naver.origin,
      ...options.env,
    },
  })
  return { issuer, clock, kakao, google, naver }
}

/** Starts one issuer with three providers for a test file. Resets every knob before each test. */
export const useUpstream = (options: TestIssuerOptions = {}): Upstream => {
  // The hook `beforeAll` adds the members of `Started`. Read them only in tests and hooks.
  const started = {} as Started
  const upstream: Upstream = Object.assign(started, {
    people: providerPeople(started),
    auditRecords: async () => {
      await started.issuer.app.auditTrail.flush()
      return started.issuer.stores.auditLog.list({ limit: 50 })
    },
    linkedProviders: async (userId: string) =>
      (await started.issuer.stores.identities.listOfUser(userId)).map(({ provider }) => provider),
  })
  beforeAll(async () => {
    Object.assign(upstream, await startUpstream(options))
  })
  beforeEach(() => {
    const { kakao, google, naver } = upstream
    const plain = { faults: {}, without: [], cancel: false, codeReuse: false, person: undefined }
    const keys = { verifierCheck: true, rotateKeysAtToken: false, idToken: undefined }
    Object.assign(kakao.knobs, plain, keys, { openIdConnect: true })
    Object.assign(google.knobs, plain, keys, {
      legacyIssuer: false,
      answerIssuer: 'https://accounts.google.com',
    })
    Object.assign(naver.knobs, plain)
    for (const { requests } of [kakao, google, naver]) requests.length = 0
    // Two hours later, the limit on registrations of a network and the pause between key fetches are over.
    upstream.clock.advance(7200)
  })
  afterAll(async () => {
    const { issuer, kakao, google, naver } = upstream
    await Promise.all([issuer?.close(), kakao?.close(), google?.close(), naver?.close()])
  })
  return upstream
}

/** The id of the parked authorization request in the page's form. */
export const requestOn = (page: Page): string | undefined =>
  /name="request" value="([^"]+)"/.exec(page.body)?.[1]

/** Presses the provider's button. Returns the authorization URL at the provider. */
export const start = async (
  agent: Browser,
  provider: ProviderId,
  fields: Record<string, string> = {},
): Promise<URL> => {
  const page = await agent.submit(`/login/${provider}`, fields)
  expect(page.status).toBe(303)
  if (page.location === undefined) throw new Error('The answer to the button has no Location header.')
  return page.location
}

/** The person agrees at the provider. Returns the callback URL with the code. */
export const agree = async (at: URL, person: string): Promise<URL> => {
  const url = new URL(at)
  url.searchParams.set('person', person)
  const response = await fetch(url, { redirect: 'manual' })
  const location = response.headers.get('location')
  if (location === null) throw new Error(`The provider shows a page (${response.status}).`)
  return new URL(location)
}

/** Opens the callback URL. Returns the callback's own answer and follows no redirect. */
export const comeBack = (agent: Browser, back: URL): Promise<Page> =>
  agent.get(`${back.pathname}${back.search}`)

/** The cookies of the browser's sign-ins in progress, each with its name. */
export const attemptCookies = (agent: Browser): [string, string][] =>
  [...agent.cookies].filter(([name]) => name.startsWith('__Host-dojang_upstream_'))

/** All cookies of the browser, for a request that it does not send itself. */
export const cookieHeader = (agent: Browser): string =>
  [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ')

/** A whole sign-in at the provider, from the button to the callback's answer. */
export const through = async (
  agent: Browser,
  provider: ProviderId,
  person: string,
  fields: Record<string, string> = {},
): Promise<Page> => comeBack(agent, await agree(await start(agent, provider, fields), person))

/** The id of the user who is signed in on this browser. */
export const signedInAs = async (agent: Browser): Promise<string | undefined> => {
  const cookie = agent.cookies.get('__Host-dojang_session')
  const account = await agent.get('/account')
  return account.status === 200 ? /^(usr_[\w-]{22})\./.exec(cookie ?? '')?.[1] : undefined
}
