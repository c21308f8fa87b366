// Reads and verifies stored password hashes: our own PHC string, and the forms that `users import` accepts.
// hash.ts makes new hashes and queues the work.
import { createHash, pbkdf2, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { parseOptions as argon2Options, verify as verifyArgon2 } from '@node-rs/argon2'
import { verify as verifyBcrypt } from '@node-rs/bcrypt'

export interface Argon2Parameters {
  memoryKiB: number
  passes: number
  lanes: number
}

export interface StoredHash {
  /** Set only for Argon2id version 19 with a full-size hash and salt. A login replaces all other forms. */
  argon2id?: Argon2Parameters
  /** Starts to hash at once. The caller waits in the queue first (hash-queue.ts). */
  matches(password: string): Promise<boolean>
}

/**
 * Limits on imported hashes. Without them, one imported hash could use all memory or block a core for minutes
 * at a login. At the limits one verification takes about two seconds, and usual parameters take far less.
 */
export const importBounds = {
  /** The memory of one verification: m of argon2, 128·N·r of scrypt. */
  memoryKiB: 256 * 1024,
  /** The memory times the passes: m·t of argon2, 128·N·r·p of scrypt. */
  workKiB: 1024 * 1024,
  argon2Lanes: 16,
  bcryptCost: 15,
  pbkdf2Iterations: 5_000_000,
} as const

/** `$2b$12$`, then 22 characters of salt and 31 of hash. */
const bcryptForm = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/

const scryptAsync = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)
const pbkdf2Async = promisify(pbkdf2)

const argon2OptionsOf = (phc: string) => {
  try {
    return argon2Options(phc)
  } catch {
    return undefined
  }
}

const readArgon2 = (phc: string): StoredHash | undefined => {
  const read = argon2OptionsOf(phc)
  if (!read || read.memoryCost > importBounds.memoryKiB || read.parallelism > importBounds.argon2Lanes)
    return undefined
  if (read.memoryCost * read.timeCost > importBounds.workKiB) return undefined
  const matches = (password: string) => verifyArgon2(phc, password)
  const isFull = phc.startsWith('$argon2id$v=19$') && read.outputLen >= 32 && read.saltLen >= 16
  if (!isFull) return { matches }
  return {
    argon2id: { memoryKiB: read.memoryCost, passes: read.timeCost, lanes: read.parallelism },
    matches,
  }
}

/** Django writes `argon2` before a PHC string. The result has no `argon2id`, so a login replaces it. */
const readDjangoArgon2 = (phc: string): StoredHash | undefined => {
  const read = readArgon2(phc)
  return read && { matches: read.matches }
}

/** bcrypt uses only the first 72 bytes of a password. This limit ends with the new hash at the next login. */
const readBcrypt = (stored: string, prepare = (password: string) => password): StoredHash | undefined => {
  const cost = Number(bcryptForm.exec(stored)?.[1] ?? 0)
  if (cost < 4 || cost > importBounds.bcryptCost) return undefined
  return { matches: (password) => verifyBcrypt(prepare(password), stored) }
}

const readScrypt = (N: number, r: number, p: number, salt: Buffer, hash: Buffer): StoredHash | undefined => {
  const memoryKiB = (N * r) / 8
  if (N < 2 || !Number.isInteger(Math.log2(N)) || r < 1 || p < 1) return undefined
  if (memoryKiB > importBounds.memoryKiB || memoryKiB * p > importBounds.workKiB) return undefined
  if (hash.length < 16 || hash.length > 64) return undefined
  // RFC 7914 §6: the algorithm needs p blocks and a scratch area in addition to the N blocks.
  const maxmem = 128 * r * (N + p + 2) + 1024
  return {
    matches: async (password) =>
      timingSafeEqual(await scryptAsync(password, salt, hash.length, { N, r, p, maxmem }), hash),
  }
}

const readPbkdf2 = (iterations: number, salt: string, hash: Buffer): StoredHash | undefined => {
  if (iterations < 1 || iterations > importBounds.pbkdf2Iterations || hash.length !== 32) return undefined
  return {
    matches: async (password) =>
      timingSafeEqual(await pbkdf2Async(password, salt, iterations, hash.length, 'sha256'), hash),
  }
}

const base64 = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64')
const sha256Hex = (password: string): string => createHash('sha256').update(password).digest('hex')

// Does not accept `keyid` and `data`: they refer to a secret (a pepper) of the old system.
const argon2Shape = String.raw`argon2(?:id|i|d)\$(?:v=\d+\$)?m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+`
const bcryptShape = String.raw`\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}`

type Groups = readonly (string | undefined)[]

const forms: readonly { shape: RegExp; read(groups: Groups): StoredHash | undefined }[] = [
  { shape: new RegExp(`^(\\$${argon2Shape})$`), read: ([, stored = '']) => readArgon2(stored) },
  { shape: new RegExp(`^(${bcryptShape})$`), read: ([, stored = '']) => readBcrypt(stored) },
  {
    shape: /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,5}),p=(\d{1,5})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/,
    read: ([, ln, r, p, salt, hash]) =>
      readScrypt(2 ** Number(ln), Number(r), Number(p), base64(salt), base64(hash)),
  },
  // Django's forms: the name of the algorithm, then its fields.
  { shape: new RegExp(`^argon2\\$(${argon2Shape})$`), read: ([, rest]) => readDjangoArgon2(`$${rest}`) },
  {
    shape: new RegExp(`^bcrypt_sha256\\$(${bcryptShape})$`),
    read: ([, stored = '']) => readBcrypt(stored, sha256Hex),
  },
  {
    shape: /^pbkdf2_sha256\$(\d{1,9})\$([^$]+)\$([A-Za-z0-9+/]+=*)$/,
    read: ([, iterations, salt = '', hash]) => readPbkdf2(Number(iterations), salt, base64(hash)),
  },
  {
    shape: /^scrypt\$(\d{1,9})\$([^$]+)\$(\d{1,5})\$(\d{1,5})\$([A-Za-z0-9+/]+=*)$/,
    read: ([, N, salt = '', r, p, hash]) =>
      readScrypt(Number(N), Number(r), Number(p), Buffer.from(salt), base64(hash)),
  },
]

/** The stored hash, or undefined if its form is unknown, malformed or out of bounds. */
export const readStoredHash = (stored: string): StoredHash | undefined => {
  for (const { shape, read } of forms) {
    const groups = shape.exec(stored)
    if (groups) return read(groups)
  }
  return undefined
}

/** Whether `users import` accepts this string. It accepts weak hashes: the next login replaces them. */
export const isImportable = (stored: string): boolean => readStoredHash(stored) !== undefined
