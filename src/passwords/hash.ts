// Making and checking password hashes: Argon2id for every new one, any form of imported-hash.ts for old ones.
// Owns the parameters and the equal work for unknown users. Judges no password (password-policy.ts), throttles nobody.
import { randomBytes } from 'node:crypto'
import { hash as argon2 } from '@node-rs/argon2'
import type { HashQueue } from './hash-queue.ts'
import { type Argon2Parameters, readStoredHash } from './imported-hash.ts'

/** OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, two passes, one lane. */
export const argon2idParameters: Argon2Parameters = { memoryKiB: 19_456, passes: 2, lanes: 1 }

/** Longer input is refused before any hashing; argon2 itself uses every byte of it. */
export const maxPasswordBytes = 1024

export type PasswordVerdict = 'matches' | 'matches_rehash' | 'differs'

export interface PasswordHashing {
  /** A PHC string. @throws RangeError beyond `maxPasswordBytes`, Unavailable when the queue is full. */
  hash(password: string): Promise<string>
  /** `matches_rehash`: right, and the stored form should be replaced by `hash(password)`. Without a usable stored hash
      it is `differs` after the same work (ASVS 6.3.8). @throws Unavailable when the queue is full. */
  verify(password: string, storedHash: string | undefined): Promise<PasswordVerdict>
}

export const isHashable = (password: string): boolean => Buffer.byteLength(password) <= maxPasswordBytes

/** Any difference counts, not only weaker ones: a costlier hash would tell by its time that the account exists. */
const areEqual = (a: Argon2Parameters, b: Argon2Parameters): boolean =>
  a.memoryKiB === b.memoryKiB && a.passes === b.passes && a.lanes === b.lanes

/** A random output in place of a hash: verifying against it is the whole work and never succeeds. Made without hashing,
    so that the first unknown user costs what the second does. */
const hashOfNobody = ({ memoryKiB, passes, lanes }: Argon2Parameters): string => {
  const random = (bytes: number) => randomBytes(bytes).toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${random(16)}$${random(32)}`
}

/** The password is hashed byte for byte as given: no trimming, no case folding and no Unicode normalisation, which would
    make two passwords one (ASVS 6.2.8). A wrong password for a hash that still has an imported form or old
    parameters takes the time of that form until the next login: one verification, but not the same one. */
export const createPasswordHashing = ({
  queue,
  parameters = argon2idParameters,
}: {
  queue: HashQueue
  parameters?: Argon2Parameters
}): PasswordHashing => {
  const nobody = readStoredHash(hashOfNobody(parameters))
  if (!nobody) throw new RangeError('argon2id parameters are out of bounds')

  return {
    hash: async (password) => {
      if (!isHashable(password)) throw new RangeError('password is too long to hash')
      const { memoryKiB: memoryCost, passes: timeCost, lanes: parallelism } = parameters
      return queue(() => argon2(password, { memoryCost, timeCost, parallelism }))
    },

    verify: async (password, storedHash) => {
      const stored = storedHash === undefined ? undefined : readStoredHash(storedHash)
      if (!stored || !isHashable(password)) {
        await queue(() => nobody.matches(''))
        return 'differs'
      }
      if (!(await queue(() => stored.matches(password)))) return 'differs'
      return stored.argon2id && areEqual(stored.argon2id, parameters) ? 'matches' : 'matches_rehash'
    },
  }
}
