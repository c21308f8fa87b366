// A fake Naver: one HTTP server that answers as the nid and openapi hosts of Naver Login do.
// Naver has no OpenID Connect, so its profile API names the person. Answers that Naver's public reference
// does not show are written from memory.
import { type Account, authorize, type ConsentItem, type ConsentKnobs } from './authorize.ts'
import { createConnections } from './connections.ts'
import { type Fault, json, type Reply } from './faults.ts'
import type { Grant } from './grants.ts'
import { authorization, type Call, endpoint, startProviderServer } from './provider-server.ts'
import { createProviderState, type FakeProvider, type ProviderOptions } from './provider-state.ts'

export type NaverEndpoint = 'authorize' | 'token' | 'profile' | 'connections'

export interface NaverPerson {
  /** Letters and digits. Each app gets another id for the same person. */
  id: string
  nickname: string
  /** For the provider's pages in English. */
  latinName?: string
  /** If absent, the profile has no address at all. Naver does not say whether an address is verified. */
  email?: string
}

export interface NaverKnobs extends ConsentKnobs {
  faults: Partial<Record<NaverEndpoint, Fault>>
  /** The profile lacks `response`, lacks the id, or has a result code other than "00" under status 200. */
  profile?: 'no_response' | 'no_id' | 'failed_result' | undefined
  codeReuse: boolean
}

export interface FakeNaver extends FakeProvider<NaverPerson, NaverKnobs> {
  /** The person's tokens become invalid. Naver sends no webhook. */
  disconnect(person: string): boolean
}

const naverPeople = (): NaverPerson[] => [
  { id: 'oJ3c1fQxk2Yb7Rz0aLw9', nickname: '김민지', latinName: 'Kim Minji', email: 'minji@naver.example' },
  { id: 'pK4d2gRyl3Zc8Sa1bMx0', nickname: '이서준', latinName: 'Lee Seojun' },
]

const withoutEmail = { ko: '이메일을 주지 않는 계정', en: 'gives no email address' }

const accountOf = ({ id, nickname, latinName, email }: NaverPerson): Account => ({
  id,
  name: nickname,
  ...(latinName !== undefined && { latinName }),
  detail: email === undefined ? withoutEmail : { ko: email, en: email },
})

const createNaverState = (options: ProviderOptions<NaverPerson>) => {
  const knobs: NaverKnobs = { faults: {}, without: [], cancel: false, codeReuse: false }
  const state = createProviderState(options, {
    look: {
      name: 'naver',
      provider: { ko: '네이버', en: 'Naver' },
      account: { ko: '네이버 아이디', en: 'Naver account' },
      main: '#037a3f',
      onMain: '#fff',
    },
    people: naverPeople,
    accountOf,
    accessTtlSeconds: 3600,
    prefixes: { code: '', access: 'AAAA', refresh: '' },
  })
  return { ...state, knobs }
}

type NaverState = ReturnType<typeof createNaverState>

const items: readonly ConsentItem[] = [
  { scope: 'nickname', label: { ko: '별명', en: 'Nickname' }, required: true },
  { scope: 'email', label: { ko: '이메일 주소', en: 'Email address' }, required: false },
]

const cancelled = { error: 'access_denied', error_description: 'Canceled By User' }

const createAuthorize = (state: NaverState) => (call: Call) =>
  authorize(call, {
    ...state,
    // Naver ignores `scope`. The app's settings decide what the person is asked for.
    items: () => items,
    problems: {
      client: 'invalid_client',
      redirectUri: 'invalid_redirect_uri',
      request: 'invalid_request',
    },
    refusals: { cancelled, interaction: cancelled },
  })

/** Naver refuses with status 200. */
const refusal = (error: string, description: string): Reply =>
  json(200, { error, error_description: description })

const tokenAnswer = (accessToken: string, refreshToken?: string): Reply =>
  json(200, {
    access_token: accessToken,
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    token_type: 'bearer',
    // Naver sends this number as a string.
    expires_in: '3600',
  })

/** Naver also documents GET with all parameters in the query. */
const createToken = (state: NaverState) => (call: Call) => {
  const { grants, knobs } = state
  const params = call.method === 'GET' ? call.url.searchParams : call.form
  if (params.get('client_id') !== state.clientId) return refusal('invalid_client', 'wrong client id')
  if (params.get('client_secret') !== state.clientSecret)
    return refusal('unauthorized_client', 'wrong client id / client secret pair')
  switch (params.get('grant_type')) {
    case 'authorization_code': {
      const redemption = grants.redeem(params.get('code') ?? '', {}, { ...knobs, verifierCheck: false })
      if (redemption.outcome !== 'redeemed') return refusal('invalid_request', 'no valid data in session')
      const { accessToken, refreshToken } = grants.issue(redemption.grant)
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

const createProfile = ({ grants, knobs, personOf }: NaverState) => {
  const profileOf = ({ id, nickname, email }: NaverPerson, { scopes }: Grant) => ({
    ...(knobs.profile !== 'no_id' && { id }),
    nickname,
    ...(email !== undefined && scopes.includes('email') && { email }),
  })
  return (call: Call): Reply => {
    const held = grants.holder(authorization(call, 'Bearer'))
    const person = held && personOf(held.grant.personId)
    if (!held || !person) return json(401, { resultcode: '024', message: 'Authentication failed' })
    if (knobs.profile === 'failed_result')
      return json(200, { resultcode: '024', message: 'Authentication failed' })
    if (knobs.profile === 'no_response') return json(200, { resultcode: '00', message: 'success' })
    return json(200, { resultcode: '00', message: 'success', response: profileOf(person, held.grant) })
  }
}

/** Starts on a loopback port. The caller closes it with `close()`. */
export const fakeNaver = async (options: ProviderOptions<NaverPerson>): Promise<FakeNaver> => {
  const state = createNaverState(options)
  const { grants, knobs, people, requests } = state
  const disconnectOnPage = async (person: string) => {
    grants.disconnect(person)
    return []
  }
  const server = await startProviderServer<NaverEndpoint>({
    faultOf: (name) => knobs.faults[name],
    requests,
    ...(options.port !== undefined && { port: options.port }),
    endpoints: {
      '/oauth2.0/authorize': endpoint('authorize', createAuthorize(state)),
      '/oauth2.0/token': endpoint('token', createToken(state)),
      '/v1/nid/me': endpoint('profile', createProfile(state)),
      '/connections': endpoint('connections', createConnections(state, disconnectOnPage)),
    },
  })
  return {
    origin: server.origin,
    people,
    knobs,
    requests,
    disconnect: grants.disconnect,
    connected: () => [...grants.connections.keys()],
    close: server.close,
  }
}
