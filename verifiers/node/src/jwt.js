// A compact JWS taken apart strictly (RFC 7515 §3.1, RFC 8725): one spelling of each byte, one meaning of each member.
// The signature is checked by jose, with one algorithm that the caller names.
import { compactVerify, errors } from 'jose'

/** @import { CryptoKey } from 'jose' */
/** @typedef {Record<string, unknown>} Members */
/** @typedef {{ header: Members, payload: Members }} Jwt */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Bytes of base64url, if it is the only spelling of them: no padding, no other alphabet, no stray bits at the end.
 * @type {(part: string) => Buffer | undefined}
 */
const bytesOf = (part) => {
  const bytes = Buffer.from(part, 'base64url')
  return bytes.toString('base64url') === part ? bytes : undefined
}

/**
 * Is a member twice in one object, at any depth? `text` is known to be JSON.
 * @type {(text: string) => boolean}
 */
const repeatsMember = (text) => {
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
    // What reads back as it was written repeats nothing, as issuers write it; anything else is looked at closely.
    return JSON.stringify(value) === text || !repeatsMember(text) ? value : undefined
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
  // Nothing critical is understood here, so nothing critical is taken (RFC 7515 §4.1.11).
  return header && payload && !Object.hasOwn(header, 'crit') ? { header, payload } : undefined
}

/** @type {(token: string, key: CryptoKey | Uint8Array, algorithm: 'RS256' | 'HS256') => Promise<boolean>} */
export const signatureMatches = async (token, key, algorithm) => {
  try {
    await compactVerify(token, key, { algorithms: [algorithm] })
    return true
  } catch (error) {
    if (error instanceof errors.JOSEError) return false
    throw error
  }
}
