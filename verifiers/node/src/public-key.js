import { createPublicKey } from 'node:crypto'
import { isText } from './json-values.js'

/** @import { KeyObject } from 'node:crypto' */

/**
 * The RSA public key in a PEM text, or undefined. A service must not hold a private key, so none is accepted.
 * @type {(pem: unknown) => KeyObject | undefined}
 */
export const publicKeyOf = (pem) => {
  if (!isText(pem) || !pem.trim().startsWith('-----BEGIN PUBLIC KEY-----')) return undefined
  try {
    const key = createPublicKey(pem)
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
    return key.asymmetricKeyType === 'rsa' && bits >= 2048 ? key : undefined
  } catch {
    return undefined
  }
}
