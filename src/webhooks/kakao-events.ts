// Kakao's signed events about accounts: the effect of each event, and its signature. kakao-unlink.ts receives
// Kakao's older call, which is not signed.
import type { RemoteJwks } from '../upstream-keys/remote-jwks.ts'
import type { EventTable } from './receive-events.ts'
import type { EventSource } from './security-event.ts'

const oauth = 'https://schemas.openid.net/secevent/oauth/event-type/'
const risc = 'https://schemas.openid.net/secevent/risc/event-type/'
const caep = 'https://schemas.openid.net/secevent/caep/event-type/'

/** Every event that Kakao documents. */
export const kakaoEvents: EventTable = {
  // Sent at sign-up. Do not confuse it with `user-unlinked`.
  [`${oauth}user-linked`]: 'nothing',
  [`${oauth}user-unlinked`]: 'end_connection',
  [`${oauth}user-scope-consent`]: 'nothing',
  [`${oauth}user-scope-withdraw`]: 'nothing',
  [`${oauth}token-issued`]: 'nothing',
  // It is about one Kakao token, and Dojang keeps no Kakao token.
  [`${oauth}token-revoked`]: 'nothing',
  [`${oauth}tokens-revoked`]: 'end_sessions',
  [`${risc}account-disabled`]: 'disable',
  [`${risc}account-enabled`]: 'enable',
  [`${risc}account-purged`]: 'end_connection',
  [`${risc}account-credential-change-required`]: 'nothing',
  [`${risc}credential-compromise`]: 'end_sessions',
  [`${risc}identifier-changed`]: 'nothing',
  [`${risc}identifier-recycled`]: 'nothing',
  [`${risc}sessions-revoked`]: 'end_sessions',
  [`${caep}credential-change`]: 'nothing',
  [`${caep}assurance-level-change`]: 'nothing',
  'https://schemas.kakao.com/platevent/kakao/event-type/user-profile-changed': 'nothing',
}

/** ID tokens have the same issuer. KAKAO_ORIGIN does not change it. */
const issuer = 'https://kauth.kakao.com'

export const createKakaoSource = (restKey: string, jwks: RemoteJwks): EventSource => ({
  jwks,
  types: ['secevent+jwt'],
  issuer,
  audiences: [restKey],
  subjectIssuers: [issuer],
})
