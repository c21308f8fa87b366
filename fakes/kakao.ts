// A Kakao of our own (kauth and kapi on one origin): a real HTTP server that answers as Kakao does, with pages to click,
// webhooks, and a knob for everything that Kakao leaves out or gets wrong. docs/providers.md says what it imitates.
import { randomUUID } from 'node:crypto'
import { type Clock, epochSeconds, systemClock } from '../src/clock.ts'
import { type Account, authorize, type ConsentItem, type ConsentKnobs } from './authorize.ts'
import { type Fault, json, type Reply } from './faults.ts'
import { type Grant, grantsOf } from './grants.ts'
import { type IdTokenFault, signatureFaultOf, spoiltClaims } from './id-token.ts'
import {
  type KakaoPerson,
  kakaoAccountOf,
  kakaoEmailOf,
  kakaoPeople,
  kakaoProfileOf,
} from './kakao-people.ts'
import { connectionsPage, type Look } from './pages.ts'
import { providerKeys } from './provider-keys.ts'
import { authorization, type Call, type Endpoint, providerServer, redirect } from './provider-server.ts'
import {
  caepEvents,
  type Delivery,
  deliver,
  deliverEvent,
  eventSigning,
  oauthEvents,
  riscEvents,
  type SecurityEvent,
} from './security-event.ts'

export type KakaoEndpoint =
  | 'authorize'
  | 'token'
  | 'jwks'
  | 'discovery'
  | 'user'
  | 'userinfo'
  | 'access_token_info'
  | 'logout'
  | 'account_logout'
  | 'unlink'
  | 'connections'

export interface KakaoKnobs extends ConsentKnobs {
  faults: Partial<Record<KakaoEndpoint, Fault>>
  idToken?: IdTokenFault | undefined
  /** Keys are rotated after the code was given out and before the ID token is signed. */
  rotateKeysAtToken: boolean
  /** A code works again and again. */
  codeReuse: boolean
  /** Off: `code_verifier` is ignored, as a Kakao without PKCE would. */
  verifierCheck: boolean
  /** Off: no ID token. */
  openIdConnect: boolean
}

export type UnlinkReferrer =
  | 'ACCOUNT_DELETE'
  | 'FORCED_ACCOUNT_DELETE'
  | 'UNLINK_FROM_ADMIN'
  | 'UNLINK_FROM_APPS'
  | 'INCOMPLETE_SIGN_UP'

export interface UnlinkMessage {
  person: string
  method?: 'GET' | 'POST'
  referrer?: UnlinkReferrer
  /** null: no Authorization header. */
  adminKey?: string | null
  appId?: string
}

export interface KakaoOptions {
  clientId: string
  clientSecret: string
  adminKey: string
  appId?: string
  /** The app's name on the consent page. */
  appName?: string
  /** Absent: any. */
  redirectUris?: readonly string[]
  people?: KakaoPerson[]
  clock?: Clock
  /** Where to send what, once a person ends the connection on Kakao's own page. */
  webhooks?: { unlink?: string; events?: string }
  port?: number
}

export interface FakeKakao {
  origin: string
  appId: string
  people: KakaoPerson[]
  knobs: KakaoKnobs
  requests: Call[]
  /** Ids of the people who are connected. */
  connected(): string[]
  /** As a person does in the list of connected apps: tokens die, webhooks go out. */
  disconnect(person: string): Promise<Delivery[]>
  sendUnlinkWebhook(url: string, message: UnlinkMessage): Promise<Delivery>
  /** A signed event as text, to be sent twice or damaged. */
  signEvent(event: SecurityEvent): string
  sendEvent(url: string, event: SecurityEvent | string): Promise<Delivery>
  rotateKeys(): void
  close(): Promise<void>
}

export const kakaoIssuer = 'https://kauth.kakao.com'
const accessTtlSeconds = 21_599
const refreshTtlSeconds = 5_183_999

const items: readonly ConsentItem[] = [
  { scope: 'openid', label: '카카오계정으로 로그인', required: true },
  { scope: 'profile_nickname', label: '닉네임', required: true },
  { scope: 'profile_image', label: '프로필 사진', required: false },
  { scope: 'account_email', label: '이메일', required: false },
]

const eventTypes = {
  ...oauthEvents(['user-linked', 'user-unlinked', 'user-scope-consent', 'user-scope-withdraw']),
  ...oauthEvents(['token-issued', 'token-revoked', 'tokens-revoked']),
  ...riscEvents(['account-disabled', 'account-enabled', 'account-purged', 'sessions-revoked']),
  ...riscEvents(['account-credential-change-required', 'credential-compromise']),
  ...riscEvents(['identifier-changed', 'identifier-recycled']),
  ...caepEvents(['credential-change', 'assurance-level-change']),
  'user-profile-changed': 'https://schemas.kakao.com/platevent/kakao/event-type/',
}

const refusal = (status: number, error: string, description: string, code: string): Reply =>
  json(status, { error, error_description: description, error_code: code })

const apiError = (status: number, code: number, msg: string): Reply => json(status, { msg, code })

const discovery = (origin: string) => ({
  issuer: kakaoIssuer,
  authorization_endpoint: `${origin}/oauth/authorize`,
  token_endpoint: `${origin}/oauth/token`,
  userinfo_endpoint: `${origin}/v1/oidc/userinfo`,
  jwks_uri: `${origin}/.well-known/jwks.json`,
  token_endpoint_auth_methods_supported: ['client_secret_post'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  request_uri_parameter_supported: false,
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  code_challenge_methods_supported: ['S256'],
  claims_supported: ['iss', 'aud', 'sub', 'auth_time', 'exp', 'iat', 'nonce', 'nickname', 'picture', 'email'],
})

/** Starts on a loopback port; `close()` it. */
export const fakeKakao = async (options: KakaoOptions): Promise<FakeKakao> => {
  const { clientId, clientSecret, adminKey, clock = systemClock, people = kakaoPeople() } = options
  const appId = options.appId ?? '1400042'
  const look: Look = {
    name: 'kakao',
    korean: '카카오',
    account: '카카오계정',
    app: options.appName ?? '도장',
    main: '#fee500',
    onMain: '#191600',
  }
  const keys = providerKeys(clientSecret)
  const prefixes = { code: '', access: '', refresh: '' }
  const grants = grantsOf({ clock, accessTtlSeconds, prefixes })
  const requests: Call[] = []
  const knobs: KakaoKnobs = {
    faults: {},
    without: [],
    cancel: false,
    rotateKeysAtToken: false,
    codeReuse: false,
    verifierCheck: true,
    openIdConnect: true,
  }
  const personOf = (id: string) => people.find((one) => String(one.id) === id)
  const accountOf = ({ id, nickname, detail }: KakaoPerson): Account => ({
    id: String(id),
    name: nickname,
    detail,
  })

  const idToken = (person: KakaoPerson, grant: Grant): string | undefined => {
    if (!knobs.openIdConnect || !grant.scopes.includes('openid') || knobs.idToken === 'absent')
      return undefined
    const now = clock.now()
    const iat = epochSeconds(now)
    const { email, usable } = kakaoEmailOf(person, grant.scopes)
    const claims = {
      iss: kakaoIssuer,
      aud: clientId,
      sub: String(person.id),
      iat,
      exp: iat + accessTtlSeconds,
      auth_time: epochSeconds(grant.at),
      ...(grant.nonce !== undefined && { nonce: grant.nonce }),
      ...kakaoProfileOf(person),
      ...(usable && { email }),
    }
    const spoilt = spoiltClaims(claims, knobs.idToken, now)
    return keys.sign({ typ: 'JWT' }, spoilt, signatureFaultOf(knobs.idToken))
  }

  const tokenAnswer = (grant: Grant, accessToken: string, refreshToken?: string): Reply => {
    const person = personOf(grant.personId)
    if (person === undefined) return refusal(400, 'invalid_grant', 'no such person', 'KOE320')
    return json(200, {
      token_type: 'bearer',
      access_token: accessToken,
      expires_in: accessTtlSeconds,
      ...(refreshToken !== undefined && {
        refresh_token: refreshToken,
        refresh_token_expires_in: refreshTtlSeconds,
      }),
      scope: grant.scopes.join(' '),
      id_token: idToken(person, grant),
    })
  }

  const token = ({ form }: Call): Reply => {
    if (form.get('client_id') !== clientId)
      return refusal(401, 'invalid_client', 'Not exist client_id', 'KOE101')
    if (form.get('client_secret') !== clientSecret)
      return refusal(401, 'invalid_client', 'Bad client credentials', 'KOE010')
    if (form.get('grant_type') === 'refresh_token') {
      const given = form.get('refresh_token')
      if (given === null) return refusal(400, 'invalid_request', 'refresh_token is missing', 'KOE319')
      const refreshed = grants.refresh(given)
      return refreshed
        ? tokenAnswer(refreshed.grant, refreshed.accessToken)
        : refusal(400, 'invalid_grant', 'expired_or_invalid_refresh_token', 'KOE322')
    }
    if (form.get('grant_type') !== 'authorization_code')
      return refusal(400, 'unsupported_grant_type', 'unsupported grant_type', 'KOE009')
    const code = form.get('code') ?? ''
    const verifier = form.get('code_verifier')
    const redirectUri = form.get('redirect_uri') ?? ''
    const redeemed = grants.redeem(code, { redirectUri, ...(verifier !== null && { verifier }) }, knobs)
    switch (redeemed.outcome) {
      case 'redeemed': {
        if (knobs.rotateKeysAtToken) keys.rotate()
        const { accessToken, refreshToken } = grants.issue(redeemed.grant)
        return tokenAnswer(redeemed.grant, accessToken, refreshToken)
      }
      case 'other_redirect_uri':
        return refusal(400, 'invalid_grant', 'Redirect URI mismatch.', 'KOE303')
      // What Kakao says to a bad verifier is not documented.
      default:
        return refusal(400, 'invalid_grant', `authorization code not found for code=${code}`, 'KOE320')
    }
  }

  /** Whom an API call is about: by their access token, or by the admin key and a target. */
  const calledFor = (call: Call): { person: KakaoPerson; scopes: readonly string[] } | Reply => {
    const given = authorization(call, 'KakaoAK')
    if (given !== undefined) {
      if (given !== adminKey) return apiError(401, -401, 'wrong appKey(appKey) format')
      const target = call.form.get('target_id') ?? call.url.searchParams.get('target_id') ?? ''
      const connected = grants.connections.get(target)
      const person = personOf(target)
      return connected && person
        ? { person, scopes: [...connected] }
        : apiError(400, -101, 'NotRegisteredUserException')
    }
    const held = grants.holder(authorization(call, 'Bearer'))
    const person = held && personOf(held.grant.personId)
    return held && person
      ? { person, scopes: held.grant.scopes }
      : apiError(401, -401, 'this access token does not exist')
  }

  const api =
    (answer: (person: KakaoPerson, scopes: readonly string[], call: Call) => Reply) =>
    (call: Call): Reply => {
      const called = calledFor(call)
      return 'person' in called ? answer(called.person, called.scopes, call) : called
    }

  const signEvent = eventSigning({
    keys,
    clock,
    issuer: kakaoIssuer,
    audience: clientId,
    subjectIssuer: kakaoIssuer,
    types: eventTypes,
    claims: ({ person }) => ({ sub: person, toe: epochSeconds(clock.now()), txn: randomUUID() }),
  })
  const sendEvent: FakeKakao['sendEvent'] = (url, event) =>
    deliverEvent(url, typeof event === 'string' ? event : signEvent(event))

  const sendUnlinkWebhook: FakeKakao['sendUnlinkWebhook'] = (url, message) => {
    const { person, method = 'POST', referrer = 'UNLINK_FROM_APPS' } = message
    const key = message.adminKey === undefined ? adminKey : message.adminKey
    const params = new URLSearchParams({
      app_id: message.appId ?? appId,
      user_id: person,
      referrer_type: referrer,
    })
    const headers = key === null ? {} : { authorization: `KakaoAK ${key}` }
    if (method === 'GET') return deliver(`${url}?${params}`, { headers })
    const type = { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' }
    return deliver(url, { method, body: params.toString(), headers: { ...headers, ...type } })
  }

  const disconnect: FakeKakao['disconnect'] = async (person) => {
    if (!grants.disconnect(person)) return []
    const { unlink, events } = options.webhooks ?? {}
    return Promise.all([
      ...(unlink ? [sendUnlinkWebhook(unlink, { person })] : []),
      ...(events ? [sendEvent(events, { type: 'user-unlinked', person, reason: 'UNLINK_FROM_APPS' })] : []),
    ])
  }

  const connections = async (call: Call): Promise<Reply> => {
    const person = personOf(call.form.get('person') ?? '')
    let notice: string | undefined
    if (call.method === 'POST' && person) {
      const deliveries = await disconnect(String(person.id))
      const told = deliveries.every(({ status }) => status >= 200 && status < 300)
      notice = `${person.nickname} 님의 연결을 끊었어요.${told ? '' : ' 앱에 알리지는 못했어요.'}`
    }
    return connectionsPage(
      look,
      people.filter(({ id }) => grants.connections.has(String(id))).map(accountOf),
      notice,
    )
  }

  const endpoint = (
    name: KakaoEndpoint,
    answer: Endpoint<KakaoEndpoint>['answer'],
    methods: Endpoint<KakaoEndpoint>['methods'] = ['GET', 'POST'],
  ): Endpoint<KakaoEndpoint> => ({ name, methods, answer })

  const server = await providerServer<KakaoEndpoint>({
    faultOf: (name) => knobs.faults[name],
    requests,
    tooManyRequests: refusal(429, 'too_many_requests', 'token request rate limit exceeded', 'KOE237'),
    ...(options.port !== undefined && { port: options.port }),
    endpoints: {
      '/oauth/authorize': endpoint('authorize', (call) =>
        authorize(call, {
          look,
          clock,
          clientId,
          redirectUris: options.redirectUris,
          grants,
          knobs,
          accounts: () => people.map(accountOf),
          items: (scope) =>
            scope === undefined ? items : items.filter((item) => scope.split(/[ ,]/).includes(item.scope)),
          problems: { client: 'KOE101', redirectUri: 'KOE006', request: 'KOE033' },
          refusals: {
            cancelled: { error: 'access_denied', error_description: 'User denied access' },
            interaction: { error: 'consent_required', error_description: 'user consent required.' },
          },
        }),
      ),
      '/oauth/token': endpoint('token', token, ['POST']),
      '/.well-known/jwks.json': endpoint('jwks', () => json(200, keys.jwks()), ['GET']),
      '/.well-known/openid-configuration': endpoint(
        'discovery',
        ({ url }) => json(200, discovery(url.origin)),
        ['GET'],
      ),
      '/v2/user/me': endpoint(
        'user',
        api((person, scopes) => json(200, kakaoAccountOf(person, scopes))),
      ),
      '/v1/oidc/userinfo': endpoint(
        'userinfo',
        api((person, scopes) => {
          const { email, usable } = kakaoEmailOf(person, scopes)
          return json(200, {
            sub: String(person.id),
            ...kakaoProfileOf(person),
            ...(email !== undefined && { email, email_verified: usable }),
          })
        }),
        ['GET'],
      ),
      '/v1/user/access_token_info': endpoint(
        'access_token_info',
        (call) => {
          const held = grants.holder(authorization(call, 'Bearer'))
          if (held === undefined) return apiError(401, -401, 'this access token does not exist')
          const { grant, expiresInSeconds } = held
          return json(200, {
            id: Number(grant.personId),
            expires_in: expiresInSeconds,
            app_id: Number(appId),
          })
        },
        ['GET'],
      ),
      '/v1/user/logout': endpoint(
        'logout',
        api((person, _, call) => {
          grants.endAccessToken(authorization(call, 'Bearer') ?? '')
          return json(200, { id: person.id })
        }),
        ['POST'],
      ),
      '/oauth/logout': endpoint(
        'account_logout',
        ({ url }) => {
          const back = url.searchParams.get('logout_redirect_uri') ?? ''
          if (!URL.canParse(back)) return apiError(400, -2, 'logout_redirect_uri is missing')
          const to = new URL(back)
          const state = url.searchParams.get('state')
          if (state !== null) to.searchParams.set('state', state)
          return redirect(to, { 'set-cookie': 'kakao_person=; Path=/; Max-Age=0' })
        },
        ['GET'],
      ),
      // No webhook follows: the app itself asked.
      '/v1/user/unlink': endpoint(
        'unlink',
        api((person) => {
          grants.disconnect(String(person.id))
          return json(200, { id: person.id })
        }),
        ['POST'],
      ),
      '/connections': endpoint('connections', connections),
    },
  })

  return {
    origin: server.origin,
    appId,
    people,
    knobs,
    requests,
    disconnect,
    sendUnlinkWebhook,
    signEvent,
    sendEvent,
    rotateKeys: keys.rotate,
    close: server.close,
    connected: () => [...grants.connections.keys()],
  }
}
