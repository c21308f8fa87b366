// Google's quirks. An address is proven only where Google is its host: @gmail.com, or a Workspace domain (F11).
import { Google } from 'arctic'
import type { Clock } from '../../clock.ts'
import { isJsonObject } from '../../json-object.ts'
import { Unavailable } from '../../unavailable.ts'
import type { RemoteJwks } from '../../upstream-keys/remote-jwks.ts'
import { exchange } from './exchange.ts'
import { at, createGuardedFetch } from './guarded-fetch.ts'
import { createIdTokenVerification, type IdTokenClaims } from './id-token.ts'
import { emailOf, nameOf } from './person-facts.ts'
import type { UpstreamPerson, UpstreamProvider } from './provider.ts'

const issuer = 'https://accounts.google.com'
/** The form without https is as legal as the other, says Google. */
const issuers = [issuer, 'accounts.google.com']
const oauth = 'https://oauth2.googleapis.com'

/** `email_verified` is a boolean, and a string in some older answers. */
const emailFacts = ({
  email: given,
  email_verified: verified,
  hd,
}: IdTokenClaims): Pick<UpstreamPerson, 'email' | 'emailVerified'> => {
  const email = emailOf(given)
  if (email === undefined) return { emailVerified: false }
  const isVerified = verified === true || verified === 'true'
  const hosted = email.toLowerCase().endsWith('@gmail.com') || (typeof hd === 'string' && hd !== '')
  return { email, emailVerified: isVerified && hosted }
}

export const createGoogleLogin = (options: {
  clientId: string
  clientSecret: string
  origin?: string
  redirectUri: string
  clock: Clock
  /** keys/provider-keys.ts */
  jwks: RemoteJwks
}): UpstreamProvider => {
  const { clientId, clientSecret, origin, redirectUri, jwks, clock } = options
  const arctic = new Google(clientId, clientSecret, redirectUri)
  const fetch = createGuardedFetch({ name: 'Google', hosts: [issuer, oauth], origin })
  const verifyIdToken = createIdTokenVerification({ jwks, issuers, clientId, clock })

  return {
    id: 'google',
    issuer,
    pages: [origin ?? issuer],
    authorizationUrl: ({ state, nonce, codeVerifier, again }) => {
      const url = arctic.createAuthorizationURL(state, codeVerifier, ['openid', 'email', 'profile'])
      url.searchParams.set('nonce', nonce)
      // For a refresh token, with which alone the connection can be ended later.
      url.searchParams.set('access_type', 'offline')
      // Google has no prompt=login; at least the person chooses, and nobody is waved through.
      if (again) url.searchParams.set('prompt', 'select_account')
      return at(origin, url)
    },
    identify: async ({ code, nonce, codeVerifier }) => {
      const tokens = await exchange(fetch, {}, () => arctic.validateAuthorizationCode(code, codeVerifier))
      const claims = await verifyIdToken(tokens.idToken, nonce)
      const name = nameOf(claims.name)
      const { refreshToken } = tokens
      return {
        subject: claims.sub,
        ...emailFacts(claims),
        ...(name !== undefined && { name }),
        ...(refreshToken !== undefined && { refreshToken }),
      }
    },
    endConnection: async ({ refreshToken }) => {
      if (refreshToken === undefined) return 'impossible'
      const response = await fetch(`${oauth}/revoke`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token: refreshToken }).toString(),
      })
      if (response.ok) return 'ended'
      // Dead already: the person was there before us.
      const answer: unknown = await response.json().catch(() => undefined)
      if (isJsonObject(answer) && answer.error === 'invalid_token') return 'ended'
      throw new Unavailable(`Google (status ${response.status})`)
    },
  }
}
