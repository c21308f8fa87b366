// Password hashing for tests that do not care about the lanes of the queue.
import { createPasswordHashing } from '../../src/passwords/hash.ts'
import { createHashQueue } from '../../src/passwords/hash-queue.ts'
import type { Argon2Parameters } from '../../src/passwords/imported-hash.ts'

export const passwordHashing = (parameters?: Argon2Parameters) => {
  const queue = createHashQueue({ concurrency: 2, maxWaiting: 100 })
  const hashing = createPasswordHashing({ queue, ...(parameters && { parameters }) })
  return {
    hash: (password: string) => hashing.hash(password, 'sign_in'),
    verify: (password: string, storedHash: string | undefined) =>
      hashing.verify(password, storedHash, 'sign_in'),
  }
}
