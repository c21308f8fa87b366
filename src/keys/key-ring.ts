// The signing keys in memory: read and proved at start, re-read now and then, asked at every request without any IO.
// Which key signs or is shown follows from the clock, so every instance switches at the stored time.
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
   * Reads the records again; a key that is new is decrypted and proved.
   * @throws {Error} if a key cannot be used: at start a reason to stop. Everything else that was read is in force.
   */
  load(): Promise<void>
  /** Makes the first key of an installation, once however many instances start, and loads. The key that signs. */
  ensureFirst(): Promise<SigningKey>
  /** The key that signs now. @throws {Unavailable} if none is loaded */
  current(): LoadedKey
  /** For tokens that open doors: the keys that the JWKS shows. */
  verifying(): VerifyingKey[]
  /** For an old id_token_hint only: also the keys that left the JWKS, never a revoked one. */
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
  let shown: { kids: string; document: Jwks } | undefined
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
    const faults: unknown[] = []
    for (const record of publishedAt(records, now)) {
      try {
        signing.set(record.kid, memory.signing.get(record.kid) ?? (await load(record)))
      } catch (fault) {
        faults.push(fault)
      }
    }
    const verifying = new Map(
      hintVerifyingAt(records, now).map((record) => [
        record.kid,
        memory.verifying.get(record.kid) ?? loadVerifyingKey(record),
      ]),
    )
    // One key that cannot be used must not keep a revocation of another from being seen.
    memory = { records, signing, verifying }
    shown = undefined
    if (faults.length > 0) throw faults[0]
  }

  /** One after the other, so that what was read last is what is remembered. */
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
      if (shown?.kids !== kids) shown = { kids, document: jwks(keys) }
      return shown.document
    },
    records: () => memory.records,
  }
}
