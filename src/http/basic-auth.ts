// Reads client credentials from an Authorization header with the scheme Basic (RFC 7617).

export interface BasicCredentials {
  id: string
  secret: string
}

/** Client id and secret are form-encoded before Basic joins them (RFC 6749 §2.3.1). */
const formDecode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** Undefined if the header has another scheme or is malformed. */
export const readBasic = (header: string): BasicCredentials | undefined => {
  const encoded = /^basic ([A-Za-z0-9+/]+=*)$/i.exec(header)?.[1]
  if (encoded === undefined) return undefined
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  const cut = decoded.indexOf(':')
  if (cut < 0) return undefined
  const id = formDecode(decoded.slice(0, cut))
  const secret = formDecode(decoded.slice(cut + 1))
  return id && secret !== undefined && !id.includes('\0') ? { id, secret } : undefined
}
