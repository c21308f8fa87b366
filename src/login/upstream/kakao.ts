// Kakao. No scope is requested: the consent items of the Kakao app decide, so an app without e-mail works
// too. Only /v2/user/me says whether an address is verified (F12 in docs/security.md).
import { createHash } from 'node:crypto'
import { Kakao } from 'arctic'
import type { Clock } from '../../clock.ts'
import { isJsonObject } from '../../json-object.ts'
import { Unavailable } from '../../unavailable.ts'
import type { RemoteJwks } from '../../upstream-keys/remote-jwks.ts'
import { exchange } from './exchange.ts'
import { atOrigin, createGuardedFetch } from './guarded-fetch.ts'
import { createIdTokenVerification } from './id-token.ts'
import { emailOf, nameOf } from './person-facts.ts'
import { type UpstreamPerson, type UpstreamProvider, UpstreamRefusal } from './provider.ts'

const login = 'https://kauth.kakao.com'
const api = 'https://kapi.kakao.com'

/**
 * Keeps the id as text, because it may be too large for a JavaScript number.
 * @throws {UpstreamRefusal}
 */
export const readKakaoUser = (text: string): Readonly<Record<string, unknown>> => {
  const keepId = (name: string, value: unknown, context?: { source?: string }) =>
    name === 'id' && typeof value === 'number' ? context?.source : value
  try {
    const me: unknown = JSON.parse(text, keepId)
    if (isJsonObject(me)) return me
  } catch {
    // The parser's message is dropped, because it quotes the body.
  }
  throw new UpstreamRefusal('the user response is malformed')
}

/**
 * Verified only if every flag says so. `is_email_valid` is false if another Kakao account took the address.
 */
export const kakaoEmail = (account: unknown): Pick<UpstreamPerson, 'email' | 'emailVerified'> => {
  if (!isJsonObject(account)) return { emailVerified: false }
  const email = emailOf(account.email)
  if (email === undefined || account.email_needs_agreement === true) return { emailVerified: false }
  return { email, emailVerified: account.is_email_valid === true && account.is_email_verified === true }
}

export const createKakaoLogin = (options: {
  clientId: string
  clientSecret: string
  adminKey?: string
  /** Kakao's discovery document lists PKCE, but its reference does not. */
  pkce: boolean
  origin?: string
  redirectUri: string
  clock: Clock
  /** Kakao's published keys. */
  jwks: RemoteJwks
}): UpstreamProvider => {
  const { clientId, clientSecret, adminKey, pkce, origin, redirectUri, jwks, clock } = options
  const arctic = new Kakao(clientId, clientSecret, redirectUri)
  const fetch = createGuardedFetch({ name: 'Kakao', hosts: [login, api], origin })
  const verifyIdToken = createIdTokenVerification({ jwks, issuers: [login], clientId, clock })

  /** 'unknown': this user is not connected to the app. */
  const callAsAdmin = async (
    key: string,
    path: string,
    params: Record<string, string>,
  ): Promise<'done' | 'unknown'> => {
    const response = await fetch(`${api}${path}`, {
      method: 'POST',
      headers: {
        authorization: `KakaoAK ${key}`,
        'content-type': 'application/x-www-form-urlencoded;charset=utf-8',
      },
      body: new URLSearchParams({ target_id_type: 'user_id', ...params }).toString(),
    })
    if (response.ok) return 'done'
    // -101: the user is not connected. Every other code is an error.
    const body: unknown = await response.json().catch(() => undefined)
    if (isJsonObject(body) && body.code === -101) return 'unknown'
    throw new Unavailable(`Kakao (status ${response.status})`)
  }

  return {
    id: 'kakao',
    issuer: login,
    pages: origin === undefined ? [login, 'https://accounts.kakao.com'] : [origin],
    authorizationUrl: ({ state, nonce, codeVerifier, reauthenticate }) => {
      const url = arctic.createAuthorizationURL(state, [])
      url.searchParams.set('nonce', nonce)
      if (reauthenticate) url.searchParams.set('prompt', 'login')
      if (pkce) {
        url.searchParams.set('code_challenge', createHash('sha256').update(codeVerifier).digest('base64url'))
        url.searchParams.set('code_challenge_method', 'S256')
      }
      return atOrigin(origin, url)
    },
    identify: async ({ code, nonce, codeVerifier }) => {
      const tokens = await exchange(fetch, pkce ? { code_verifier: codeVerifier } : {}, () =>
        arctic.validateAuthorizationCode(code),
      )
      const { sub, nickname } = await verifyIdToken(tokens.idToken, nonce)
      const response = await fetch(`${api}/v2/user/me`, {
        headers: { authorization: `Bearer ${tokens.accessToken}` },
      })
      if (!response.ok) throw new UpstreamRefusal(`the user response has status ${response.status}`)
      const me = readKakaoUser(await response.text())
      if (me.id !== sub) throw new UpstreamRefusal('the user response is about another person')
      const account = isJsonObject(me.kakao_account) ? me.kakao_account : {}
      const name = nameOf(nickname) ?? nameOf(isJsonObject(account.profile) && account.profile.nickname)
      return { subject: sub, ...kakaoEmail(account), ...(name !== undefined && { name }) }
    },
    ...(adminKey !== undefined && {
      isConnected: async (subject) =>
        (await callAsAdmin(adminKey, '/v2/user/me', { target_id: subject })) !== 'unknown',
    }),
    endConnection: async ({ subject }) => {
      if (adminKey === undefined) return 'impossible'
      await callAsAdmin(adminKey, '/v1/user/unlink', { target_id: subject })
      return 'ended'
    },
  }
}
