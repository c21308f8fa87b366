// The state of the fake Google: its one app, its people and keys, and the knobs that a test can change.
import type { Account, ConsentKnobs } from './authorize.ts'
import type { Fault } from './faults.ts'
import type { IdTokenFault } from './id-token.ts'
import { createProviderKeys } from './provider-keys.ts'
import { createProviderState, type ProviderOptions } from './provider-state.ts'
import type { TokenKnobs } from './token-endpoint.ts'

export type GoogleEndpoint =
  | 'authorize'
  | 'token'
  | 'jwks'
  | 'discovery'
  | 'risc_configuration'
  | 'userinfo'
  | 'revoke'
  | 'connections'

export interface GooglePerson {
  /** Digits. */
  id: string
  name: string
  /** For the provider's pages in English. */
  latinName?: string
  email: string
  /** Google still sends the old string form at times. undefined: the claim is absent. */
  emailVerified: boolean | 'true' | 'false' | undefined
  /** The Workspace domain. */
  hd?: string
}

export interface GoogleKnobs extends ConsentKnobs, TokenKnobs {
  faults: Partial<Record<GoogleEndpoint, Fault>>
  idToken?: IdTokenFault | undefined
  /** True: ID tokens carry the old form of `iss`, without `https://`. Google allows both forms. */
  legacyIssuer: boolean
  /** `iss` in the authorization response. null: the parameter is absent. */
  answerIssuer: string | null
}

export interface GoogleOptions extends ProviderOptions<GooglePerson> {
  /** Where Google sends its Cross-Account Protection events. */
  webhooks?: { events?: string }
}

export const googleIssuer = 'https://accounts.google.com'
export const accessTtlSeconds = 3599

const googlePeople = (): GooglePerson[] => [
  {
    id: '101010101010101010101',
    name: '김민지',
    latinName: 'Kim Minji',
    email: 'dojang.minji@gmail.com',
    emailVerified: true,
  },
  {
    id: '202020202020202020202',
    name: '이서준',
    latinName: 'Lee Seojun',
    email: 'seojun@hanok.example',
    emailVerified: true,
    hd: 'hanok.example',
  },
  {
    id: '303030303030303030303',
    name: '박하윤',
    latinName: 'Park Hayun',
    email: 'hayun@example.com',
    emailVerified: true,
  },
  {
    id: '404040404040404040404',
    name: '최도윤',
    latinName: 'Choi Doyun',
    email: 'doyun@example.com',
    emailVerified: false,
  },
]

const accountOf = ({ id, name, latinName, email }: GooglePerson): Account => ({
  id,
  name,
  ...(latinName !== undefined && { latinName }),
  detail: { ko: email, en: email },
})

export const createGoogleState = (options: GoogleOptions) => {
  const knobs: GoogleKnobs = {
    faults: {},
    without: [],
    cancel: false,
    legacyIssuer: false,
    answerIssuer: googleIssuer,
    rotateKeysAtToken: false,
    codeReuse: false,
    verifierCheck: true,
  }
  const state = createProviderState(options, {
    look: {
      name: 'google',
      provider: { ko: '구글', en: 'Google' },
      account: { ko: '구글 계정', en: 'Google account' },
      main: '#1a56c4',
      onMain: '#fff',
    },
    people: googlePeople,
    accountOf,
    accessTtlSeconds,
    prefixes: { code: '4/0A', access: 'ya29.', refresh: '1//' },
  })
  const { webhooks = {} } = options
  return { ...state, webhooks, knobs, keys: createProviderKeys(options.clientSecret) }
}

export type GoogleState = ReturnType<typeof createGoogleState>

/** The claims about a person that the scopes allow. */
export const profileOf = (person: GooglePerson, scopes: readonly string[]): Record<string, unknown> => ({
  ...(scopes.includes('email') && {
    email: person.email,
    ...(person.emailVerified !== undefined && { email_verified: person.emailVerified }),
  }),
  ...(person.hd !== undefined && { hd: person.hd }),
  ...(scopes.includes('profile') && {
    name: person.name,
    given_name: person.name.slice(1),
    family_name: person.name.slice(0, 1),
    picture: 'https://img.example/photo.jpg',
  }),
})
