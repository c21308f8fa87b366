// The configuration: read once from the environment, with every fault reported together.
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { readBrand } from './brand-config.ts'
import { defined } from './defined.ts'
import { createEnvironment, type Environment, isLocalIssuer, isSecure } from './environment.ts'
import { type MailConfig, readConfirmEmail, readMail } from './mail-config.ts'
import type { BrandSettings } from './pages/brand.ts'

export interface Config {
  issuer: string
  host: string
  port: number
  dataDir: string
  keysDir: string
  /** Absent: SQLite in `dataDir`. */
  databaseUrl?: string
  /** Absent: the SQL database keeps the token state. */
  redisUrl?: string
  /** One or two 32-byte keys: the first encrypts, both decrypt. Absent: a file in `keysDir`. */
  keyEncryptionKeys?: readonly Uint8Array[]
  accessTokenTtlSeconds: number
  refreshIdleTtlSeconds: number
  refreshAbsoluteTtlSeconds: number
  refreshGraceSeconds: number
  defaultAudience: string
  /** Addresses or CIDR ranges of the proxies whose X-Forwarded-For is trusted. */
  trustedProxies: readonly string[]
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  workers: number
  /** How long the server still accepts requests after SIGTERM, so that a load balancer can turn away. */
  drainSeconds: number
  /** Whether users may register themselves. */
  registration: boolean
  /** Whether the first-party password API, /api/token, is open. */
  passwordApi: boolean
  /** The fewest characters of a new password. */
  minPasswordLength: number
  /** Before `/range/`. Absent: no service is asked about leaked passwords. */
  leakedPasswordsUrl?: string
  metricsToken?: string
  /** Login through a provider is offered if its client id and secret are set. */
  kakao?: ProviderConfig & {
    /** Sends disconnect requests to Kakao, and verifies Kakao's unlink webhook. */
    adminKey?: string
    /** Identifies the app in every unlink webhook. */
    appId?: string
    pkce: boolean
  }
  google?: ProviderConfig
  naver?: ProviderConfig
  /** Whether a verified e-mail address links a provider to the account with the same verified address. */
  linkVerifiedEmails: boolean
  /** Whether clients get tokens only for users who confirmed their e-mail address. */
  confirmEmailRequired: boolean
  /** Absent: no mail server. A local issuer then shows its mails at /dev/mail. */
  mail?: MailConfig
  /** Name, logo, colours and footer of the pages. */
  brand: BrandSettings
}

export interface ProviderConfig {
  clientId: string
  clientSecret: string
  /** Replaces all hosts of the provider, for a gateway or a fake. Absent: the provider itself. */
  origin?: string
}

/** Every fault of the environment, one sentence each. */
export class ConfigError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    )
    this.faults = faults
  }
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const issuerFault = (issuer: string): string | undefined => {
  if (!URL.canParse(issuer)) return 'ISSUER must be an absolute URL, for example https://id.example.com.'
  const url = new URL(issuer)
  if (!isSecure(url)) return 'ISSUER must use https (http is allowed on this machine only).'
  if (url.search || url.hash || url.username)
    return 'ISSUER must not have a query, a fragment or user information (RFC 8414 §2).'
  if (issuer.endsWith('/'))
    return 'ISSUER must not end with a slash, because clients compare every character.'
  if (url.pathname !== '/') return 'ISSUER must not have a path. Give Dojang its own host name.'
  return undefined
}

const readIssuer = ({ text, fault }: Environment, port: number): string => {
  const issuer = text('ISSUER') ?? `http://localhost:${port}`
  const sentence = issuerFault(issuer)
  if (sentence !== undefined) fault(sentence)
  return issuer
}

const readDefaultAudience = ({ text, fault }: Environment, issuer: string): string => {
  const audience = text('DEFAULT_AUDIENCE')
  if (audience !== undefined && (!URL.canParse(audience) || audience.includes('#')))
    fault('DEFAULT_AUDIENCE must be an absolute URI without a fragment (RFC 8707 §2).')
  return audience ?? `${issuer}/api`
}

/** `10.0.0.0/8` or `::1`. A number of hops is rejected, because clients could forge an address with it. */
const isAddressRange = (text: string): boolean => {
  const [address = '', prefix, ...rest] = text.split('/')
  const bits = isIP(address) === 4 ? 32 : 128
  const fits =
    prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= bits)
  return isIP(address) !== 0 && fits && rest.length === 0
}

const readTrustedProxies = ({ text, fault }: Environment): string[] => {
  const ranges = (text('TRUSTED_PROXIES') ?? '')
    .split(',')
    .map((range) => range.trim())
    .filter(Boolean)
  if (!ranges.every(isAddressRange))
    fault(
      'TRUSTED_PROXIES must be addresses or CIDR ranges with commas between them, for example 10.0.0.0/8,::1.',
    )
  return ranges
}

const readKeyEncryptionKeys = ({ secret, fault }: Environment): Uint8Array[] | undefined => {
  const given = secret('KEY_ENCRYPTION_KEY')
  if (given === undefined) return undefined
  const keys = given.split(',').map((part) => Buffer.from(part.trim(), 'base64'))
  const isRandom = (key: Uint8Array) => new Set(key).size >= 16
  if (keys.length <= 2 && keys.every((key) => key.length === 32 && isRandom(key))) return keys
  fault(
    'KEY_ENCRYPTION_KEY must be 32 random bytes in base64 (openssl rand -base64 32), or two of them: NEW,OLD.',
  )
  return undefined
}

const readRefreshTtls = ({ seconds, fault }: Environment) => {
  const range = { min: 60, max: 31_536_000 }
  const refreshIdleTtlSeconds = seconds('REFRESH_IDLE_TTL', 604_800, range)
  const refreshAbsoluteTtlSeconds = seconds('REFRESH_ABSOLUTE_TTL', 2_592_000, range)
  if (refreshIdleTtlSeconds > refreshAbsoluteTtlSeconds)
    fault('REFRESH_IDLE_TTL must not be longer than REFRESH_ABSOLUTE_TTL.')
  return { refreshIdleTtlSeconds, refreshAbsoluteTtlSeconds }
}

/** A public issuer has a proxy in front of it. At a terminal nobody wants to wait after Ctrl-C. */
const readDrainSeconds = ({ seconds }: Environment, issuer: string): number => {
  const isLocal = URL.canParse(issuer) && isLocalIssuer(issuer)
  return seconds('DRAIN_SECONDS', isLocal ? 0 : 5, { min: 0, max: 300 })
}

const readWorkers = ({ whole }: Environment): number => whole('WORKERS', 1, { min: 1, max: 64 })

const readLogLevel = ({ text, fault }: Environment): Config['logLevel'] => {
  const given = text('LOG_LEVEL') ?? 'info'
  const level = logLevels.find((name) => name === given)
  if (level === undefined) fault(`LOG_LEVEL must be one of ${logLevels.join(', ')}.`)
  return level ?? 'info'
}

const readMetricsToken = ({ secret, fault }: Environment): string | undefined => {
  const token = secret('METRICS_TOKEN')
  if (token !== undefined && !/^[A-Za-z0-9._~+/-]{16,}=*$/.test(token))
    fault('METRICS_TOKEN must be 16 characters or more: letters, digits and . _ ~ + / -')
  return token
}

const readProvider = (
  { text, secret, origin, fault }: Environment,
  name: 'KAKAO' | 'GOOGLE' | 'NAVER',
): ProviderConfig | undefined => {
  const clientId = text(`${name}_CLIENT_ID`)
  const clientSecret = secret(`${name}_CLIENT_SECRET`)
  const ownOrigin = origin(`${name}_ORIGIN`)
  if (clientId !== undefined && clientSecret !== undefined)
    return { clientId, clientSecret, ...defined({ origin: ownOrigin }) }
  if (clientId !== undefined || clientSecret !== undefined)
    fault(`${name}_CLIENT_ID and ${name}_CLIENT_SECRET belong together. Set both or neither.`)
  return undefined
}

const readKakao = (environment: Environment): Config['kakao'] => {
  const provider = readProvider(environment, 'KAKAO')
  const pkce = environment.onOff('KAKAO_PKCE')
  const adminKey = environment.secret('KAKAO_ADMIN_KEY')
  const appId = environment.text('KAKAO_APP_ID')
  return provider && { ...provider, pkce, ...defined({ adminKey, appId }) }
}

/**
 * Reads and checks the environment.
 * @throws {ConfigError} with every fault, but never the value of a secret
 */
export const readConfig = (env: Readonly<Record<string, string | undefined>>): Config => {
  const faults: string[] = []
  const environment = createEnvironment(env, (sentence) => faults.push(sentence))
  const { text, whole, seconds, onOff, secretUrl } = environment
  const port = whole('PORT', 4000, { min: 0, max: 65_535 })
  const issuer = readIssuer(environment, port)
  const config: Config = {
    issuer,
    host: text('HOST') ?? 'localhost',
    port,
    dataDir: resolve(text('DATA_DIR') ?? 'data'),
    keysDir: resolve(text('KEYS_DIR') ?? 'keys'),
    accessTokenTtlSeconds: seconds('ACCESS_TOKEN_TTL', 600, { min: 30, max: 3600 }),
    ...readRefreshTtls(environment),
    refreshGraceSeconds: seconds('REFRESH_GRACE', 20, { min: 0, max: 120 }),
    defaultAudience: readDefaultAudience(environment, issuer),
    trustedProxies: readTrustedProxies(environment),
    logLevel: readLogLevel(environment),
    workers: readWorkers(environment),
    drainSeconds: readDrainSeconds(environment, issuer),
    registration: onOff('REGISTRATION'),
    passwordApi: onOff('PASSWORD_API'),
    minPasswordLength: whole('PASSWORD_MIN_LENGTH', 15, { min: 8, max: 64 }),
    confirmEmailRequired: readConfirmEmail(environment, issuer),
    linkVerifiedEmails: onOff('LINK_VERIFIED_EMAILS'),
    brand: readBrand(environment),
    ...defined({
      databaseUrl: secretUrl('DATABASE_URL', ['postgres:', 'postgresql:']),
      redisUrl: secretUrl('REDIS_URL', ['redis:', 'rediss:']),
      keyEncryptionKeys: readKeyEncryptionKeys(environment),
      leakedPasswordsUrl: environment.baseUrl('LEAKED_PASSWORDS_URL'),
      metricsToken: readMetricsToken(environment),
      kakao: readKakao(environment),
      google: readProvider(environment, 'GOOGLE'),
      naver: readProvider(environment, 'NAVER'),
      mail: readMail(environment),
    }),
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return config
}
