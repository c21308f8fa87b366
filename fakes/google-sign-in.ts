// The endpoints of the fake Google that a sign-in uses: authorization, token, JWKS and discovery.
import { createHash } from 'node:crypto'
import { epochSeconds } from '../src/clock.ts'
import { authorize, type ConsentItem } from './authorize.ts'
import { json, type Reply } from './faults.ts'
import {
  accessTtlSeconds,
  type GoogleEndpoint,
  type GooglePerson,
  type GoogleState,
  googleIssuer,
  profileOf,
} from './google-state.ts'
import type { Grant } from './grants.ts'
import { signIdToken } from './id-token.ts'
import { authorization, type Call, type Endpoints, endpoint } from './provider-server.ts'
import { createTokenEndpoint } from './token-endpoint.ts'

const items: readonly ConsentItem[] = [
  {
    scope: 'openid',
    label: { ko: '구글 계정으로 로그인', en: 'Sign in with the Google account' },
    required: true,
  },
  { scope: 'profile', label: { ko: '이름과 프로필 사진', en: 'Name and profile picture' }, required: true },
  { scope: 'email', label: { ko: '이메일 주소', en: 'Email address' }, required: true },
]

/** Google answers with the full URI of a scope, except for `openid`. */
const expanded = (scope: string): string =>
  scope === 'openid' ? scope : `https://www.googleapis.com/auth/userinfo.${scope}`

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

export const googleRefusal = (status: number, error: string, description?: string): Reply =>
  json(status, { error, ...(description !== undefined && { error_description: description }) })

/** The client's id and secret from the Basic header or, without one, from the body. */
const credentialsOf = (call: Call): { id: string | null; secret: string | null } => {
  const basic = authorization(call, 'Basic')
  if (basic === undefined) return { id: call.form.get('client_id'), secret: call.form.get('client_secret') }
  const text = Buffer.from(basic, 'base64').toString()
  const cut = text.indexOf(':')
  return { id: text.slice(0, cut), secret: text.slice(cut + 1) }
}

const createAuthorize = (state: GoogleState) => (call: Call) =>
  authorize(call, {
    ...state,
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
      const { answerIssuer } = state.knobs
      const hd = state.personOf(personId)?.hd
      return {
        ...(answerIssuer !== null && { iss: answerIssuer }),
        scope: scopes.map(expanded).reverse().join(' '),
        authuser: '0',
        prompt: 'consent',
        ...(hd !== undefined && { hd }),
      }
    },
  })

const createIdToken = ({ clientId, clock, keys, knobs }: GoogleState) => {
  return (person: GooglePerson, grant: Grant, accessToken: string): string | undefined => {
    if (!grant.scopes.includes('openid')) return undefined
    const now = clock.now()
    const iat = epochSeconds(now)
    const hash = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url')
    const claims = {
      iss: knobs.legacyIssuer ? googleIssuer.slice('https://'.length) : googleIssuer,
      azp: clientId,
      aud: clientId,
      sub: person.id,
      at_hash: hash,
      ...profileOf(person, grant.scopes),
      ...(grant.nonce !== undefined && { nonce: grant.nonce }),
      iat,
      exp: iat + 3600,
    }
    return signIdToken(keys, claims, knobs.idToken, now)
  }
}

const createToken = (state: GoogleState) => {
  const idToken = createIdToken(state)
  return createTokenEndpoint(state, {
    authenticate: (call) => {
      const { id, secret } = credentialsOf(call)
      if (id !== state.clientId)
        return googleRefusal(401, 'invalid_client', 'The OAuth client was not found.')
      if (secret !== state.clientSecret) return googleRefusal(401, 'invalid_client', 'Unauthorized')
      return undefined
    },
    refusals: {
      grantType: googleRefusal(400, 'unsupported_grant_type', 'Invalid grant_type'),
      refreshToken: () => googleRefusal(400, 'invalid_grant', 'Token has been expired or revoked.'),
      code: (outcome) => {
        switch (outcome) {
          case 'unknown':
            return googleRefusal(400, 'invalid_grant', 'Malformed auth code.')
          case 'other_redirect_uri':
            return googleRefusal(400, 'redirect_uri_mismatch', 'Bad Request')
          case 'verifier_missing':
            return googleRefusal(400, 'invalid_grant', 'Missing code verifier.')
          case 'verifier_wrong':
            return googleRefusal(400, 'invalid_grant', 'Invalid code verifier.')
        }
      },
    },
    answer: (grant, accessToken, refreshToken): Reply => {
      const person = state.personOf(grant.personId)
      if (person === undefined) return googleRefusal(400, 'invalid_grant', 'Bad Request')
      return json(200, {
        access_token: accessToken,
        expires_in: accessTtlSeconds,
        token_type: 'Bearer',
        ...(refreshToken !== undefined && grant.offline && { refresh_token: refreshToken }),
        scope: grant.scopes.map(expanded).join(' '),
        id_token: idToken(person, grant, accessToken),
      })
    },
  })
}

export const createGoogleSignIn = (state: GoogleState): Endpoints<GoogleEndpoint> => ({
  '/o/oauth2/v2/auth': endpoint('authorize', createAuthorize(state)),
  '/token': endpoint('token', createToken(state), ['POST']),
  '/oauth2/v3/certs': endpoint(
    'jwks',
    () =>
      json(200, state.keys.jwks(), {
        'cache-control': 'public, max-age=19000, must-revalidate, no-transform',
      }),
    ['GET'],
  ),
  '/.well-known/openid-configuration': endpoint('discovery', ({ url }) => json(200, discovery(url.origin)), [
    'GET',
  ]),
})
