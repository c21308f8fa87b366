// What may be wrong with what an ID token says.
import { epochSeconds, secondsAfter } from '../src/clock.ts'
import { type SignatureFault, signatureFaults } from './provider-keys.ts'

export type IdTokenFault =
  | SignatureFault
  | 'wrong_issuer'
  | 'wrong_audience'
  /** Ours and another app's, made for the other. */
  | 'audience_array'
  /** For us by `aud`, but `azp` names another app. */
  | 'foreign_azp'
  | 'wrong_nonce'
  | 'no_nonce'
  | 'expired'
  | 'future_iat'
  | 'no_subject'
  /** There is none in the answer. */
  | 'absent'

/** Of these none may sign anybody in. */
export const idTokenFaults = [
  ...signatureFaults,
  'wrong_issuer',
  'wrong_audience',
  'audience_array',
  'foreign_azp',
  'wrong_nonce',
  'no_nonce',
  'expired',
  'future_iat',
  'no_subject',
  'absent',
] as const satisfies readonly IdTokenFault[]

type Claims = Record<string, unknown>

const changes: Partial<Record<IdTokenFault, (claims: Claims, now: Date) => Claims>> = {
  wrong_issuer: ({ iss }) => ({ iss: `${iss}.evil.example` }),
  wrong_audience: () => ({ aud: 'another-app' }),
  audience_array: ({ aud }) => ({ aud: [aud, 'another-app'], azp: 'another-app' }),
  foreign_azp: () => ({ azp: 'another-app' }),
  wrong_nonce: () => ({ nonce: 'of-another-request' }),
  no_nonce: () => ({ nonce: undefined }),
  expired: (_, now) => {
    const iat = epochSeconds(secondsAfter(now, -90_000))
    return { iat, auth_time: iat, exp: iat + 3600 }
  },
  future_iat: (_, now) => {
    const iat = epochSeconds(secondsAfter(now, 86_400))
    return { iat, exp: iat + 3600 }
  },
  no_subject: () => ({ sub: undefined }),
}

/** The claims under the fault; as they are under one that concerns the signature. */
export const spoiltClaims = (claims: Claims, fault: IdTokenFault | undefined, now: Date): Claims => ({
  ...claims,
  ...(fault && changes[fault]?.(claims, now)),
})

export const signatureFaultOf = (fault: IdTokenFault | undefined): SignatureFault | undefined =>
  signatureFaults.find((one) => one === fault)
