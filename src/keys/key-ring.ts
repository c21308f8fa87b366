// The signing keys in memory, so that a request needs no IO for them. Each key is tested when it is loaded.
// The clock decides which key signs, so all instances switch at the stored time.
import type { Clock } from '../clock.ts'
import { createKeyEncryption } from '../encryption/sealing.ts'
import { Unavailable } from '../unavailable.ts'
import { type Jwks, jwks } from './jwks.ts'
import type { LoadedKey, VerifyingKey } from './jwt.ts'
import { addFirst } from './rotation.ts'
import { generateSigningKey, loadSigningKey, loadVerifyingKey } from './rsa-keys.ts'
import {
  hintVerifyingAt,
  publishedAt,
  type SigningKey,
  type SigningKeys,
  signingKeyAt,
} from './signing-keys.ts'

export interface KeyRing {
  /**
   * Reads the records, and decrypts and tests each new key.
   * @throws {Error} if a key cannot be used. The other keys are loaded.
   * @throws {Unavailable} if the records cannot be read. The keys in memory stay in use.
   */
  load(): Promise<void>
  /**
   * Creates the first key of an installation if no key signs, and loads all keys. If several instances start
   * together, only one creates the key.
   * @returns the key that signs
   */
  ensureFirst(): Promise<SigningKey>
  /** The key that signs now. @throws {Unavailable} if it is not loaded */
  current(): LoadedKey
  /** The keys of the JWKS, for tokens that give access. */
  verifying(): VerifyingKey[]
  /** For an expired id_token_hint only: includes keys that left the JWKS, but no revoked key. */
  verifyingHints(): VerifyingKey[]
  jwks(): Jwks
  records(): readonly SigningKey[]
}

interface Memory {
  records: readonly SigningKey[]
  signing: ReadonlyMap<string, LoadedKey>
  verifying: ReadonlyMap<string, VerifyingKey>
}

export const createKeyRing = (deps: {
  clock: Clock
  signingKeys: SigningKeys
  keyEncryptionKeys: readonly Uint8Array[]
  modulusLength?: number
}): KeyRing => {
  const { clock, signingKeys } = deps
  const encryption = createKeyEncryption(deps.keyEncryptionKeys)
  let memory: Memory = { records: [], signing: new Map(), verifying: new Map() }
  let published: { kids: string; document: Jwks } | undefined
  let reading: Promise<void> = Promise.resolve()

  const load = async (record: SigningKey): Promise<LoadedKey> => {
    const pkcs8 = encryption.decrypt(record.kid, record.encryptedPrivateKey)
    try {
      return await loadSigningKey(record, pkcs8)
    } finally {
      pkcs8.fill(0)
    }
  }

  const read = async () => {
    const records = await signingKeys.list()
    const now = clock.now()
    const signing = new Map<string, LoadedKey>()
    const errors: unknown[] = []
    for (const record of publishedAt(records, now)) {
      try {
        signing.set(record.kid, memory.signing.get(record.kid) ?? (await load(record)))
      } catch (error) {
        errors.push(error)
      }
    }
    const verifying = new Map(
      hintVerifyingAt(records, now).map((record) => [
        record.kid,
        memory.verifying.get(record.kid) ?? loadVerifyingKey(record),
      ]),
    )
    // A key that cannot be used must not hide that another key was revoked.
    memory = { records, signing, verifying }
    published = undefined
    if (errors.length > 0) throw errors[0]
  }

  /** Runs one read at a time, so that an older read cannot replace the result of a newer one. */
  const reload = (): Promise<void> => {
    reading = reading.catch(() => undefined).then(read)
    return reading
  }

  const verifyingOf = (records: readonly SigningKey[]): VerifyingKey[] =>
    records.flatMap(({ kid }) => memory.verifying.get(kid) ?? [])

  return {
    load: reload,
    ensureFirst: async () => {
      if (signingKeyAt(await signingKeys.list(), clock.now()) === undefined) {
        const key = await generateSigningKey({
          now: clock.now(),
          encrypt: encryption.encrypt,
          ...(deps.modulusLength !== undefined && { modulusLength: deps.modulusLength }),
        })
        await signingKeys.update((keys) => addFirst(keys, key, clock.now()).keys)
      }
      await reload()
      const signing = signingKeyAt(memory.records, clock.now())
      if (signing === undefined) throw new Unavailable('the signing key')
      return signing
    },
    current: () => {
      const record = signingKeyAt(memory.records, clock.now())
      const key = record && memory.signing.get(record.kid)
      if (key === undefined) throw new Unavailable('the signing key')
      return key
    },
    verifying: () => verifyingOf(publishedAt(memory.records, clock.now())),
    verifyingHints: () => verifyingOf(hintVerifyingAt(memory.records, clock.now())),
    jwks: () => {
      const keys = publishedAt(memory.records, clock.now())
      const kids = keys.map(({ kid }) => kid).join(' ')
      if (published?.kids !== kids) published = { kids, document: jwks(keys) }
      return published.document
    },
    records: () => memory.records,
  }
}
