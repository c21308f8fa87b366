// The faults that a test can put into an ID token.
import { epochSeconds, secondsAfter } from '../src/clock.ts'
import { type ProviderKeys, type SignatureFault, signatureFaults } from './provider-keys.ts'

export type IdTokenFault =
  | SignatureFault
  | 'wrong_issuer'
  | 'wrong_audience'
  /** `aud` names our app and another app, and `azp` names the other app. */
  | 'audience_array'
  /** `aud` names our app, but `azp` names another app. */
  | 'foreign_azp'
  | 'wrong_nonce'
  | 'no_nonce'
  | 'expired'
  | 'future_iat'
  | 'no_subject'
  /** The answer has no ID token. */
  | 'absent'

/** The issuer must reject an ID token with any of these faults. */
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

/** A fault of the signature leaves the claims as they are. */
const applyFault = (claims: Claims, fault: IdTokenFault | undefined, now: Date): Claims => ({
  ...claims,
  ...(fault && changes[fault]?.(claims, now)),
})

/** Returns undefined for the fault 'absent'. */
export const signIdToken = (
  keys: ProviderKeys,
  claims: Claims,
  fault: IdTokenFault | undefined,
  now: Date,
): string | undefined => {
  if (fault === 'absent') return undefined
  const signatureFault = signatureFaults.find((one) => one === fault)
  return keys.sign({ typ: 'JWT' }, applyFault(claims, fault, now), signatureFault)
}
