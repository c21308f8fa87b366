// Verifies the claims of a provider's ID token (OIDC Core §3.1.3.7). Does not own the check of the signature
// (upstream-keys/foreign-jwt.ts).
import { type Clock, epochSeconds } from '../../clock.ts'
import { sameSecret } from '../../secrets.ts'
import { Unavailable } from '../../unavailable.ts'
import { verifyForeignJwt } from '../../upstream-keys/foreign-jwt.ts'
import type { RemoteJwks } from '../../upstream-keys/remote-jwks.ts'
import { UpstreamRefusal } from './provider.ts'

export interface IdTokenClaims {
  sub: string
  [claim: string]: unknown
}

/** How far the clock of the provider may be ahead of the clock of this server. */
const leewaySeconds = 60

/** Our client id must be the only audience. Otherwise the token may have been issued to another app. */
const isForUsOnly = ({ aud, azp }: Readonly<Record<string, unknown>>, clientId: string): boolean => {
  const [only, ...others] = Array.isArray(aud) ? aud : [aud]
  return only === clientId && others.length === 0 && (azp === undefined || azp === clientId)
}

export const createIdTokenVerification =
  ({
    jwks,
    issuers,
    clientId,
    clock,
  }: {
    jwks: RemoteJwks
    /** The accepted values of `iss`. */
    issuers: readonly string[]
    clientId: string
    clock: Clock
  }) =>
  /** @throws {UpstreamRefusal | Unavailable} */
  async (token: string | undefined, nonce: string): Promise<IdTokenClaims> => {
    if (token === undefined) throw new UpstreamRefusal('there is no ID token')
    const verified = await verifyForeignJwt(token, { jwks, types: [undefined, 'jwt'] })
    if (verified.outcome === 'unavailable') throw new Unavailable(`the key set of ${issuers[0]}`)
    if (verified.outcome === 'invalid') throw new UpstreamRefusal(`ID token: ${verified.reason}`)
    const { payload } = verified
    const { iss, sub, exp, iat } = payload
    const now = epochSeconds(clock.now())
    if (typeof iss !== 'string' || !issuers.includes(iss)) throw new UpstreamRefusal('ID token: wrong issuer')
    if (!isForUsOnly(payload, clientId)) throw new UpstreamRefusal('ID token: wrong audience')
    if (typeof exp !== 'number' || exp <= now) throw new UpstreamRefusal('ID token: expired')
    if (typeof iat !== 'number' || iat > now + leewaySeconds)
      throw new UpstreamRefusal('ID token: issued in the future')
    if (typeof payload.nonce !== 'string' || !sameSecret(payload.nonce, nonce))
      throw new UpstreamRefusal('ID token: wrong nonce')
    if (typeof sub !== 'string' || sub === '' || sub.length > 255)
      throw new UpstreamRefusal('ID token: malformed subject')
    return { ...payload, sub }
  }
