// The stored forms of a password that can be verified: our own PHC string and those that other systems bring along.
// Owns their recognition, bounds and verification. Makes no hash and does not queue: password-hash.ts does.
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
  /** Only of a full-size PHC Argon2id string, the one form that need not be replaced. */
  argon2id?: Argon2Parameters
  /** Does the work at once; the caller queues. */
  matches(password: string): Promise<boolean>
}

/** A file of hashes is data from outside: without bounds one line of it could take all memory or a core for minutes at
    a login. At these bounds one verification is about two seconds; the usual defaults are far below. */
export const importBounds = {
  /** Held at one time: argon2's m; scrypt's 128·N·r. */
  memoryKiB: 256 * 1024,
  /** Filled in all: argon2's m·t; scrypt's 128·N·r·p. */
  workKiB: 1024 * 1024,
  argon2Lanes: 16,
  bcryptCost: 15,
  pbkdf2Iterations: 5_000_000,
} as const

/** `$2b$12$`, 22 characters of salt and 31 of hash. */
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

/** `argon2` and a PHC string. Without its parameters, because the form itself is to be replaced. */
const readDjangoArgon2 = (phc: string): StoredHash | undefined => {
  const read = readArgon2(phc)
  return read && { matches: read.matches }
}

/** bcrypt reads 72 bytes at most: a longer password counts by its beginning until it is hashed anew at the next login. */
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
  // RFC 7914 §6: p blocks and a scratch area lie beside the N blocks.
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

// No keyid and no data in an argon2 string: they name a pepper that we do not have.
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
  // Django's encodings: the algorithm's name first, then its own fields.
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

/** What a stored string is and how to check it; undefined when it is no known form, broken, or out of bounds. */
export const readStoredHash = (stored: string): StoredHash | undefined => {
  for (const { shape, read } of forms) {
    const groups = shape.exec(stored)
    if (groups) return read(groups)
  }
  return undefined
}

/** May `users import` keep this string? Weak forms may: they live only until the next login. */
export const isImportable = (stored: string): boolean => readStoredHash(stored) !== undefined
