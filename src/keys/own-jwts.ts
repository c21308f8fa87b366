// Signs and verifies this issuer's own JWTs with the keys in the key ring.
import type { Clock } from '../clock.ts'
import type { Kid } from '../ids.ts'
import { type InvalidJwt, type JwtClaims, signJwt, verifyJwt } from './jwt.ts'
import type { KeyRing } from './key-ring.ts'

export type VerifiedOwnJwt =
  | { outcome: 'valid'; payload: Record<string, unknown>; kid: Kid }
  | { outcome: 'invalid'; reason: InvalidJwt }

export interface OwnJwts {
  /** Signs with the active key. @throws {Unavailable} if no key is active */
  sign(typ: string, claims: JwtClaims): Promise<string>
  /** Verifies with the keys of the JWKS. */
  verify(token: string, typ: string): Promise<VerifiedOwnJwt>
  /** For an id_token_hint: accepts expired tokens and removed keys (OIDC RP-Initiated Logout §2). */
  verifyEvenExpired(token: string, typ: string): Promise<VerifiedOwnJwt>
}

export const createOwnJwts = (deps: { clock: Clock; issuer: string; keyRing: KeyRing }): OwnJwts => {
  const { clock, issuer, keyRing } = deps

  const verifyWith = async (
    token: string,
    expected: Omit<Parameters<typeof verifyJwt>[1], 'issuer' | 'now'>,
  ): Promise<VerifiedOwnJwt> => {
    const verified = await verifyJwt(token, { ...expected, issuer, now: clock.now() })
    return verified.outcome === 'valid'
      ? { outcome: 'valid', payload: verified.payload, kid: verified.header.kid }
      : verified
  }

  return {
    sign: (typ, claims) => signJwt({ typ, claims, key: keyRing.current() }),
    verify: (token, typ) => verifyWith(token, { keys: keyRing.verifying(), typ }),
    verifyEvenExpired: (token, typ) =>
      verifyWith(token, { keys: keyRing.verifyingHints(), typ, ignoreExpiry: true }),
  }
}
