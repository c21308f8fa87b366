// Configuration: environment only, read once, every fault reported together. Imported by main.ts, app.ts and cli/.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'

export interface Config {
  issuer: string
  host: string
  port: number
  dataDir: string
  keysDir: string
  /** Absent: PostgreSQL in-process (PGlite) in `dataDir`. */
  databaseUrl?: string
  /** Absent: token state lives in the SQL database. */
  redisUrl?: string
  /** One or two 32-byte keys: the first encrypts, both decrypt. Absent: a file in `keysDir`. */
  keyEncryptionKeys?: readonly Uint8Array[]
  accessTokenTtlSeconds: number
  refreshIdleTtlSeconds: number
  refreshAbsoluteTtlSeconds: number
  refreshGraceSeconds: number
  defaultAudience: string
  /** Addresses or CIDR ranges whose X-Forwarded-For is believed. */
  trustedProxies: readonly string[]
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  workers: number
  /** May people register themselves? */
  registration: boolean
  /** The first-party password API, /api/token. */
  passwordApi: boolean
  metricsToken?: string
  /** Ways in through others; each is there if its client id is set. */
  kakao?: ProviderConfig & {
    /** Ends connections there, and is in every unlink webhook. */
    adminKey?: string
    /** Names the app in every unlink webhook. */
    appId?: string
    pkce: boolean
  }
  google?: ProviderConfig
  naver?: ProviderConfig
  /** May a proven address link a provider to the account that holds it proven, without asking? */
  linkVerifiedEmails: boolean
}

export interface ProviderConfig {
  clientId: string
  clientSecret: string
  /** Stands for all hosts of the provider: a gateway, a fake. Absent: the provider itself. */
  origin?: string
}

/** Everything wrong with the environment at once, one sentence each. */
export class ConfigError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    )
    this.faults = faults
  }
}

type Environment = Readonly<Record<string, string | undefined>>

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const isLoopback = (hostname: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(hostname) || hostname.endsWith('.localhost')

/** `10.0.0.0/8`, `::1`: never a number of hops, which whoever adds one more proxy can forge past. */
const isAddressRange = (text: string): boolean => {
  const [address = '', prefix, ...rest] = text.split('/')
  const bits = isIP(address) === 4 ? 32 : 128
  const fits =
    prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= bits)
  return isIP(address) !== 0 && fits && rest.length === 0
}

/**
 * Reads and checks the environment.
 * @throws {ConfigError} naming every fault, never a secret's value
 */
export const readConfig = (env: Environment): Config => {
  const faults: string[] = []

  const text = (name: string): string | undefined => env[name]?.trim() || undefined

  const secret = (name: string): string | undefined => {
    const file = text(`${name}_FILE`)
    if (file === undefined) return text(name)
    if (text(name) !== undefined) faults.push(`${name} and ${name}_FILE are both set; keep one.`)
    try {
      return readFileSync(file, 'utf8').trim() || undefined
    } catch (error) {
      faults.push(
        `${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`,
      )
      return undefined
    }
  }

  const seconds = (name: string, fallback: number, { min, max }: { min: number; max: number }): number => {
    const given = text(name)
    if (given === undefined) return fallback
    const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN
    if (value >= min && value <= max) return value
    faults.push(`${name} must be a whole number of seconds from ${min} to ${max}.`)
    return fallback
  }

  const whole = (name: string, fallback: number, { min, max }: { min: number; max: number }): number => {
    const given = text(name)
    if (given === undefined) return fallback
    const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN
    if (value >= min && value <= max) return value
    faults.push(`${name} must be a whole number from ${min} to ${max}.`)
    return fallback
  }

  const onOff = (name: string): boolean => {
    const given = text(name)?.toLowerCase() ?? 'on'
    if (given !== 'on' && given !== 'off') faults.push(`${name} must be on or off.`)
    return given !== 'off'
  }

  const url = (name: string, value: string | undefined, protocols: readonly string[]): string | undefined => {
    if (value === undefined) return undefined
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value
    faults.push(
      `${name} must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}.`,
    )
    return undefined
  }

  const issuerFault = (issuer: string): string | undefined => {
    if (!URL.canParse(issuer)) return 'ISSUER must be an absolute URL, for example https://id.example.com.'
    const { protocol, hostname, search, hash, username, pathname } = new URL(issuer)
    if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname)))
      return 'ISSUER must use https (http is allowed on this machine only).'
    if (search || hash || username)
      return 'ISSUER must have no query, fragment or user information (RFC 8414 §2).'
    if (issuer.endsWith('/'))
      return 'ISSUER must not end with a slash: it is compared character by character.'
    if (pathname !== '/') return 'ISSUER must have no path: give Dojang a host name of its own.'
    return undefined
  }

  const keyEncryptionKeys = (): readonly Uint8Array[] | undefined => {
    const given = secret('KEY_ENCRYPTION_KEY')
    if (given === undefined) return undefined
    const keys = given.split(',').map((part) => Buffer.from(part.trim(), 'base64'))
    const isRandom = (key: Uint8Array) => new Set(key).size >= 16
    if (keys.length <= 2 && keys.every((key) => key.length === 32 && isRandom(key))) return keys
    faults.push(
      'KEY_ENCRYPTION_KEY must be 32 random bytes in base64 (openssl rand -base64 32), or two of them, new,old.',
    )
    return undefined
  }

  const originOf = (name: string): string | undefined => {
    const value = text(name)
    if (value === undefined) return undefined
    const { protocol, hostname, origin } = URL.canParse(value) ? new URL(value) : {}
    const secure = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname ?? ''))
    if (secure && (value === origin || value === `${origin}/`)) return origin
    faults.push(
      `${name} must be an origin, for example https://gateway.example.com, without a path (http is allowed on this machine only).`,
    )
    return undefined
  }

  const provider = (name: 'KAKAO' | 'GOOGLE' | 'NAVER'): ProviderConfig | undefined => {
    const clientId = text(`${name}_CLIENT_ID`)
    const clientSecret = secret(`${name}_CLIENT_SECRET`)
    const origin = originOf(`${name}_ORIGIN`)
    if (clientId !== undefined && clientSecret !== undefined)
      return { clientId, clientSecret, ...(origin !== undefined && { origin }) }
    if (clientId !== undefined || clientSecret !== undefined)
      faults.push(`${name}_CLIENT_ID and ${name}_CLIENT_SECRET belong together; set both or neither.`)
    return undefined
  }

  const port = whole('PORT', 4000, { min: 0, max: 65_535 })
  const issuer = text('ISSUER') ?? `http://localhost:${port}`
  const badIssuer = issuerFault(issuer)
  if (badIssuer) faults.push(badIssuer)

  const refreshIdleTtlSeconds = seconds('REFRESH_IDLE_TTL', 604_800, { min: 60, max: 31_536_000 })
  const refreshAbsoluteTtlSeconds = seconds('REFRESH_ABSOLUTE_TTL', 2_592_000, { min: 60, max: 31_536_000 })
  if (refreshIdleTtlSeconds > refreshAbsoluteTtlSeconds)
    faults.push('REFRESH_IDLE_TTL must not be longer than REFRESH_ABSOLUTE_TTL.')

  const databaseUrl = url('DATABASE_URL', secret('DATABASE_URL'), ['postgres:', 'postgresql:'])
  const redisUrl = url('REDIS_URL', secret('REDIS_URL'), ['redis:', 'rediss:'])
  const workers = whole('WORKERS', 1, { min: 1, max: 64 })
  if (workers > 1 && !env.DATABASE_URL && !env.DATABASE_URL_FILE)
    faults.push('WORKERS above 1 needs DATABASE_URL: the embedded database serves one process.')

  const logLevel = text('LOG_LEVEL') ?? 'info'
  if (!logLevels.some((level) => level === logLevel))
    faults.push(`LOG_LEVEL must be one of ${logLevels.join(', ')}.`)

  const defaultAudience = text('DEFAULT_AUDIENCE') ?? `${issuer}/api`
  const audienceGiven = defaultAudience === text('DEFAULT_AUDIENCE')
  if (audienceGiven && (!URL.canParse(defaultAudience) || defaultAudience.includes('#')))
    faults.push('DEFAULT_AUDIENCE must be an absolute URI without a fragment (RFC 8707 §2).')

  const trustedProxies = (text('TRUSTED_PROXIES') ?? '')
    .split(',')
    .map((range) => range.trim())
    .filter(Boolean)
  if (!trustedProxies.every(isAddressRange))
    faults.push(
      'TRUSTED_PROXIES must be addresses or CIDR ranges with commas between them, as 10.0.0.0/8,::1.',
    )

  const encryptionKeys = keyEncryptionKeys()
  const metricsToken = secret('METRICS_TOKEN')
  if (metricsToken !== undefined && !/^[A-Za-z0-9._~+/-]{16,}=*$/.test(metricsToken))
    faults.push('METRICS_TOKEN must be 16 characters or more of those that a bearer token may have.')
  const kakao = provider('KAKAO')
  const kakaoAdminKey = secret('KAKAO_ADMIN_KEY')
  const kakaoAppId = text('KAKAO_APP_ID')
  const kakaoPkce = onOff('KAKAO_PKCE')
  const google = provider('GOOGLE')
  const naver = provider('NAVER')
  const config: Config = {
    issuer,
    host: text('HOST') ?? 'localhost',
    port,
    dataDir: resolve(text('DATA_DIR') ?? 'data'),
    keysDir: resolve(text('KEYS_DIR') ?? 'keys'),
    ...(databaseUrl !== undefined && { databaseUrl }),
    ...(redisUrl !== undefined && { redisUrl }),
    ...(encryptionKeys !== undefined && { keyEncryptionKeys: encryptionKeys }),
    accessTokenTtlSeconds: seconds('ACCESS_TOKEN_TTL', 600, { min: 30, max: 3600 }),
    refreshIdleTtlSeconds,
    refreshAbsoluteTtlSeconds,
    refreshGraceSeconds: seconds('REFRESH_GRACE', 20, { min: 0, max: 120 }),
    defaultAudience,
    trustedProxies,
    logLevel: logLevel as Config['logLevel'],
    workers,
    registration: onOff('REGISTRATION'),
    passwordApi: onOff('PASSWORD_API'),
    ...(metricsToken !== undefined && { metricsToken }),
    ...(kakao && {
      kakao: {
        ...{ ...kakao, pkce: kakaoPkce },
        ...(kakaoAdminKey !== undefined && { adminKey: kakaoAdminKey }),
        ...(kakaoAppId !== undefined && { appId: kakaoAppId }),
      },
    }),
    ...(google && { google }),
    ...(naver && { naver }),
    linkVerifiedEmails: onOff('LINK_VERIFIED_EMAILS'),
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return config
}
