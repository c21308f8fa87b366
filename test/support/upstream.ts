// An issuer with the three providers in fakes, and a browser that signs in through them.
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { type FakeGoogle, fakeGoogle } from '../../fakes/google.ts'
import { type FakeKakao, fakeKakao } from '../../fakes/kakao.ts'
import { type FakeNaver, fakeNaver } from '../../fakes/naver.ts'
import type { Browser, Page } from '../../harness/browser.ts'
import type { AuditRecord } from '../../src/audit.ts'
import { type TestClock, testClock } from './clock.ts'
import { type TestIssuer, type TestIssuerOptions, testIssuer } from './issuer.ts'

export type ProviderId = 'kakao' | 'google' | 'naver'

export interface Upstream {
  issuer: TestIssuer
  clock: TestClock
  kakao: FakeKakao
  google: FakeGoogle
  naver: FakeNaver
}

const secretOf = (provider: string) => `the-${provider}-secret`

export const adminKey = 'the-admin-key'

const openUpstream = async (options: TestIssuerOptions): Promise<Upstream> => {
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

/** One for the file; every knob is back in its place before each test. */
export const useUpstream = (options: TestIssuerOptions = {}): Upstream => {
  const upstream = {} as Upstream
  beforeAll(async () => {
    Object.assign(upstream, await openUpstream(options))
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
    // Sign-ups of one network are throttled, and a refused key set is asked for again only after a while.
    upstream.clock.advance(7200)
  })
  afterAll(async () => {
    const { issuer, kakao, google, naver } = upstream
    await Promise.all([issuer?.close(), kakao?.close(), google?.close(), naver?.close()])
  })
  return upstream
}

/** The id that the page carries along for the client's request. */
export const requestOn = (page: Page): string | undefined =>
  /name="request" value="([^"]+)"/.exec(page.body)?.[1]

/** Presses the provider's button; where the provider would be asked. */
export const start = async (
  agent: Browser,
  provider: ProviderId,
  fields: Record<string, string> = {},
): Promise<URL> => {
  const page = await agent.submit(`/login/${provider}`, fields)
  expect(page.status).toBe(303)
  if (page.location === undefined) throw new Error('The button leads nowhere.')
  return page.location
}

/** At the provider, as the person: back with what it gives. */
export const agree = async (at: URL, person: string): Promise<URL> => {
  const url = new URL(at)
  url.searchParams.set('person', person)
  const response = await fetch(url, { redirect: 'manual' })
  const location = response.headers.get('location')
  if (location === null) throw new Error(`The provider shows a page (${response.status}).`)
  return new URL(location)
}

/** The way back: the callback's own answer. */
export const comeBack = (agent: Browser, back: URL): Promise<Page> =>
  agent.get(`${back.pathname}${back.search}`)

/** From the button to the callback's answer. */
export const through = async (
  agent: Browser,
  provider: ProviderId,
  person: string,
  fields: Record<string, string> = {},
): Promise<Page> => comeBack(agent, await agree(await start(agent, provider, fields), person))

/** Whose account this browser is signed in to. */
export const signedInAs = async (agent: Browser): Promise<string | undefined> => {
  const cookie = agent.cookies.get('__Host-dojang_session')
  const account = await agent.get('/account')
  return account.status === 200 ? /^(usr_[\w-]{22})\./.exec(cookie ?? '')?.[1] : undefined
}

export const auditOf = async ({ issuer }: Upstream): Promise<AuditRecord[]> => {
  await issuer.app.auditTrail.flush()
  return issuer.stores.auditLog.list({ limit: 50 })
}
