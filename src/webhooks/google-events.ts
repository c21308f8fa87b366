// Google's security events (Cross-Account Protection, RISC): the effect of each event, and its signature.
import type { RemoteJwks } from '../upstream-keys/remote-jwks.ts'
import type { EventTable } from './receive-events.ts'
import type { EventSource } from './security-event.ts'

const risc = 'https://schemas.openid.net/secevent/risc/event-type/'
const oauth = 'https://schemas.openid.net/secevent/oauth/event-type/'

/**
 * Every event that Google documents. A revoked token ends the sessions but keeps the identity, because the
 * user can grant access at Google again.
 */
export const googleEvents: EventTable = {
  [`${risc}sessions-revoked`]: 'end_sessions',
  [`${risc}account-disabled`]: 'disable',
  [`${risc}account-enabled`]: 'enable',
  [`${risc}account-credential-change-required`]: 'nothing',
  [`${risc}verification`]: 'nothing',
  [`${oauth}tokens-revoked`]: 'end_sessions',
  [`${oauth}token-revoked`]: 'end_sessions',
}

/** The `iss` of events ends with a slash, the `iss` of ID tokens does not. GOOGLE_ORIGIN changes neither. */
const issuer = 'https://accounts.google.com/'

export const createGoogleSource = (clientIds: readonly string[], jwks: RemoteJwks): EventSource => ({
  jwks,
  // An ID token may have no `typ` either. It never passes as an event, because an event has the claim
  // `events`, and its `iss` ends with a slash.
  types: ['secevent+jwt', 'jwt', undefined],
  issuer,
  audiences: clientIds,
  subjectIssuers: [issuer, 'https://accounts.google.com', 'accounts.google.com'],
})
