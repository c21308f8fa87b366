// A Google of our own (accounts, oauth2, openidconnect and www hosts on one origin): a real HTTP server that answers as
// Google does, with pages to click and Cross-Account Protection events.
import { createHash } from 'node:crypto'
import { type Clock, epochSeconds, systemClock } from '../src/clock.ts'
import { type Account, authorize, type ConsentItem, type ConsentKnobs } from './authorize.ts'
import { type Fault, json, type Reply } from './faults.ts'
import { type Grant, grantsOf } from './grants.ts'
import { type IdTokenFault, signatureFaultOf, spoiltClaims } from './id-token.ts'
import { connectionsPage, type Look } from './pages.ts'
import { providerKeys } from './provider-keys.ts'
import { authorization, type Call, type Endpoint, providerServer } from './provider-server.ts'
import {
  type Delivery,
  deliverEvent,
  eventSigning,
  oauthEvents,
  riscEvents,
  type SecurityEvent,
} from './security-event.ts'

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
  email: string
  /** The string form is an old one that still turns up; undefined leaves the claim out. */
  emailVerified: boolean | 'true' | 'false' | undefined
  /** The Workspace domain. */
  hd?: string
}

export interface GoogleKnobs extends ConsentKnobs {
  faults: Partial<Record<GoogleEndpoint, Fault>>
  idToken?: IdTokenFault | undefined
  /** The old form of `iss` in ID tokens, without https: legal. */
  legacyIssuer: boolean
  /** `iss` in the redirect back; null leaves it out. */
  answerIssuer: string | null
  rotateKeysAtToken: boolean
  codeReuse: boolean
  verifierCheck: boolean
}

export interface GoogleOptions {
  clientId: string
  clientSecret: string
  /** The app's name on the consent page. */
  appName?: string
  /** Absent: any. */
  redirectUris?: readonly string[]
  people?: GooglePerson[]
  clock?: Clock
  /** Where Cross-Account Protection events go. */
  webhooks?: { events?: string }
  port?: number
}

export interface FakeGoogle {
  origin: string
  people: GooglePerson[]
  knobs: GoogleKnobs
  requests: Call[]
  connected(): string[]
  /** As a person does in the list of connected apps: tokens die, an event goes out. */
  disconnect(person: string): Promise<Delivery[]>
  signEvent(event: SecurityEvent): string
  sendEvent(url: string, event: SecurityEvent | string): Promise<Delivery>
  rotateKeys(): void
  close(): Promise<void>
}

export const googleIssuer = 'https://accounts.google.com'
const ttlSeconds = 3599
const scopeUri = 'https://www.googleapis.com/auth/userinfo.'

export const googlePeople = (): GooglePerson[] => [
  { id: '101010101010101010101', name: '김민지', email: 'dojang.minji@gmail.com', emailVerified: true },
  {
    id: '202020202020202020202',
    name: '이서준',
    email: 'seojun@hanok.example',
    emailVerified: true,
    hd: 'hanok.example',
  },
  { id: '303030303030303030303', name: '박하윤', email: 'hayun@example.com', emailVerified: true },
  { id: '404040404040404040404', name: '최도윤', email: 'doyun@example.com', emailVerified: false },
]

const items: readonly ConsentItem[] = [
  { scope: 'openid', label: '구글 계정으로 로그인', required: true },
  { scope: 'profile', label: '이름과 프로필 사진', required: true },
  { scope: 'email', label: '이메일 주소', required: true },
]

const expanded = (scope: string): string => (scope === 'openid' ? scope : `${scopeUri}${scope}`)

const discovery = (origin: string) => ({
  issuer: googleIssuer,
  authorization_endpoint: `${origin}/o/oauth2/v2/auth`,
  token_endpoint: `${origin}/token`,
  userinfo_endpoint: `${origin}/v1/userinfo`,
  revocation_endpoint: `${origin}/revoke`,
  jwks_uri: `${origin}/oauth2/v3/certs`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid', 'email', 'profile'],
  token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  code_challenge_methods_supported: ['plain', 'S256'],
})

const eventTypes = {
  ...riscEvents(['sessions-revoked', 'account-disabled', 'account-enabled', 'verification']),
  ...riscEvents(['account-credential-change-required']),
  ...oauthEvents(['tokens-revoked', 'token-revoked']),
}

const refusal = (status: number, error: string, description?: string): Reply =>
  json(status, { error, ...(description !== undefined && { error_description: description }) })

/** By Basic or in the body. */
const credentialsOf = (call: Call): { id: string | null; secret: string | null } => {
  const basic = authorization(call, 'Basic')
  if (basic === undefined) return { id: call.form.get('client_id'), secret: call.form.get('client_secret') }
  const text = Buffer.from(basic, 'base64').toString()
  const cut = text.indexOf(':')
  return { id: text.slice(0, cut), secret: text.slice(cut + 1) }
}

/** Starts on a loopback port; `close()` it. */
export const fakeGoogle = async (options: GoogleOptions): Promise<FakeGoogle> => {
  const { clientId, clientSecret, clock = systemClock, people = googlePeople() } = options
  const look: Look = {
    name: 'google',
    korean: '구글',
    account: '구글 계정',
    app: options.appName ?? '도장',
    main: '#1a56c4',
    onMain: '#fff',
  }
  const keys = providerKeys(clientSecret)
  const prefixes = { code: '4/0A', access: 'ya29.', refresh: '1//' }
  const grants = grantsOf({ clock, accessTtlSeconds: ttlSeconds, prefixes })
  const requests: Call[] = []
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
  const personOf = (id: string) => people.find((one) => one.id === id)
  const accountOf = ({ id, name, email }: GooglePerson): Account => ({ id, name, detail: email })

  const profile = (person: GooglePerson, scopes: readonly string[]): Record<string, unknown> => ({
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

  const idToken = (person: GooglePerson, grant: Grant, accessToken: string): string | undefined => {
    if (!grant.scopes.includes('openid') || knobs.idToken === 'absent') return undefined
    const now = clock.now()
    const iat = epochSeconds(now)
    const hash = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url')
    const claims = {
      iss: knobs.legacyIssuer ? googleIssuer.slice('https://'.length) : googleIssuer,
      azp: clientId,
      aud: clientId,
      sub: person.id,
      at_hash: hash,
      ...profile(person, grant.scopes),
      ...(grant.nonce !== undefined && { nonce: grant.nonce }),
      iat,
      exp: iat + 3600,
    }
    const spoilt = spoiltClaims(claims, knobs.idToken, now)
    return keys.sign({ typ: 'JWT' }, spoilt, signatureFaultOf(knobs.idToken))
  }

  const tokenAnswer = (grant: Grant, accessToken: string, refreshToken?: string): Reply => {
    const person = personOf(grant.personId)
    if (person === undefined) return refusal(400, 'invalid_grant', 'Bad Request')
    return json(200, {
      access_token: accessToken,
      expires_in: ttlSeconds,
      token_type: 'Bearer',
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
      scope: grant.scopes.map(expanded).join(' '),
      id_token: idToken(person, grant, accessToken),
    })
  }

  const token = (call: Call): Reply => {
    const { form } = call
    const { id, secret } = credentialsOf(call)
    if (id !== clientId) return refusal(401, 'invalid_client', 'The OAuth client was not found.')
    if (secret !== clientSecret) return refusal(401, 'invalid_client', 'Unauthorized')
    if (form.get('grant_type') === 'refresh_token') {
      const refreshed = grants.refresh(form.get('refresh_token') ?? '')
      return refreshed
        ? tokenAnswer(refreshed.grant, refreshed.accessToken)
        : refusal(400, 'invalid_grant', 'Token has been expired or revoked.')
    }
    if (form.get('grant_type') !== 'authorization_code')
      return refusal(400, 'unsupported_grant_type', 'Invalid grant_type')
    const verifier = form.get('code_verifier')
    const redirectUri = form.get('redirect_uri') ?? ''
    const given = { redirectUri, ...(verifier !== null && { verifier }) }
    const redeemed = grants.redeem(form.get('code') ?? '', given, knobs)
    switch (redeemed.outcome) {
      case 'redeemed': {
        if (knobs.rotateKeysAtToken) keys.rotate()
        const { accessToken, refreshToken } = grants.issue(redeemed.grant)
        return tokenAnswer(redeemed.grant, accessToken, redeemed.grant.offline ? refreshToken : undefined)
      }
      case 'unknown':
        return refusal(400, 'invalid_grant', 'Malformed auth code.')
      case 'other_redirect_uri':
        return refusal(400, 'redirect_uri_mismatch', 'Bad Request')
      case 'verifier_missing':
        return refusal(400, 'invalid_grant', 'Missing code verifier.')
      case 'verifier_wrong':
        return refusal(400, 'invalid_grant', 'Invalid code verifier.')
    }
  }

  const signEvent = eventSigning({
    keys,
    clock,
    issuer: `${googleIssuer}/`,
    audience: clientId,
    subjectIssuer: googleIssuer,
    types: eventTypes,
    claims: () => ({}),
  })
  const sendEvent: FakeGoogle['sendEvent'] = (url, event) =>
    deliverEvent(url, typeof event === 'string' ? event : signEvent(event))

  const disconnect: FakeGoogle['disconnect'] = async (person) => {
    const { events } = options.webhooks ?? {}
    if (!grants.disconnect(person) || !events) return []
    return [await sendEvent(events, { type: 'tokens-revoked', person })]
  }

  const connections = async (call: Call): Promise<Reply> => {
    const person = personOf(call.form.get('person') ?? '')
    let notice: string | undefined
    if (call.method === 'POST' && person) {
      const deliveries = await disconnect(person.id)
      const told = deliveries.every(({ status }) => status >= 200 && status < 300)
      notice = `${person.name} 님의 연결을 끊었어요.${told ? '' : ' 앱에 알리지는 못했어요.'}`
    }
    return connectionsPage(look, people.filter(({ id }) => grants.connections.has(id)).map(accountOf), notice)
  }

  const userinfo = (call: Call): Reply => {
    const held = grants.holder(authorization(call, 'Bearer'))
    const person = held && personOf(held.grant.personId)
    return held && person
      ? json(200, { sub: person.id, ...profile(person, held.grant.scopes) })
      : refusal(401, 'invalid_request', 'Invalid Credentials')
  }

  const revoke = ({ form, url }: Call): Reply => {
    const given = form.get('token') ?? url.searchParams.get('token') ?? ''
    const grant = grants.holder(given)?.grant ?? grants.holderOfRefreshToken(given)
    if (grant === undefined) return refusal(400, 'invalid_token', 'Token expired or revoked')
    grants.disconnect(grant.personId)
    return json(200, {})
  }

  const endpoint = (
    name: GoogleEndpoint,
    answer: Endpoint<GoogleEndpoint>['answer'],
    methods: Endpoint<GoogleEndpoint>['methods'] = ['GET'],
  ): Endpoint<GoogleEndpoint> => ({ name, methods, answer })

  const server = await providerServer<GoogleEndpoint>({
    faultOf: (name) => knobs.faults[name],
    requests,
    ...(options.port !== undefined && { port: options.port }),
    endpoints: {
      '/o/oauth2/v2/auth': endpoint(
        'authorize',
        (call) =>
          authorize(call, {
            look,
            clock,
            clientId,
            redirectUris: options.redirectUris,
            grants,
            knobs,
            accounts: () => people.map(accountOf),
            items: (scope = '') => items.filter((item) => scope.split(' ').includes(item.scope)),
            problems: {
              client: 'invalid_client',
              redirectUri: 'redirect_uri_mismatch',
              request: 'invalid_request',
            },
            refusals: {
              cancelled: { error: 'access_denied' },
              interaction: { error: 'interaction_required' },
            },
            extras: ({ scopes, personId }) => {
              const hd = personOf(personId)?.hd
              return {
                ...(knobs.answerIssuer !== null && { iss: knobs.answerIssuer }),
                scope: scopes.map(expanded).reverse().join(' '),
                authuser: '0',
                prompt: 'consent',
                ...(hd !== undefined && { hd }),
              }
            },
          }),
        ['GET', 'POST'],
      ),
      '/token': endpoint('token', token, ['POST']),
      '/oauth2/v3/certs': endpoint('jwks', () =>
        json(200, keys.jwks(), { 'cache-control': 'public, max-age=19000, must-revalidate, no-transform' }),
      ),
      '/.well-known/openid-configuration': endpoint('discovery', ({ url }) =>
        json(200, discovery(url.origin)),
      ),
      '/.well-known/risc-configuration': endpoint('risc_configuration', ({ url }) =>
        json(200, { issuer: `${googleIssuer}/`, jwks_uri: `${url.origin}/oauth2/v3/certs` }),
      ),
      '/v1/userinfo': endpoint('userinfo', userinfo, ['GET', 'POST']),
      '/revoke': endpoint('revoke', revoke, ['POST']),
      '/connections': endpoint('connections', connections, ['GET', 'POST']),
    },
  })

  return {
    origin: server.origin,
    people,
    knobs,
    requests,
    disconnect,
    signEvent,
    sendEvent,
    rotateKeys: keys.rotate,
    close: server.close,
    connected: () => [...grants.connections.keys()],
  }
}
