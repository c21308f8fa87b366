// A Naver of our own (nid and openapi hosts on one origin): a real HTTP server that answers as Naver Login does. No
// OpenID Connect: who it is, the profile API says. From the public API reference, in parts from memory.
import { type Clock, systemClock } from '../src/clock.ts'
import { type Account, authorize, type ConsentItem, type ConsentKnobs } from './authorize.ts'
import { type Fault, json, type Reply } from './faults.ts'
import { type Grant, grantsOf } from './grants.ts'
import { connectionsPage, type Look } from './pages.ts'
import { authorization, type Call, type Endpoint, providerServer } from './provider-server.ts'

export type NaverEndpoint = 'authorize' | 'token' | 'profile' | 'connections'

export interface NaverPerson {
  /** One per person and app; letters and digits. */
  id: string
  nickname: string
  /** Absent: none in the profile, whatever was agreed to. Naver does not say whether an address is proven. */
  email?: string
}

export interface NaverKnobs extends ConsentKnobs {
  faults: Partial<Record<NaverEndpoint, Fault>>
  /** Of the profile: not an object, no `response`, no id, or another code than "00" under status 200. */
  profile?: 'no_response' | 'no_id' | 'failed_result' | undefined
  codeReuse: boolean
}

export interface NaverOptions {
  clientId: string
  clientSecret: string
  /** The app's name on the consent page. */
  appName?: string
  /** Absent: any. */
  redirectUris?: readonly string[]
  people?: NaverPerson[]
  clock?: Clock
  port?: number
}

export interface FakeNaver {
  origin: string
  people: NaverPerson[]
  knobs: NaverKnobs
  requests: Call[]
  connected(): string[]
  /** As a person does in the list of connected apps: tokens die. Naver tells nobody. */
  disconnect(person: string): boolean
  close(): Promise<void>
}

export const naverPeople = (): NaverPerson[] => [
  { id: 'oJ3c1fQxk2Yb7Rz0aLw9', nickname: '김민지', email: 'minji@naver.example' },
  { id: 'pK4d2gRyl3Zc8Sa1bMx0', nickname: '이서준' },
]

const items: readonly ConsentItem[] = [
  { scope: 'nickname', label: '별명', required: true },
  { scope: 'email', label: '이메일 주소', required: false },
]

/** Naver refuses with 200. */
const refusal = (error: string, description: string): Reply =>
  json(200, { error, error_description: description })

/** Starts on a loopback port; `close()` it. */
export const fakeNaver = async (options: NaverOptions): Promise<FakeNaver> => {
  const { clientId, clientSecret, clock = systemClock, people = naverPeople() } = options
  const look: Look = {
    name: 'naver',
    korean: '네이버',
    account: '네이버 아이디',
    app: options.appName ?? '도장',
    main: '#037a3f',
    onMain: '#fff',
  }
  const grants = grantsOf({
    clock,
    accessTtlSeconds: 3600,
    prefixes: { code: '', access: 'AAAA', refresh: '' },
  })
  const requests: Call[] = []
  const knobs: NaverKnobs = { faults: {}, without: [], cancel: false, codeReuse: false }
  const personOf = (id: string) => people.find((one) => one.id === id)
  const accountOf = ({ id, nickname, email }: NaverPerson): Account => ({
    id,
    name: nickname,
    detail: email ?? '이메일을 주지 않는 계정',
  })

  const tokenAnswer = (accessToken: string, refreshToken?: string): Reply =>
    json(200, {
      access_token: accessToken,
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
      // Text, not a number.
      token_type: 'bearer',
      expires_in: '3600',
    })

  /** GET with everything in the query is documented too. */
  const token = (call: Call): Reply => {
    const params = call.method === 'GET' ? call.url.searchParams : call.form
    if (params.get('client_id') !== clientId) return refusal('invalid_client', 'wrong client id')
    if (params.get('client_secret') !== clientSecret)
      return refusal('unauthorized_client', 'wrong client id / client secret pair')
    switch (params.get('grant_type')) {
      case 'authorization_code': {
        const redeemed = grants.redeem(params.get('code') ?? '', {}, { ...knobs, verifierCheck: false })
        if (redeemed.outcome !== 'redeemed') return refusal('invalid_request', 'no valid data in session')
        const { accessToken, refreshToken } = grants.issue(redeemed.grant)
        return tokenAnswer(accessToken, refreshToken)
      }
      case 'refresh_token': {
        const refreshed = grants.refresh(params.get('refresh_token') ?? '')
        return refreshed
          ? tokenAnswer(refreshed.accessToken)
          : refusal('invalid_request', 'invalid refresh_token')
      }
      case 'delete': {
        const accessToken = params.get('access_token') ?? ''
        const held = grants.holder(accessToken)
        if (held === undefined) return refusal('invalid_request', 'invalid access_token')
        grants.disconnect(held.grant.personId)
        return json(200, { access_token: accessToken, result: 'success' })
      }
      default:
        return refusal('unsupported_grant_type', 'unsupported grant_type')
    }
  }

  const profileOf = ({ id, nickname, email }: NaverPerson, { scopes }: Grant) => ({
    ...(knobs.profile !== 'no_id' && { id }),
    nickname,
    ...(email !== undefined && scopes.includes('email') && { email }),
  })

  const profile = (call: Call): Reply => {
    const held = grants.holder(authorization(call, 'Bearer'))
    const person = held && personOf(held.grant.personId)
    if (!held || !person) return json(401, { resultcode: '024', message: 'Authentication failed' })
    if (knobs.profile === 'failed_result')
      return json(200, { resultcode: '024', message: 'Authentication failed' })
    if (knobs.profile === 'no_response') return json(200, { resultcode: '00', message: 'success' })
    return json(200, { resultcode: '00', message: 'success', response: profileOf(person, held.grant) })
  }

  const connections = (call: Call): Reply => {
    const person = personOf(call.form.get('person') ?? '')
    const ended = call.method === 'POST' && person && grants.disconnect(person.id)
    const connected = people.filter(({ id }) => grants.connections.has(id)).map(accountOf)
    return connectionsPage(look, connected, ended ? `${person.nickname} 님의 연결을 끊었어요.` : undefined)
  }

  const endpoint = (
    name: NaverEndpoint,
    answer: Endpoint<NaverEndpoint>['answer'],
    methods: Endpoint<NaverEndpoint>['methods'] = ['GET', 'POST'],
  ): Endpoint<NaverEndpoint> => ({ name, methods, answer })

  const server = await providerServer<NaverEndpoint>({
    faultOf: (name) => knobs.faults[name],
    requests,
    ...(options.port !== undefined && { port: options.port }),
    endpoints: {
      '/oauth2.0/authorize': endpoint('authorize', (call) =>
        authorize(call, {
          look,
          clock,
          clientId,
          redirectUris: options.redirectUris,
          grants,
          knobs,
          accounts: () => people.map(accountOf),
          // `scope` is not looked at: the app's settings decide.
          items: () => items,
          problems: {
            client: 'invalid_client',
            redirectUri: 'invalid_redirect_uri',
            request: 'invalid_request',
          },
          refusals: {
            cancelled: { error: 'access_denied', error_description: 'Canceled By User' },
            interaction: { error: 'access_denied', error_description: 'Canceled By User' },
          },
        }),
      ),
      '/oauth2.0/token': endpoint('token', token),
      '/v1/nid/me': endpoint('profile', profile),
      '/connections': endpoint('connections', connections),
    },
  })

  return {
    origin: server.origin,
    people,
    knobs,
    requests,
    disconnect: grants.disconnect,
    close: server.close,
    connected: () => [...grants.connections.keys()],
  }
}
