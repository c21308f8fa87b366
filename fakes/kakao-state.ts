// The state of the fake Kakao: its one app, its people and keys, and the knobs that a test can change.
import type { Account, ConsentKnobs } from './authorize.ts'
import { type Fault, json, type Reply } from './faults.ts'
import type { IdTokenFault } from './id-token.ts'
import { type KakaoPerson, kakaoPeople } from './kakao-people.ts'
import { createProviderKeys } from './provider-keys.ts'
import { createProviderState, type ProviderOptions } from './provider-state.ts'
import type { TokenKnobs } from './token-endpoint.ts'

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

export interface KakaoKnobs extends ConsentKnobs, TokenKnobs {
  faults: Partial<Record<KakaoEndpoint, Fault>>
  idToken?: IdTokenFault | undefined
  /** False: Kakao sends no ID token. */
  openIdConnect: boolean
}

export interface KakaoOptions extends ProviderOptions<KakaoPerson> {
  adminKey: string
  appId?: string
  /** Where Kakao sends its webhooks when a person disconnects on Kakao's own page. */
  webhooks?: { unlink?: string; events?: string }
}

export const kakaoIssuer = 'https://kauth.kakao.com'
export const accessTtlSeconds = 21_599

const accountOf = ({ id, nickname, latinName, detail }: KakaoPerson): Account => ({
  id: String(id),
  name: nickname,
  ...(latinName !== undefined && { latinName }),
  detail,
})

export const createKakaoState = (options: KakaoOptions) => {
  const knobs: KakaoKnobs = {
    faults: {},
    without: [],
    cancel: false,
    rotateKeysAtToken: false,
    codeReuse: false,
    verifierCheck: true,
    openIdConnect: true,
  }
  const state = createProviderState(options, {
    look: {
      name: 'kakao',
      provider: { ko: '카카오', en: 'Kakao' },
      account: { ko: '카카오계정', en: 'Kakao account' },
      main: '#fee500',
      onMain: '#191600',
    },
    people: kakaoPeople,
    accountOf,
    accessTtlSeconds,
    prefixes: { code: '', access: '', refresh: '' },
  })
  const { adminKey, appId = '1400042', webhooks = {} } = options
  return { ...state, adminKey, appId, webhooks, knobs, keys: createProviderKeys(options.clientSecret) }
}

export type KakaoState = ReturnType<typeof createKakaoState>

/** An OAuth error of Kakao's login servers. */
export const kakaoRefusal = (status: number, error: string, description: string, code: string): Reply =>
  json(status, { error, error_description: description, error_code: code })

/** An error of Kakao's API. */
export const kakaoApiError = (status: number, code: number, msg: string): Reply => json(status, { msg, code })
