// What the account page shows.
import type { PageFrame } from './layout.ts'
import type { PasswordProblem } from './password-problem.ts'
import type { ShownStrength } from './strength-meter.ts'
import type { Texts } from './texts.en.ts'

export interface AccountSession {
  id: string
  current: boolean
  startedAt: Date
  lastSeenAt: Date
  ip?: string
  /** True if the sign-in came from the network of this request. */
  sameNetwork: boolean
  userAgent?: string
  /** False if the user signed in through the API. */
  isBrowser: boolean
  /** Names of the clients that were used in this session. */
  clients: readonly string[]
}

export interface AccountGrant {
  clientId: string
  clientName: string
  scopes: readonly string[]
  /** What scopes of an API mean, in the language of the page. */
  scopeWords: Readonly<Record<string, string>>
  grantedAt: Date
}

/** A login method at a provider. */
export interface AccountIdentity {
  provider: string
  subject: string
  email?: string
  linkedAt: Date
}

export interface AccountView extends PageFrame {
  user: {
    email?: string
    emailVerified: boolean
    username?: string
    name?: string
    /** A language tag (RFC 5646). */
    locale?: string
    hasPassword: boolean
  }
  /** True if the user can change and confirm the address. */
  mail: boolean
  identities: readonly AccountIdentity[]
  /** Ids of the configured providers. */
  providers: readonly string[]
  sessions: readonly AccountSession[]
  grants: readonly AccountGrant[]
  notice?: keyof Texts['account']['notices']
  problem?:
    | 'wrong_password'
    | PasswordProblem
    | 'email_invalid'
    | 'name_invalid'
    | 'throttled'
    | 'last_login_method'
    /** Linking a provider failed. */
    | { provider?: string; what: string }
  /** The name that was sent and refused. */
  typedName?: string
  minPasswordLength: number
  /** The estimate of the new password that was sent. */
  strength?: ShownStrength
  /** The names of the service. */
  serviceNames: readonly string[]
  retryAfterSeconds?: number
}
