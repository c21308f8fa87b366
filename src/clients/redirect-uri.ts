// Which redirect URIs a client may register and use. Exact string comparison (RFC 9700 §2.1).

const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\])(:\d{1,5})?(\/|$)/

const withoutPort = (uri: string): string => uri.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\])):\d{1,5}/, '$1')

/** Byte for byte; only the port of a loopback IP literal may differ, for native apps (RFC 8252 §7.3). */
export const redirectUriMatches = (registered: readonly string[], requested: string): boolean =>
  registered.some(
    (uri) =>
      uri === requested ||
      (loopback.test(uri) &&
        loopback.test(requested) &&
        URL.canParse(requested) &&
        withoutPort(uri) === withoutPort(requested)),
  )

/**
 * True if the URI proves which app receives the response. Any other app on the device can use a loopback port
 * or a private-use scheme (RFC 8252 §8.6).
 */
export const redirectUriIdentifiesClient = (redirectUri: string): boolean =>
  redirectUri.startsWith('https://')

/** Why a URI may not be registered, or undefined if it may. */
export const redirectUriFault = (uri: string): string | undefined => {
  if (!URL.canParse(uri)) return 'is not an absolute URI'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\s\u0000-\u001f\u007f*\\]/.test(uri))
    return 'holds a space, a wildcard, a backslash or a control character'
  // RFC 3986 §2: anything else could not stand in a Location header as it is.
  if (/[^\x20-\x7e]/.test(uri)) return 'holds characters beyond ASCII; write them percent-encoded'
  const url = new URL(uri)
  if (uri.includes('#')) return 'has a fragment (RFC 6749 §3.1.2)'
  if (url.username !== '' || url.password !== '') return 'holds user information'
  if (url.protocol === 'https:') return undefined
  if (url.protocol === 'http:')
    return ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
      ? undefined
      : 'must use https outside this machine'
  // A private-use scheme of a native app is a reversed domain name (RFC 8252 §7.1).
  return /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(url.protocol)
    ? undefined
    : 'has a scheme that may not be used'
}
