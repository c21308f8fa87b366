// An issuer, and a fake Kakao and a fake Google that can send webhooks to it. Its members have an identity at
// one of the two providers.
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type FakeGoogle, fakeGoogle } from '../../fakes/google.ts'
import { type FakeKakao, fakeKakao } from '../../fakes/kakao.ts'
import type { Browser } from '../../harness/browser.ts'
import type { Stores } from '../../src/stores/stores.ts'
import type { LoggedEvent } from './audit-events.ts'
import { type TestClock, testClock } from './clock.ts'
import { type TestClient, type TestIssuer, type TestUser, testIssuer } from './issuer.ts'
import { memoryStores } from './memory/memory-stores.ts'

export const kakaoApp = {
  clientId: 'kakao-rest-key',
  clientSecret: 'kakao-client-secret',
  adminKey: 'kakao-admin-key',
  appId: '900100',
}
export const googleApp = { clientId: 'web.apps.example', clientSecret: 'google-client-secret' }

export interface Member {
  provider: 'kakao' | 'google'
  subject: string
  user: TestUser
  client: TestClient
  agent: Browser
  accessToken: string
  refreshToken: string
}

export interface WebhookIssuer extends TestIssuer {
  kakao: FakeKakao
  google: FakeGoogle
  clock: TestClock
  /** Turns off or on the webhooks that the providers send when a person disconnects. */
  webhooks: { pause(): void; resume(): void }
  /** The full URL of a path at the issuer. */
  address(path: string): string
  /**
   * A user with this identity who is signed in with a password.
   * With `withPassword: false`, the password is removed after the sign-in.
   */
  member(facts?: { provider?: 'kakao' | 'google'; subject?: string; withPassword?: boolean }): Promise<Member>
  /** Says which parts of the member's sign-in still work. */
  isAlive(member: Member): Promise<{ token: boolean; refresh: boolean; browser: boolean }>
  webhookEvents(): LoggedEvent[]
  stop(): Promise<void>
}

export const allAlive = { token: true, refresh: true, browser: true }
export const allEnded = { token: false, refresh: false, browser: false }

export interface WebhookIssuerOptions {
  stores?: Stores
  clock?: TestClock
  env?: Record<string, string>
  keyEncryptionKeys?: readonly Uint8Array[]
  /** True: the providers send webhooks from the start. */
  sendWebhooks?: boolean
}

let memberCount = 0

export const webhookIssuer = async (options: WebhookIssuerOptions = {}): Promise<WebhookIssuer> => {
  const clock = options.clock ?? testClock()
  const stores = options.stores ?? memoryStores()
  const addresses: { kakao: { unlink?: string; events?: string }; google: { events?: string } } = {
    kakao: {},
    google: {},
  }
  const kakao = await fakeKakao({ ...kakaoApp, clock, webhooks: addresses.kakao })
  const google = await fakeGoogle({ ...googleApp, clock, webhooks: addresses.google })
  const issuer = await testIssuer({
    stores,
    clock,
    ...(options.keyEncryptionKeys && { keyEncryptionKeys: options.keyEncryptionKeys }),
    env: {
      KAKAO_CLIENT_ID: kakaoApp.clientId,
      KAKAO_CLIENT_SECRET: kakaoApp.clientSecret,
      KAKAO_ADMIN_KEY: kakaoApp.adminKey,
      KAKAO_APP_ID: kakaoApp.appId,
      KAKAO_ORIGIN: kakao.origin,
      GOOGLE_CLIENT_ID: googleApp.clientId,
      GOOGLE_CLIENT_SECRET: googleApp.clientSecret,
      GOOGLE_ORIGIN: google.origin,
      ...options.env,
    },
  })

  const webhooks: WebhookIssuer['webhooks'] = {
    pause: () => {
      for (const each of [addresses.kakao, addresses.google]) Object.assign(each, { unlink: '', events: '' })
    },
    resume: () => {
      Object.assign(addresses.kakao, {
        unlink: `${issuer.url}/webhooks/kakao/unlink`,
        events: `${issuer.url}/webhooks/kakao/events`,
      })
      Object.assign(addresses.google, { events: `${issuer.url}/webhooks/google/risc` })
    },
  }
  if (options.sendWebhooks) webhooks.resume()

  const member: WebhookIssuer['member'] = async (facts = {}) => {
    memberCount += 1
    const { provider = 'kakao', subject = String(4_815_162_000 + memberCount), withPassword = true } = facts
    const [client, user] = [await issuer.client(), await issuer.user()]
    const now = clock.now()
    const identity = { provider, subject, userId: user.id, emailVerified: false }
    const read = await stores.users.find(user.id)
    await stores.identities.link({ ...identity, linkedAt: now, lastUsedAt: now }, read ?? {})
    const agent = issuer.browser()
    const { accessToken, refreshToken } = await issuer.tokens(client, user, {}, agent)
    if (!withPassword) await stores.users.change(user.id, { passwordHash: null }, now)
    clock.advance(1)
    return { provider, subject, user, client, agent, accessToken, refreshToken }
  }

  return {
    ...issuer,
    kakao,
    google,
    member,
    webhooks,
    address: (path) => `${issuer.url}${path}`,
    isAlive: async ({ client, agent, accessToken, refreshToken }) => {
      const credentials = { client_id: client.id, client_secret: client.secret ?? '' }
      const token = (await issuer.form('/introspect', { token: accessToken, ...credentials })).json.active
      const refresh = await issuer.form('/introspect', { token: refreshToken, ...credentials })
      return {
        token: token === true,
        refresh: refresh.json.active === true,
        browser: (await agent.get('/account')).status === 200,
      }
    },
    webhookEvents: () =>
      issuer.logLines
        .flatMap((line) => (JSON.parse(line) as { audit?: LoggedEvent }).audit ?? [])
        .filter(({ type }) => /^(webhook|signal)\.|^user\.no_login_method$/.test(type)),
    stop: async () => {
      await issuer.close()
      await kakao.close()
      await google.close()
    },
  }
}

/** Starts one issuer for all tests of a file. Each test begins with an empty log. */
export const useWebhookIssuer = (options: WebhookIssuerOptions = {}): WebhookIssuer => {
  const issuer = {} as WebhookIssuer
  beforeAll(async () => {
    Object.assign(issuer, await webhookIssuer(options))
  })
  beforeEach(() => {
    issuer.logLines.length = 0
  })
  afterAll(() => issuer.stop?.())
  return issuer
}
