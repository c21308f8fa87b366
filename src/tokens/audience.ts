// The audience of a token (RFC 8707): the requested APIs, or else the default of the client or of the issuer.
// Also the audiences that Dojang's own endpoints accept (RFC 9068 §4).
import type { Client } from '../clients/client.ts'

/** The audiences of Dojang itself: the issuer for /userinfo, the default audience also for /api. */
export interface OwnAudiences {
  issuer: string
  defaultAudience: string
}

/** The part of a grant that decides which endpoints of Dojang the client will call. */
interface Grant {
  scope: readonly string[]
  startedBy?: 'authorization_code' | 'password'
}

/** A token for `openid` must work at /userinfo (OIDC Core §5.3), and a token of /api/token at /api. */
const ownAudienceOf = ({ scope, startedBy }: Grant, { issuer, defaultAudience }: OwnAudiences) => {
  if (startedBy === 'password') return [defaultAudience]
  return scope.includes('openid') ? [issuer] : []
}

/** The `aud` claim, or undefined if the client may not request one of the resources (`invalid_target`). */
export const resolveAudience = (
  client: Client,
  resource: readonly string[],
  grant: Grant,
  own: OwnAudiences,
): readonly string[] | undefined => {
  const { issuer, defaultAudience } = own
  const usual = client.defaultAudience ?? defaultAudience
  if (resource.length === 0)
    // All endpoints of Dojang accept the default audience.
    return usual === defaultAudience ? [usual] : [...new Set([usual, ...ownAudienceOf(grant, own)])]
  const allowed = [...client.audiences, usual, defaultAudience, issuer]
  return resource.every((uri) => allowed.includes(uri)) ? [...new Set(resource)] : undefined
}

/** Whether a token is for one of these audiences. Any API that received the token could use it otherwise. */
export const isForAudience = (
  { aud }: { aud: string | readonly string[] },
  audiences: readonly string[],
): boolean => [aud].flat().some((audience) => audiences.includes(audience))
