// Hashes and verifies passwords. New hashes are Argon2id; stored ones may have any form of imported-hash.ts.
// Owns the parameters and the equal work for unknown users. policy.ts decides which passwords are allowed.
import { randomBytes } from 'node:crypto'
import { hash as argon2 } from '@node-rs/argon2'
import type { HashLane, HashQueue } from './hash-queue.ts'
import { type Argon2Parameters, readStoredHash } from './imported-hash.ts'

/** OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, two passes, one lane. */
export const argon2idParameters: Argon2Parameters = { memoryKiB: 19_456, passes: 2, lanes: 1 }

/** Longer input is rejected before it is hashed. */
export const maxPasswordBytes = 1024

/** `matches_rehash`: the password is correct, and the caller should store `hash(password)` instead. */
export type PasswordVerdict = 'matches' | 'matches_rehash' | 'differs'

export interface PasswordHashing {
  /**
   * The hash as a PHC string.
   * @throws {RangeError} if the password is longer than `maxPasswordBytes`
   * @throws {Unavailable} if the lane is full
   */
  hash(password: string, lane: HashLane): Promise<string>
  /**
   * Compares a password with a stored hash. Without a usable hash it answers `differs` after the same work,
   * so that the time does not show whether the user exists (ASVS 6.3.8).
   * @throws {Unavailable} if the lane is full
   */
  verify(password: string, storedHash: string | undefined, lane: HashLane): Promise<PasswordVerdict>
}

export const isHashable = (password: string): boolean => Buffer.byteLength(password) <= maxPasswordBytes

/** A stronger hash is replaced too, because its longer time would show that the account exists. */
const areEqual = (a: Argon2Parameters, b: Argon2Parameters): boolean =>
  a.memoryKiB === b.memoryKiB && a.passes === b.passes && a.lanes === b.lanes

/**
 * A PHC string with a random output. A verification against it takes the full time and never succeeds.
 * It is made without hashing, so that the first unknown user takes no longer than the next.
 */
const decoyHash = ({ memoryKiB, passes, lanes }: Argon2Parameters): string => {
  const random = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${random(16)}$${random(32)}`
}

/**
 * Hashes the exact bytes of the password: a change such as Unicode normalisation would make two passwords
 * equal (ASVS 6.2.8). For an imported hash a wrong password takes the time of that form until the next login.
 */
export const createPasswordHashing = ({
  queue,
  parameters = argon2idParameters,
}: {
  queue: HashQueue
  parameters?: Argon2Parameters
}): PasswordHashing => {
  const decoy = readStoredHash(decoyHash(parameters))
  if (!decoy) throw new RangeError('argon2id parameters are out of bounds')

  return {
    hash: async (password, lane) => {
      if (!isHashable(password)) throw new RangeError('password is too long to hash')
      const { memoryKiB: memoryCost, passes: timeCost, lanes: parallelism } = parameters
      return queue(lane, () => argon2(password, { memoryCost, timeCost, parallelism }))
    },

    verify: async (password, storedHash, lane) => {
      const stored = storedHash === undefined ? undefined : readStoredHash(storedHash)
      if (!stored || !isHashable(password)) {
        await queue(lane, () => decoy.matches(''))
        return 'differs'
      }
      if (!(await queue(lane, () => stored.matches(password)))) return 'differs'
      return stored.argon2id && areEqual(stored.argon2id, parameters) ? 'matches' : 'matches_rehash'
    },
  }
}
