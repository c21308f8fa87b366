// The endpoints of the fake Kakao that a sign-in uses: authorization, token, JWKS and discovery.
import { epochSeconds } from '../src/clock.ts'
import { authorize, type ConsentItem } from './authorize.ts'
import { json, type Reply } from './faults.ts'
import type { Grant } from './grants.ts'
import { signIdToken } from './id-token.ts'
import { type KakaoPerson, kakaoEmailOf, kakaoProfileOf } from './kakao-people.ts'
import {
  accessTtlSeconds,
  type KakaoEndpoint,
  type KakaoState,
  kakaoIssuer,
  kakaoRefusal,
} from './kakao-state.ts'
import { type Call, type Endpoints, endpoint } from './provider-server.ts'
import { createTokenEndpoint } from './token-endpoint.ts'

const refreshTtlSeconds = 5_183_999

const items: readonly ConsentItem[] = [
  {
    scope: 'openid',
    label: { ko: '카카오계정으로 로그인', en: 'Sign in with the Kakao account' },
    required: true,
  },
  { scope: 'profile_nickname', label: { ko: '닉네임', en: 'Nickname' }, required: true },
  { scope: 'profile_image', label: { ko: '프로필 사진', en: 'Profile picture' }, required: false },
  { scope: 'account_email', label: { ko: '이메일', en: 'Email' }, required: false },
]

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

const createAuthorize = (state: KakaoState) => (call: Call) =>
  authorize(call, {
    ...state,
    items: (scope) =>
      scope === undefined ? items : items.filter((item) => scope.split(/[ ,]/).includes(item.scope)),
    problems: { client: 'KOE101', redirectUri: 'KOE006', request: 'KOE033' },
    refusals: {
      cancelled: { error: 'access_denied', error_description: 'User denied access' },
      interaction: { error: 'consent_required', error_description: 'user consent required.' },
    },
  })

const createIdToken = ({ clientId, clock, keys, knobs }: KakaoState) => {
  return (person: KakaoPerson, grant: Grant): string | undefined => {
    if (!knobs.openIdConnect || !grant.scopes.includes('openid')) return undefined
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
    return signIdToken(keys, claims, knobs.idToken, now)
  }
}

const createToken = (state: KakaoState) => {
  const idToken = createIdToken(state)
  return createTokenEndpoint(state, {
    authenticate: ({ form }) => {
      if (form.get('client_id') !== state.clientId)
        return kakaoRefusal(401, 'invalid_client', 'Not exist client_id', 'KOE101')
      if (form.get('client_secret') !== state.clientSecret)
        return kakaoRefusal(401, 'invalid_client', 'Bad client credentials', 'KOE010')
      return undefined
    },
    refusals: {
      grantType: kakaoRefusal(400, 'unsupported_grant_type', 'unsupported grant_type', 'KOE009'),
      refreshToken: (given) =>
        given === null
          ? kakaoRefusal(400, 'invalid_request', 'refresh_token is missing', 'KOE319')
          : kakaoRefusal(400, 'invalid_grant', 'expired_or_invalid_refresh_token', 'KOE322'),
      // Kakao does not document its answer to a wrong verifier.
      code: (outcome, code) =>
        outcome === 'other_redirect_uri'
          ? kakaoRefusal(400, 'invalid_grant', 'Redirect URI mismatch.', 'KOE303')
          : kakaoRefusal(400, 'invalid_grant', `authorization code not found for code=${code}`, 'KOE320'),
    },
    answer: (grant, accessToken, refreshToken): Reply => {
      const person = state.personOf(grant.personId)
      if (person === undefined) return kakaoRefusal(400, 'invalid_grant', 'no such person', 'KOE320')
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
    },
  })
}

export const createKakaoSignIn = (state: KakaoState): Endpoints<KakaoEndpoint> => ({
  '/oauth/authorize': endpoint('authorize', createAuthorize(state)),
  '/oauth/token': endpoint('token', createToken(state), ['POST']),
  '/.well-known/jwks.json': endpoint('jwks', () => json(200, state.keys.jwks()), ['GET']),
  '/.well-known/openid-configuration': endpoint('discovery', ({ url }) => json(200, discovery(url.origin)), [
    'GET',
  ]),
})
