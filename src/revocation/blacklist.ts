// What is revoked before it expires: single tokens, families, users up to a moment, clients up to a moment, keys.
// Owns the record and its port; introspection and our own bearer check consult it, the feed publishes it.

import { epochSeconds, fromEpochSeconds, secondsAfter } from '../clock.ts'
import type { ClientId, FamilyId, Kid } from '../ids.ts'
import { maxAccessTokenTtlSeconds, verifierLeewaySeconds } from '../lifetimes.ts'

export const revocationKinds = ['jti', 'sid', 'sub', 'client_id', 'kid'] as const
export type RevocationKind = (typeof revocationKinds)[number]

export interface Revocation {
  kind: RevocationKind
  value: string
  /** For `sub` and `client_id`: tokens with `iat` at or before this second are dead. Absent: all of them. */
  cutoff?: Date
  revokedAt: Date
  /** Until the last token it concerns has expired, verifier leeway included. */
  expiresAt: Date
}

/** The names under which one access token may be revoked. */
export interface TokenNames {
  jti: string
  sid?: FamilyId
  sub: string
  client_id: ClientId
  kid: Kid
  iat: number
}

export interface Blacklist {
  /** Repeating it is harmless; a later cut-off and a later expiry win. */
  add(revocation: Revocation): Promise<void>
  /** The live entries among the given names. */
  find(names: readonly { kind: RevocationKind; value: string }[], now: Date): Promise<Revocation[]>
  /** Every live entry, oldest first; of a given moment on: only those revoked, or revoked again, then or later. */
  list(now: Date, since?: Date): Promise<Revocation[]>
}

/** An entry that outlasts every token minted before `now`. `cutoff` makes it spare those minted later. */
export const revocationOf = (
  kind: RevocationKind,
  value: string,
  now: Date,
  options: { cutoff?: Date; tokenExpiresAt?: Date } = {},
): Revocation => ({
  kind,
  value,
  ...(options.cutoff && { cutoff: fromEpochSeconds(epochSeconds(options.cutoff)) }),
  revokedAt: now,
  expiresAt: secondsAfter(
    options.tokenExpiresAt ?? secondsAfter(now, maxAccessTokenTtlSeconds),
    verifierLeewaySeconds,
  ),
})

const names = (token: TokenNames) =>
  revocationKinds.flatMap((kind) => {
    const value = token[kind]
    return value === undefined ? [] : [{ kind, value }]
  })

/** Why the token is revoked, or undefined if it is not. `iat <= cutoff` dies: the same second too (ASVS 7.4.1). */
export const findRevocation = async (
  blacklist: Blacklist,
  token: TokenNames,
  now: Date,
): Promise<Revocation | undefined> =>
  (await blacklist.find(names(token), now)).find(
    ({ cutoff }) => cutoff === undefined || token.iat <= epochSeconds(cutoff),
  )
