// Checks whether the signing keys can be decrypted, how old the active key is, and which key follows it.
import { type Clock, secondsAfter } from '../clock.ts'
import type { KeyEncryption } from '../encryption/sealing.ts'
import { type KnownVerifiers, unawareOf } from '../keys/known-verifiers.ts'
import { prePublication } from '../keys/rotation.ts'
import { loadSigningKey } from '../keys/rsa-keys.ts'
import {
  publishedAt,
  type SigningKey,
  type SigningKeys,
  scheduledAt,
  signingKeyAt,
  standbysAt,
} from '../keys/signing-keys.ts'
import { errorMessage, type Finding } from './finding.ts'
import { type KeyEncryptionFindingsDeps, keyEncryptionFindings } from './key-encryption-findings.ts'

export interface KeyFindingsDeps extends KeyEncryptionFindingsDeps {
  clock: Clock
  signingKeys: SigningKeys
  knownVerifiers: KnownVerifiers
}

const oldKeyDays = 90

const encryptionFaults = async (
  published: readonly SigningKey[],
  decrypt: KeyEncryption['decrypt'],
): Promise<Finding[]> => {
  const check = 'key-encryption key'
  const faults: Finding[] = []
  for (const key of published)
    try {
      await loadSigningKey(key, decrypt(key.kid, key.encryptedPrivateKey))
    } catch (error) {
      const message = `The signing key ${key.kid} cannot be used. ${errorMessage(error)}`
      const advice =
        'Restore the key-encryption key. If it is lost, replace the signing key: "dojang keys revoke --force".'
      faults.push({ check, status: 'fault', message, advice })
    }
  return faults
}

const decryptsAll: Finding = {
  check: 'key-encryption key',
  status: 'ok',
  message: 'It decrypts every published signing key.',
}

const signingFinding = (keys: readonly SigningKey[], signing: SigningKey, now: Date): Finding => {
  const check = 'signing keys'
  const days = Math.floor((now.getTime() - (signing.activatesAt ?? signing.createdAt).getTime()) / 86_400_000)
  const message = `${signing.kid} has signed for ${days} days. Published keys: ${publishedAt(keys, now).length}.`
  if (days >= oldKeyDays && scheduledAt(keys, now) === undefined)
    return { check, status: 'warning', message, advice: 'Run "dojang keys rotate".' }
  return { check, status: 'ok', message }
}

const rotationFindings = async (
  next: SigningKey,
  knownVerifiers: KnownVerifiers,
  now: Date,
): Promise<Finding[]> => {
  const check = 'rotation'
  const message = `${next.kid} starts to sign at ${next.activatesAt?.toISOString()}.`
  // Before this moment a service may not have fetched the key yet, which is normal.
  const fetchedBy = secondsAfter(next.publishedAt, prePublication.floorSeconds)
  const unaware = now < fetchedBy ? [] : unawareOf(next.kid, await knownVerifiers.list(), now)
  return [
    { check, status: 'note', message },
    ...unaware.map(
      ({ name, seenAt }): Finding => ({
        check,
        status: 'warning',
        message: `${name} last fetched the keys at ${seenAt.toISOString()}, before ${next.kid} was published.`,
        advice:
          'Check that this service reaches the issuer. Otherwise it will reject every token of the new key.',
      }),
    ),
  ]
}

const noStandby: Finding = {
  check: 'standby key',
  status: 'note',
  message: 'There is no standby key for an emergency.',
  advice: 'Run "dojang keys generate". Services then know the next key before it is needed.',
}

export const keyFindings = async (deps: KeyFindingsDeps): Promise<Finding[]> => {
  const now = deps.clock.now()
  const keys = await deps.signingKeys.list()
  if (keys.length === 0)
    return [
      {
        check: 'signing keys',
        status: 'note',
        message: 'There are no signing keys yet. The first start of the server creates one.',
      },
    ]
  const faults = await encryptionFaults(publishedAt(keys, now), deps.keyEncryption.decrypt)
  const signing = signingKeyAt(keys, now)
  if (signing === undefined) {
    const advice = 'Run "dojang keys generate".'
    return [
      ...faults,
      { check: 'signing keys', status: 'fault', message: 'No key signs, so no token can be issued.', advice },
    ]
  }
  const next = scheduledAt(keys, now)
  return [
    ...(faults.length > 0 ? faults : [decryptsAll, ...keyEncryptionFindings(keys, deps, now)]),
    signingFinding(keys, signing, now),
    ...(next === undefined ? [] : await rotationFindings(next, deps.knownVerifiers, now)),
    ...(standbysAt(keys, now).length === 0 ? [noStandby] : []),
  ]
}
