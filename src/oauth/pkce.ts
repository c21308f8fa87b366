// Proof Key for Code Exchange (RFC 7636), S256 only.
import { hashToken, sameSecret } from '../secrets.ts'

/** True for the base64url form of a SHA-256 hash, which S256 produces. */
export const isCodeChallenge = (value: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(value)

/** 43 to 128 unreserved characters (RFC 7636 §4.1). */
const isCodeVerifier = (value: string): boolean => /^[A-Za-z0-9._~-]{43,128}$/.test(value)

/** A verifier without a challenge is refused too, which prevents a downgrade (RFC 9700 §4.8.2). */
export const verifierMatches = (challenge: string | undefined, verifier: string | undefined): boolean => {
  if (challenge === undefined || verifier === undefined) return challenge === verifier
  return isCodeVerifier(verifier) && sameSecret(hashToken(verifier), challenge)
}
