// What Kakao tells us of its members. Two ways: signed events about the state of an account, and the older call that a
// member disconnected, which carries our admin key.
import type { RemoteJwks } from '../upstream-keys/remote-jwks.ts'
import type { EventTable } from './receive-events.ts'
import type { EventSource } from './security-event.ts'

const oauth = 'https://schemas.openid.net/secevent/oauth/event-type/'
const risc = 'https://schemas.openid.net/secevent/risc/event-type/'
const caep = 'https://schemas.openid.net/secevent/caep/event-type/'

/** Every event that Kakao documents. `user-linked` comes at sign-up: it must not be taken for its opposite. */
export const kakaoEvents: EventTable = {
  [`${oauth}user-linked`]: 'nothing',
  [`${oauth}user-unlinked`]: 'end_connection',
  [`${oauth}user-scope-consent`]: 'nothing',
  [`${oauth}user-scope-withdraw`]: 'nothing',
  [`${oauth}token-issued`]: 'nothing',
  // One token at Kakao; we keep none.
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

/** The same in its ID tokens. Stays the real one, wherever we connect to. */
const issuer = 'https://kauth.kakao.com'

export const createKakaoSource = (restKey: string, jwks: RemoteJwks): EventSource => ({
  jwks,
  types: ['secevent+jwt'],
  issuer,
  audiences: [restKey],
  subjectIssuers: [issuer],
})
