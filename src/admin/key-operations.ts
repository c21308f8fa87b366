// Lists, generates, imports and exports the signing keys. key-rotation-operations.ts decides which key signs.
import { defined } from '../defined.ts'
import type { KeyEncryption } from '../encryption/sealing.ts'
import type { Kid } from '../ids.ts'
import { type PublicJwk, publicJwk } from '../keys/jwks.ts'
import { addGenerated, addImported } from '../keys/rotation.ts'
import { exportPublicPem, generateSigningKey, importSigningKey, modulusLengths } from '../keys/rsa-keys.ts'
import { publishedAt, signingKeyAt } from '../keys/signing-keys.ts'
import { invalid, notFound } from './admin-error.ts'
import { flag, noInput, type ReadMember, required, text } from './input.ts'
import { createApplyKeyRule, type KeyAnswer, keyAnswer } from './key-change.ts'
import {
  createKeyRotationOperations,
  type KeyRotationDeps,
  type KeyRotationOperations,
} from './key-rotation-operations.ts'
import { createKeySealing } from './key-sealing.ts'
import { type KeyView, keyViews } from './key-view.ts'
import { type Operation, operation } from './operation.ts'

const keySize: ReadMember<number | undefined> = (value, name) => {
  if (value === undefined) return undefined
  const size = modulusLengths.find((length) => length === value)
  if (size === undefined) throw invalid(`"${name}" must be one of ${modulusLengths.join(', ')}.`, name)
  return size
}

const generateInput = { bits: keySize }
const importInput = { pem: required(text) }
const exportInput = { kid: text, pem: flag }

export interface KeyOperations extends KeyRotationOperations {
  'keys.list': Operation<typeof noInput, KeyView[]>
  'keys.generate': Operation<typeof generateInput, KeyAnswer>
  'keys.import': Operation<typeof importInput, KeyAnswer>
  /** The public key, as a JWK or as PEM. */
  'keys.export': Operation<typeof exportInput, PublicJwk | { kid: Kid; pem: string }>
}

export interface KeyOperationsDeps extends KeyRotationDeps {
  encrypt: KeyEncryption['encrypt']
  modulusLength?: number
}

export const createKeyOperations = (deps: KeyOperationsDeps): KeyOperations => {
  const { clock, audit, signingKeys, encrypt, modulusLength } = deps
  const sealing = createKeySealing(deps.decrypt)
  const apply = createApplyKeyRule(deps)
  const newKey = (now: Date, bits?: number) =>
    generateSigningKey({ now, encrypt, ...defined({ modulusLength: bits ?? modulusLength }) })

  return {
    'keys.list': operation(noInput, async () => keyViews(await signingKeys.list(), clock.now())),
    'keys.generate': operation(generateInput, async ({ bits }) => {
      const now = clock.now()
      sealing.checkNew(publishedAt(await signingKeys.list(), now))
      const key = await newKey(now, bits)
      const change = await apply((keys) => addGenerated(keys, key, now))
      audit({ type: 'key.generated', actor: 'admin', keyId: change.key.kid })
      return keyAnswer(change, now)
    }),
    'keys.import': operation(importInput, async ({ pem }) => {
      const now = clock.now()
      sealing.checkNew(publishedAt(await signingKeys.list(), now))
      const imported = await importSigningKey(pem, { now, encrypt })
      if (imported.outcome === 'refused') throw invalid(imported.reason)
      const change = await apply((keys) => addImported(keys, imported.key, now))
      if (change.outcome === 'changed') audit({ type: 'key.imported', actor: 'admin', keyId: change.key.kid })
      return keyAnswer(change, now)
    }),
    'keys.export': operation(exportInput, async ({ kid, pem = false }) => {
      const keys = await signingKeys.list()
      const key =
        kid === undefined ? signingKeyAt(keys, clock.now()) : keys.find((candidate) => candidate.kid === kid)
      if (key === undefined)
        throw notFound(
          kid === undefined
            ? 'No key signs now. Run "dojang doctor" to see why.'
            : `There is no signing key ${JSON.stringify(kid)}. Run "dojang keys list" to see all keys.`,
        )
      audit({ type: 'key.exported', actor: 'admin', keyId: key.kid, reason: 'public key' })
      return pem ? { kid: key.kid, pem: exportPublicPem(key) } : publicJwk(key)
    }),
    ...createKeyRotationOperations({ ...deps, newKey }),
  }
}
