// The redirect URIs that a client may register and use.

const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?(\/|$)/

const withoutPort = (uri: string): string => uri.replace(loopback, 'http://$1$3')

/**
 * Compares exact strings (RFC 9700 §2.1). Only the port on this machine may differ, for native apps: with a
 * loopback IP address (RFC 8252 §7.3), and with the name localhost, which many of them use.
 */
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

/** The reason to reject the URI, as the end of a sentence. Undefined if a client may register it. */
export const redirectUriFault = (uri: string): string | undefined => {
  if (!URL.canParse(uri)) return 'is not an absolute URI'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the rule rejects control characters
  if (/[\s\u0000-\u001f\u007f*\\]/.test(uri))
    return 'contains a space, a wildcard, a backslash or a control character'
  // A URI has only ASCII characters (RFC 3986 §2), and a Location header needs them.
  if (/[^\x20-\x7e]/.test(uri)) return 'contains characters that are not ASCII. Percent-encode them'
  const url = new URL(uri)
  if (uri.includes('#')) return 'has a fragment (RFC 6749 §3.1.2)'
  if (url.username !== '' || url.password !== '') return 'contains a user name or a password'
  if (url.protocol === 'https:') return undefined
  if (url.protocol === 'http:')
    return ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
      ? undefined
      : 'must use https, because its host is not localhost'
  // A private-use scheme of a native app is a reversed domain name (RFC 8252 §7.1).
  return /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(url.protocol)
    ? undefined
    : 'must use https, or a private scheme such as com.example.app'
}
