// Reads single settings from environment variables. A setting that cannot be used is reported as a fault.
import { readFileSync } from 'node:fs'

interface Range {
  min: number
  max: number
}

/** `fault` receives one sentence for each setting that cannot be used, and never the value of a secret. */
export const createEnvironment = (
  env: Readonly<Record<string, string | undefined>>,
  fault: (sentence: string) => void,
) => {
  const text = (name: string): string | undefined => env[name]?.trim() || undefined

  const secret = (name: string): string | undefined => {
    const file = text(`${name}_FILE`)
    if (file === undefined) return text(name)
    if (text(name) !== undefined) fault(`${name} and ${name}_FILE are both set. Remove one of them.`)
    try {
      return readFileSync(file, 'utf8').trim() || undefined
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException
      fault(`${name}_FILE cannot be read (${code}). Check its path and permissions.`)
      return undefined
    }
  }

  const whole = (name: string, fallback: number, { min, max }: Range, unit = ''): number => {
    const given = text(name)
    if (given === undefined) return fallback
    const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN
    if (value >= min && value <= max) return value
    fault(`${name} must be a whole number${unit} from ${min} to ${max}.`)
    return fallback
  }

  const seconds = (name: string, fallback: number, range: Range): number =>
    whole(name, fallback, range, ' of seconds')

  /** On by default. */
  const onOff = (name: string): boolean => {
    const given = text(name)?.toLowerCase() ?? 'on'
    if (given !== 'on' && given !== 'off') fault(`${name} must be on or off.`)
    return given !== 'off'
  }

  /** A URL that may contain a password, such as the one of a database. */
  const secretUrl = (name: string, protocols: readonly string[]): string | undefined => {
    const value = secret(name)
    if (value === undefined) return undefined
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value
    const beginnings = protocols.map((protocol) => `${protocol}//`).join(' or ')
    fault(`${name} must be a URL that begins with ${beginnings}.`)
    return undefined
  }

  const origin = (name: string): string | undefined => {
    const value = text(name)
    if (value === undefined) return undefined
    const url = URL.canParse(value) ? new URL(value) : undefined
    if (url !== undefined && isSecure(url) && (value === url.origin || value === `${url.origin}/`))
      return url.origin
    fault(
      `${name} must be an origin without a path, for example https://gateway.example.com. ` +
        'http is allowed on this machine only.',
    )
    return undefined
  }

  /** An address that paths are added to, without a slash at the end. */
  const baseUrl = (name: string): string | undefined => {
    const value = text(name)
    if (value === undefined) return undefined
    const url = URL.canParse(value) ? new URL(value) : undefined
    if (url !== undefined && isSecure(url) && url.href === `${url.origin}${url.pathname}`)
      return url.href.replace(/\/+$/, '')
    fault(
      `${name} must be an https URL without a query, a fragment or user information. ` +
        'http is allowed on this machine only.',
    )
    return undefined
  }

  const isSet = (name: string): boolean => text(name) !== undefined || text(`${name}_FILE`) !== undefined

  return { fault, isSet, text, secret, whole, seconds, onOff, secretUrl, origin, baseUrl }
}

export type Environment = ReturnType<typeof createEnvironment>

/** True for the names and addresses of this machine. */
export const isLocalHost = (hostname: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(hostname) || hostname.endsWith('.localhost')

/** True if the issuer's address can be reached only from this machine. */
export const isLocalIssuer = (issuer: string): boolean => isLocalHost(new URL(issuer).hostname)

/** https, or http on this machine. */
export const isSecure = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && isLocalHost(hostname))
