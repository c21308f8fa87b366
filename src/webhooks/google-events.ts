// What Google tells us of its members: Cross-Account Protection (RISC).
import type { RemoteJwks } from '../upstream-keys/remote-jwks.ts'
import type { EventTable } from './receive-events.ts'
import type { EventSource } from './security-event.ts'

const risc = 'https://schemas.openid.net/secevent/risc/event-type/'
const oauth = 'https://schemas.openid.net/secevent/oauth/event-type/'

/** Every event that Google documents. Access that was withdrawn ends sessions, not the identity: it is Google's to give again. */
export const googleEvents: EventTable = {
  [`${risc}sessions-revoked`]: 'end_sessions',
  [`${risc}account-disabled`]: 'disable',
  [`${risc}account-enabled`]: 'enable',
  [`${risc}account-credential-change-required`]: 'nothing',
  [`${risc}verification`]: 'nothing',
  [`${oauth}tokens-revoked`]: 'end_sessions',
  [`${oauth}token-revoked`]: 'end_sessions',
}

/** In its ID tokens there is no slash. Stays the real one, wherever we connect to. */
const issuer = 'https://accounts.google.com/'

export const createGoogleSource = (clientIds: readonly string[], jwks: RemoteJwks): EventSource => ({
  jwks,
  // Only the slash in `iss` and the claim `events` tell an event without a `typ` from an ID token; both are checked.
  types: ['secevent+jwt', 'jwt', undefined],
  issuer,
  audiences: clientIds,
  subjectIssuers: [issuer, 'https://accounts.google.com', 'accounts.google.com'],
})
