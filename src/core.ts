// Builds the services that several source folders share. open-issuer.ts opens the stores and keys.
import type { FastifyBaseLogger } from 'fastify'
import type { Audit } from './audit.ts'
import { type AuditTrail, createAuditTrail } from './audit-trail.ts'
import { apisInMemory, clientsInMemory } from './clients/kept-in-memory.ts'
import { createVerifyClient, type VerifyClient } from './clients/verify-client.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { createRecordSealing, createTextEncryption, type TextEncryption } from './encryption/sealing.ts'
import { isLocalIssuer } from './environment.ts'
import { createMetrics, type Metrics } from './http/metrics.ts'
import { createProviderSignIns, type ProviderSignIns } from './identities/provider-sign-in.ts'
import { createKeyRing, type KeyRing } from './keys/key-ring.ts'
import { createVerifierSightings, type VerifierSightings } from './keys/known-verifiers.ts'
import { createOwnJwts } from './keys/own-jwts.ts'
import { signingKeyAge } from './keys/signing-keys.ts'
import { createMailServices, type MailServices } from './mail-services.ts'
import { createPasswordHashing, type PasswordHashing } from './passwords/hash.ts'
import { createHashQueue } from './passwords/hash-queue.ts'
import type { Argon2Parameters } from './passwords/imported-hash.ts'
import { createKnownDevices, type KnownDevices } from './passwords/known-device.ts'
import { createIsLeaked } from './passwords/leaked.ts'
import { createLogInByPassword, type LogInByPassword } from './passwords/login.ts'
import { createTellNewDevice, type TellNewDevice } from './passwords/new-device.ts'
import { type CheckNewPassword, createCheckNewPassword, createPasswordFaults } from './passwords/policy.ts'
import { createRegister, type Register } from './passwords/registration.ts'
import { createSignInThrottle } from './passwords/sign-in-throttle.ts'
import { createRevocationFeed, type RevocationFeed } from './revocation/feed.ts'
import { createEndSessions, type EndSessions } from './sessions/end.ts'
import { createParkedRequests, type ParkedRequests } from './sessions/parked-request.ts'
import { createSignIn, type SignIn } from './sessions/sign-in.ts'
import { type CheckStanding, createCheckStanding } from './sessions/standing.ts'
import { createUpstreamAttempts, type UpstreamAttempts } from './sessions/upstream-attempt.ts'
import type { Stores } from './stores/stores.ts'
import { createVerifyAccessToken, type VerifyAccessToken } from './tokens/access-token.ts'
import { createReadIdTokenHint, type ReadIdTokenHint } from './tokens/id-token-hint.ts'
import { createIssueTokens, type IssueTokens } from './tokens/issue.ts'
import { createRefresh, type Refresh } from './tokens/refresh.ts'
import { createRefreshTokenFormat, type RefreshTokenFormat } from './tokens/refresh-token-format.ts'
import { createSpendRefreshToken } from './tokens/spend-refresh-token.ts'
import { createStartFamily, type StartFamily } from './tokens/start-family.ts'
import { createProviderKeys } from './upstream-keys/provider-keys.ts'
import type { RemoteJwks } from './upstream-keys/remote-jwks.ts'
import type { User } from './users/user.ts'

export interface CoreParts {
  config: Config
  clock: Clock
  log: FastifyBaseLogger
  stores: Stores
  /** The first key encrypts, every key decrypts. */
  keyEncryptionKeys: readonly Uint8Array[]
  hashing: { concurrency: number; maxWaiting: number; parameters?: Argon2Parameters }
}

/** Services, stores and settings in one object. Each source folder names the members that it needs. */
export interface Core extends Stores, MailServices {
  clock: Clock
  issuer: string
  defaultAudience: string
  absoluteTtlSeconds: number
  registration: boolean
  /** Whether a sign-up answers the same for a new address and for one in use. */
  hidesTakenAddresses: boolean
  passwordApi: boolean
  /** Whether only this machine can reach the issuer. */
  isLocalIssuer: boolean
  minPasswordLength: number
  /** Whether clients get tokens only for users who confirmed their e-mail address. */
  confirmEmailRequired: boolean
  audit: Audit
  auditTrail: AuditTrail
  verifyClient: VerifyClient
  metrics: Metrics
  keyRing: KeyRing
  verifierSightings: VerifierSightings
  revocationFeed: RevocationFeed
  providerKeys: { kakao: RemoteJwks; google: RemoteJwks }
  providerTokenEncryption: TextEncryption
  passwords: PasswordHashing
  checkNewPassword: CheckNewPassword
  knownDevices: KnownDevices
  tellNewDevice: TellNewDevice
  logInByPassword: LogInByPassword
  register: Register
  providerSignIns: ProviderSignIns
  signIn: SignIn
  endSessions: EndSessions
  checkStanding: CheckStanding
  parkedRequests: ParkedRequests
  upstreamAttempts: UpstreamAttempts
  issueTokens: IssueTokens
  startFamily: StartFamily
  refresh: Refresh
  refreshTokenFormat: RefreshTokenFormat
  verifyAccessToken: VerifyAccessToken
  readIdTokenHint: ReadIdTokenHint
}

/** An audit event is counted and logged at once. Its row in the audit table follows. */
const createReporting = (
  { clock, log, stores, config }: CoreParts,
  measured: Parameters<typeof createMetrics>[0],
) => {
  const auditTrail = createAuditTrail({
    clock,
    auditLog: stores.auditLog,
    log: (record) => log.info({ audit: record }, record.type),
    lost: (count, cause) => log.error({ err: cause, count }, 'audit events could not be stored'),
  })
  const metrics = createMetrics(measured, {
    token: config.metricsToken,
    isLocalIssuer: isLocalIssuer(config.issuer),
  })
  const audit: Audit = (event) => {
    metrics.count(event)
    auditTrail.record(event)
  }
  return { audit, auditTrail, metrics }
}

export const createCore = (parts: CoreParts): Core => {
  const { config, clock, log, keyEncryptionKeys } = parts
  const { changes } = parts.stores
  const stores = {
    ...parts.stores,
    clients: clientsInMemory(parts.stores.clients, changes),
    apis: apisInMemory(parts.stores.apis, changes),
  }
  const { issuer, defaultAudience, accessTokenTtlSeconds, registration, passwordApi, minPasswordLength } =
    config
  const settings = {
    issuer,
    defaultAudience,
    accessTokenTtlSeconds,
    registration,
    passwordApi,
    minPasswordLength,
    confirmEmailRequired: config.confirmEmailRequired,
    hidesTakenAddresses: config.mail !== undefined,
    isLocalIssuer: isLocalIssuer(issuer),
    idleTtlSeconds: config.refreshIdleTtlSeconds,
    absoluteTtlSeconds: config.refreshAbsoluteTtlSeconds,
    graceSeconds: config.refreshGraceSeconds,
    linkVerifiedEmails: config.linkVerifiedEmails,
  }
  const base = { ...settings, ...stores, clock }

  const keyRing = createKeyRing({ ...base, keyEncryptionKeys })
  const ownJwts = createOwnJwts({ ...base, keyRing })
  const { sign } = ownJwts
  const verifierSightings = createVerifierSightings(base)
  const revocationFeed = createRevocationFeed({ ...base, sign, signingKid: () => keyRing.current().kid })
  const hashQueue = createHashQueue(parts.hashing)
  const reporting = createReporting(parts, {
    signingKey: () => signingKeyAge(keyRing.records(), clock.now()),
    hashQueueDepth: () => hashQueue.depth().running + hashQueue.depth().waiting,
    revocationFeedAgeSeconds: revocationFeed.ageSeconds,
    mails: () => stores.mailQueue.state().catch(() => undefined),
  })
  const { audit } = reporting

  const endSessions = createEndSessions(base)
  const checkStanding = createCheckStanding(base)
  const signIn = createSignIn({ ...base, endSessions })
  const sealingFor = (purpose: string) => createRecordSealing(keyEncryptionKeys, purpose)
  const parkedRequests = createParkedRequests({ ...base, sealing: sealingFor('parked-requests') })

  const { parameters } = parts.hashing
  const passwords = createPasswordHashing({ queue: hashQueue, ...(parameters && { parameters }) })
  const newPasswords = {
    passwordFaults: createPasswordFaults(settings),
    isLeaked: createIsLeaked({ url: config.leakedPasswordsUrl, audit }),
  }
  const knownDevices = createKnownDevices(keyEncryptionKeys)
  const signInThrottle = createSignInThrottle(stores.throttle)
  const logInByPassword = createLogInByPassword({ ...base, signInThrottle, knownDevices, passwords, audit })
  const checkNewPassword = createCheckNewPassword(newPasswords)
  const hashed = { knownDevices, passwords, checkNewPassword }
  const mailSealing = sealingFor('mail')
  const mailing = createMailServices({ ...base, ...hashed, config, log, mailSealing, endSessions, audit })
  const createAccount = mailing.emailFlows?.createAccount ?? ((user: User) => stores.users.create(user))
  const register = createRegister({ ...base, ...hashed, ...newPasswords, createAccount, audit })
  const providerSignIns = createProviderSignIns({ ...base, ...mailing, endSessions, audit })
  const keysOf = (provider: 'kakao' | 'google') =>
    createProviderKeys(provider, {
      clock,
      origin: config[provider]?.origin,
      failed: (cause) => log.warn({ err: cause, provider }, "could not fetch the provider's keys"),
    })

  const refreshTokenFormat = createRefreshTokenFormat(keyEncryptionKeys)
  const issueTokens = createIssueTokens({ ...base, sign })
  const startFamily = createStartFamily({ ...base, endSessions, issueTokens, refreshTokenFormat, audit })
  const spendRefreshToken = createSpendRefreshToken({ ...base, endSessions, audit })
  const refresh = createRefresh({
    ...base,
    refreshTokenFormat,
    issueTokens,
    spendRefreshToken,
  })

  return {
    ...base,
    ...reporting,
    verifyClient: createVerifyClient({ ...base, audit }),
    keyRing,
    verifierSightings,
    revocationFeed,
    providerKeys: { kakao: keysOf('kakao'), google: keysOf('google') },
    providerTokenEncryption: createTextEncryption(keyEncryptionKeys, 'provider-tokens'),
    ...mailing,
    passwords,
    checkNewPassword,
    knownDevices,
    tellNewDevice: createTellNewDevice({ ...base, ...mailing }),
    logInByPassword,
    register,
    providerSignIns,
    signIn,
    endSessions,
    checkStanding,
    parkedRequests,
    upstreamAttempts: createUpstreamAttempts({ ...base, sealing: sealingFor('upstream-attempts') }),
    issueTokens,
    startFamily,
    refresh,
    refreshTokenFormat,
    verifyAccessToken: createVerifyAccessToken({ ...base, verify: ownJwts.verify }),
    readIdTokenHint: createReadIdTokenHint(ownJwts),
  }
}
