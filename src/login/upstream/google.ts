// Google. An e-mail address counts as verified only if Google hosts it: gmail.com or a Workspace domain
// (F11 in docs/security.md).
import { Google } from 'arctic'
import type { Clock } from '../../clock.ts'
import { isJsonObject } from '../../json-object.ts'
import { Unavailable } from '../../unavailable.ts'
import type { RemoteJwks } from '../../upstream-keys/remote-jwks.ts'
import { exchange } from './exchange.ts'
import { atOrigin, createGuardedFetch } from './guarded-fetch.ts'
import { createIdTokenVerification, type IdTokenClaims } from './id-token.ts'
import { emailOf, nameOf } from './person-facts.ts'
import type { UpstreamPerson, UpstreamProvider } from './provider.ts'

const issuer = 'https://accounts.google.com'
/** Google documents both forms of its issuer. */
const issuers = [issuer, 'accounts.google.com']
const oauth = 'https://oauth2.googleapis.com'

/** `email_verified` is a boolean, but a string in some older responses. `hd` names the Workspace domain. */
const emailFacts = ({
  email: claimed,
  email_verified: verified,
  hd,
}: IdTokenClaims): Pick<UpstreamPerson, 'email' | 'emailVerified'> => {
  const email = emailOf(claimed)
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
  /** Google's published keys. */
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
    authorizationUrl: ({ state, nonce, codeVerifier, reauthenticate }) => {
      const url = arctic.createAuthorizationURL(state, codeVerifier, ['openid', 'email', 'profile'])
      url.searchParams.set('nonce', nonce)
      // Asks for a refresh token: without it, Dojang cannot end the connection later.
      url.searchParams.set('access_type', 'offline')
      // Google does not support prompt=login. select_account at least shows the account chooser.
      if (reauthenticate) url.searchParams.set('prompt', 'select_account')
      return atOrigin(origin, url)
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
      // The connection has already ended: the user removed it at Google.
      const body: unknown = await response.json().catch(() => undefined)
      if (isJsonObject(body) && body.error === 'invalid_token') return 'ended'
      throw new Unavailable(`Google (status ${response.status})`)
    },
  }
}
