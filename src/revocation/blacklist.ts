// The blacklist: everything that is revoked before it expires. Owns the record and its port.
// tokens/access-token.ts checks tokens against it, and feed.ts publishes it.

import { epochSeconds, fromEpochSeconds, secondsAfter } from '../clock.ts'
import type { ClientId, FamilyId, Kid } from '../ids.ts'
import { maxAccessTokenTtlSeconds, verifierLeewaySeconds } from '../lifetimes.ts'

/** The claims of an access token, and the `kid` header, under which it can be revoked. */
export const revocationKinds = ['jti', 'sid', 'sub', 'client_id', 'kid'] as const
export type RevocationKind = (typeof revocationKinds)[number]

export interface Revocation {
  kind: RevocationKind
  value: string
  /** For `sub` and `client_id`: only tokens with an `iat` at or before it are revoked. Absent: all tokens. */
  cutoff?: Date
  revokedAt: Date
  /** Not before the last revoked token expires, with the leeway of verifiers included. */
  expiresAt: Date
}

/** The facts of one access token that decide whether it is revoked. */
export interface TokenNames {
  jti: string
  sid?: FamilyId
  sub: string
  client_id: ClientId
  kid: Kid
  iat: number
}

export interface Blacklist {
  /** Safe to repeat. If the entry exists, the later `cutoff` and the later `expiresAt` win. */
  add(revocation: Revocation): Promise<void>
  /** The entries with these names that have not expired. */
  find(names: readonly { kind: RevocationKind; value: string }[], now: Date): Promise<Revocation[]>
  /** All entries that have not expired, oldest first. With `since`: only those added or changed since. */
  list(now: Date, since?: Date): Promise<Revocation[]>
}

/**
 * An entry that expires after every token issued before `now`. With `cutoff` it does not revoke later tokens.
 * @param options.tokenExpiresAt the expiry of the only token that the entry revokes
 */
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

/** Whether the entry revokes what began in this second. The second of the cutoff is included (ASVS 7.4.1). */
const revokes = ({ cutoff }: Revocation, seconds: number): boolean =>
  cutoff === undefined || seconds <= epochSeconds(cutoff)

/**
 * The entry that revokes the token, or undefined.
 * @throws {Unavailable} if the blacklist cannot be read
 */
export const findRevocation = async (
  blacklist: Blacklist,
  token: TokenNames,
  now: Date,
): Promise<Revocation | undefined> =>
  (await blacklist.find(names(token), now)).find((entry) => revokes(entry, token.iat))

/**
 * Whether the client of a grant that started at `startedAt` has been deleted, also if this server has not
 * heard of it yet. @throws {Unavailable} if the blacklist cannot be read
 */
export const isClientRemoved = async (
  blacklist: Blacklist,
  clientId: ClientId,
  startedAt: Date,
  now: Date,
): Promise<boolean> =>
  (await blacklist.find([{ kind: 'client_id', value: clientId }], now)).some((entry) =>
    revokes(entry, epochSeconds(startedAt)),
  )
