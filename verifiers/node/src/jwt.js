// Parses a compact JWS strictly (RFC 7515 §3.1, RFC 8725).
// jose checks the signature, with the algorithm that the caller requires.
import { compactVerify, errors } from 'jose'

/** @import { KeyObject } from 'node:crypto' */
/** @import { CryptoKey } from 'jose' */
/** @typedef {Record<string, unknown>} Members */
/** @typedef {{ header: Members, payload: Members }} Jwt */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Decodes base64url. Rejects padding, other characters, and unused last bits that are not zero.
 * @type {(part: string) => Buffer | undefined}
 */
const bytesOf = (part) => {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : undefined
}

/**
 * True if an object in `text`, at any depth, has two members of the same name. `text` must be valid JSON.
 * @type {(text: string) => boolean}
 */
const hasDuplicateMember = (text) => {
  /** @type {(Set<string> | undefined)[]} */
  const open = []
  let before = ''
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) {
    const names = open.at(-1)
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (names && token.startsWith('"') && (before === '{' || before === ',')) {
      const name = JSON.parse(token)
      if (names.has(name)) return true
      names.add(name)
    }
    before = token
  }
  return false
}

/** @type {(part: string) => Members | undefined} */
const membersOf = (part) => {
  const bytes = bytesOf(part)
  if (bytes === undefined) return undefined
  try {
    const text = utf8.decode(bytes)
    const value = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    // Fast path: JSON.stringify writes no duplicates, so equal text has none.
    return JSON.stringify(value) === text || !hasDuplicateMember(text) ? value : undefined
  } catch {
    return undefined
  }
}

/** @type {(token: string) => Jwt | undefined} */
export const readJwt = (token) => {
  const [headerPart = '', payloadPart = '', signature, ...rest] = token.split('.')
  if (signature === undefined || rest.length > 0 || bytesOf(signature) === undefined) return undefined
  const header = membersOf(headerPart)
  const payload = header && membersOf(payloadPart)
  // No critical header is supported, so each one is rejected (RFC 7515 §4.1.11).
  return header && payload && !Object.hasOwn(header, 'crit') ? { header, payload } : undefined
}

/**
 * @type {(
 *   token: string,
 *   key: CryptoKey | KeyObject | Uint8Array,
 *   algorithm: 'RS256' | 'HS256',
 * ) => Promise<boolean>}
 */
export const signatureMatches = async (token, key, algorithm) => {
  try {
    await compactVerify(token, key, { algorithms: [algorithm] })
    return true
  } catch (error) {
    if (error instanceof errors.JOSEError) return false
    throw error
  }
}
