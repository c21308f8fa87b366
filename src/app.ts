// The only file that knows every room: it hands each the ones it needs and mounts their routes. Opens nothing and reads
// no environment (open-issuer.ts does).

import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { createChangePassword } from './account/change-password.ts'
import { createAccountDeletion } from './account/delete-account.ts'
import { type AccountDeps, mountAccountRoutes } from './account/routes.ts'
import type { Installation } from './admin/doctor-operations.ts'
import { type AdminOperations, createAdminOperations } from './admin/operations.ts'
import { type Audit, type AuditTrail, createAuditTrail } from './audit.ts'
import type { BackgroundWork } from './background-work.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { createKeyEncryption, createTextEncryption } from './encryption/sealing.ts'
import { createAuthenticateCaller } from './first-party/caller.ts'
import { createCallingApp } from './first-party/calling-app.ts'
import { createRegisterEndpoint } from './first-party/create-user.ts'
import { createLogoutEndpoint } from './first-party/logout.ts'
import { createMeEndpoint } from './first-party/me.ts'
import { createTokenEndpoints } from './first-party/password-token.ts'
import { mountApiRoutes } from './first-party/routes.ts'
import { demoClientId } from './first-start.ts'
import { mountHealth } from './http/health.ts'
import { createMetrics } from './http/metrics.ts'
import { createHttpServer, type MountedRoute } from './http/server.ts'
import { createSignalWork } from './identities/apply-signals.ts'
import { createConnectionChecks } from './identities/connection-checks.ts'
import { createProviderSignIns } from './identities/provider-sign-in.ts'
import { createDisconnectRequestWork } from './identities/send-disconnect-requests.ts'
import { signJwt, verifyJwt } from './keys/jwt.ts'
import { createKeyRing, type KeyRing } from './keys/key-ring.ts'
import { createVerifierSightings, type VerifierSightings } from './keys/known-verifiers.ts'
import { signingKeyAt } from './keys/signing-keys.ts'
import { createSignInInBrowser } from './login/browser-sign-in.ts'
import { createPasswordPages } from './login/password-pages.ts'
import { createRegisterPages } from './login/register-pages.ts'
import { mountLoginRoutes } from './login/routes.ts'
import { createDisconnects } from './login/upstream/disconnect.ts'
import { createGoogleLogin } from './login/upstream/google.ts'
import { createKakaoLogin } from './login/upstream/kakao.ts'
import { createNaverLogin } from './login/upstream/naver.ts'
import type { UpstreamProvider } from './login/upstream/provider.ts'
import { mountUpstreamRoutes } from './login/upstream/routes.ts'
import { createFindWaitingRequest } from './login/waiting-request.ts'
import { createConsentEndpoint } from './oauth/answer-consent.ts'
import { createAuthorizeEndpoint } from './oauth/authorize.ts'
import { createAuthenticateClient } from './oauth/client-auth.ts'
import { createEndSessionEndpoint } from './oauth/end-session.ts'
import { createAuthorizationCodeGrant } from './oauth/grants/authorization-code.ts'
import { createClientCredentialsGrant } from './oauth/grants/client-credentials.ts'
import { createRefreshTokenGrant } from './oauth/grants/refresh-token.ts'
import { createIntrospectionEndpoint } from './oauth/introspect.ts'
import { createRevocationFeedEndpoint } from './oauth/revocation-feed.ts'
import { createRevocationEndpoint } from './oauth/revoke.ts'
import { mountOauthRoutes } from './oauth/routes.ts'
import { createTokenEndpoint } from './oauth/token.ts'
import { createUserinfoEndpoint } from './oauth/userinfo.ts'
import { mountOpenapi } from './openapi/routes.ts'
import { createPasswordHashing } from './passwords/hash.ts'
import { createHashQueue } from './passwords/hash-queue.ts'
import { type Argon2Parameters, isImportable } from './passwords/imported-hash.ts'
import { createLogInByPassword } from './passwords/login.ts'
import { minPasswordLength, type PasswordFaults, passwordFaults } from './passwords/policy.ts'
import { createRegister } from './passwords/registration.ts'
import { mountPlayground } from './playground/routes.ts'
import { createRevocationFeed, type RevocationFeed } from './revocation/feed.ts'
import { createEndSessions } from './sessions/end.ts'
import { createSignIn as signInRule } from './sessions/sign-in.ts'
import type { Stores } from './stores/stores.ts'
import { createVerifyAccessToken } from './tokens/access-token.ts'
import { createReadIdTokenHint } from './tokens/id-token-hint.ts'
import { createIssueTokens } from './tokens/issue.ts'
import { createRefresh } from './tokens/refresh.ts'
import { createRefreshTokenFormat } from './tokens/refresh-token-format.ts'
import { createStartFamily } from './tokens/start-family.ts'
import { createProviderKeys } from './upstream-keys/provider-keys.ts'
import { createGoogleSource, googleEvents } from './webhooks/google-events.ts'
import { createKakaoSource, kakaoEvents } from './webhooks/kakao-events.ts'
import { createKakaoUnlinks } from './webhooks/kakao-unlink.ts'
import { createEventReceiver } from './webhooks/receive-events.ts'
import { mountWebhookRoutes } from './webhooks/routes.ts'

export interface AppParts {
  config: Config
  clock: Clock
  log: FastifyBaseLogger
  stores: Stores
  /** The first encrypts, all decrypt. */
  keyEncryptionKeys: readonly Uint8Array[]
  installation: Installation
  /** Resolves if the stores answer. */
  pingStores(): Promise<void>
  hashing: { concurrency: number; maxWaiting: number; parameters?: Argon2Parameters }
}

export interface App {
  server: FastifyInstance
  /** Everything that the server answers to. */
  routes(): MountedRoute[]
  operations: AdminOperations
  keyRing: KeyRing
  revocationFeed: RevocationFeed
  verifierSightings: VerifierSightings
  auditTrail: AuditTrail
  /** Works off what providers told us. */
  signals: BackgroundWork
  /** Tells providers of accounts that are gone. */
  disconnectRequestWork: BackgroundWork
  /** Notices connections that are no more. */
  checks: BackgroundWork
  hashPassword(password: string): Promise<string>
}

export const createApp = async (parts: AppParts): Promise<App> => {
  const { config, clock, log, stores, keyEncryptionKeys } = parts
  const { issuer, defaultAudience } = config
  const { users, clients, apis, consents, signingKeys, auditLog } = stores
  const { identities, providerSignals, disconnectRequests } = stores
  const { sessions, refreshTokens, authorizationCodes, parkedRequests, loginAttempts, blacklist } = stores
  const { upstreamAttempts } = stores
  const idleTtlSeconds = config.refreshIdleTtlSeconds
  const absoluteTtlSeconds = config.refreshAbsoluteTtlSeconds

  const trail = createAuditTrail({
    clock,
    auditLog,
    log: (record) => log.info({ audit: record }, record.type),
    lost: (count, cause) => log.error({ err: cause, count }, 'audit events did not become rows'),
  })

  const ring = createKeyRing({ clock, signingKeys, keyEncryptionKeys })
  const verify = async (token: string, typ: string) => {
    const verified = await verifyJwt(token, { keys: ring.verifying(), typ, issuer, now: clock.now() })
    return verified.outcome === 'valid'
      ? { outcome: 'valid' as const, payload: verified.payload, kid: verified.header.kid }
      : verified
  }
  const readIdTokenHint = createReadIdTokenHint(async (token, typ) => {
    const keys = ring.verifyingHints()
    const verified = await verifyJwt(token, { keys, typ, issuer, now: clock.now(), ignoreExpiry: true })
    return verified.outcome === 'valid' ? verified.payload : undefined
  })

  const sign = (typ: string, claims: Record<string, unknown>) => signJwt({ typ, claims, key: ring.current() })
  const sightings = createVerifierSightings({ clock, knownVerifiers: stores.knownVerifiers })
  const feed = createRevocationFeed({ clock, blacklist, issuer, sign, signingKid: () => ring.current().kid })

  const queue = createHashQueue(parts.hashing)
  const { parameters } = parts.hashing
  const gauges = createMetrics(
    {
      signingKey: () => {
        const now = clock.now()
        const key = signingKeyAt(ring.records(), now)
        const since = key?.activatesAt
        if (key === undefined || since === undefined) return undefined
        const retires = key.retiresAt
        return {
          ageSeconds: (now.getTime() - since.getTime()) / 1000,
          ...(retires && { secondsUntilRetirement: (retires.getTime() - now.getTime()) / 1000 }),
        }
      },
      hashQueueDepth: () => queue.depth().running + queue.depth().waiting,
      revocationFeedAgeSeconds: feed.ageSeconds,
    },
    config.metricsToken,
  )
  const audit: Audit = (event) => {
    gauges.count(event)
    trail.record(event)
  }
  const passwords = createPasswordHashing({ queue, ...(parameters && { parameters }) })
  const issuerHost = new URL(issuer).hostname
  const faultsOf: PasswordFaults = (password, about) => passwordFaults(password, { ...about, issuerHost })

  const endSessions = createEndSessions({ clock, users, sessions, refreshTokens, blacklist })
  const signIn = signInRule({ clock, users, sessions, endSessions, idleTtlSeconds, absoluteTtlSeconds })
  const logIn = createLogInByPassword({
    clock,
    users,
    loginAttempts,
    passwords,
    audit,
    secrets: keyEncryptionKeys,
  })
  const register = createRegister({ clock, users, loginAttempts, passwords, passwordFaults: faultsOf, audit })

  const format = createRefreshTokenFormat(keyEncryptionKeys)
  const families = createStartFamily({
    clock,
    sessions,
    refreshTokens,
    endSessions,
    idleTtlSeconds,
    absoluteTtlSeconds,
  })
  const issue = createIssueTokens({
    clock,
    sign,
    apis,
    issuer,
    defaultAudience,
    accessTokenTtlSeconds: config.accessTokenTtlSeconds,
  })
  const refresh = createRefresh({
    ...{ clock, format, refreshTokens, sessions, users, clients, consents, endSessions, issue, audit },
    ...{ defaultAudience, idleTtlSeconds, graceSeconds: config.refreshGraceSeconds },
  })
  const verifyAccessToken = createVerifyAccessToken({ verify, blacklist, clock })

  const { server, routes } = await createHttpServer({ log, trustedProxies: config.trustedProxies })

  gauges.mount(server)
  mountHealth(server, async () => {
    await parts.pingStores()
    const { pending } = await parts.installation.database.migrationState()
    if (pending.length > 0) throw new Error(`migrations are missing: ${pending.join(', ')}`)
    ring.current()
  })

  const authenticateClient = createAuthenticateClient({ clients, loginAttempts, clock, audit })
  await mountOauthRoutes(server, {
    clients,
    issuer,
    jwks: ring.jwks,
    sawVerifier: sightings.note,
    revocations: createRevocationFeedEndpoint({ feed }),
    authorize: createAuthorizeEndpoint({
      ...{ clock, clients, consents, signIn, parkedRequests, authorizationCodes, readIdTokenHint },
      ...{ audit, issuer, defaultAudience },
    }),
    consent: createConsentEndpoint({
      ...{
        clock,
        clients,
        consents,
        parkedRequests,
        signIn,
        audit,
        issuer,
        lifetimeSeconds: absoluteTtlSeconds,
      },
    }),
    token: createTokenEndpoint({
      authenticateClient,
      grants: {
        authorization_code: createAuthorizationCodeGrant({
          ...{
            clock,
            authorizationCodes,
            sessions,
            users,
            families,
            issue,
            format,
            endSessions,
            audit,
            defaultAudience,
          },
        }),
        refresh_token: createRefreshTokenGrant({ refresh }),
        client_credentials: createClientCredentialsGrant({ issue, audit, defaultAudience }),
      },
    }),
    revoke: createRevocationEndpoint({
      ...{
        authenticateClient,
        clock,
        format,
        refreshTokens,
        verifyAccessToken,
        blacklist,
        endSessions,
        audit,
      },
    }),
    introspect: createIntrospectionEndpoint({
      ...{
        authenticateClient,
        clock,
        clients,
        users,
        sessions,
        format,
        refreshTokens,
        verifyAccessToken,
        issuer,
      },
    }),
    userinfo: createUserinfoEndpoint({ verifyAccessToken, users, clients }),
    endSession: createEndSessionEndpoint({
      clients,
      refreshTokens,
      signIn,
      endSessions,
      readIdTokenHint,
      audit,
      issuer,
    }),
  })

  const keysOf = (provider: 'kakao' | 'google', origin: string | undefined) =>
    createProviderKeys(provider, {
      ...{ clock, origin },
      failed: (cause) => log.warn({ err: cause, provider }, 'the keys of a provider could not be fetched'),
    })
  const kakaoKeys = keysOf('kakao', config.kakao?.origin)
  const googleKeys = keysOf('google', config.google?.origin)
  const redirectUri = (provider: string) => `${issuer}/callback/${provider}`
  const tokenEncryption = createTextEncryption(keyEncryptionKeys, 'provider-tokens')
  // A further provider: its file, and its line here.
  const providers: UpstreamProvider[] = [
    ...(config.kakao
      ? [createKakaoLogin({ ...config.kakao, jwks: kakaoKeys, clock, redirectUri: redirectUri('kakao') })]
      : []),
    ...(config.google
      ? [createGoogleLogin({ ...config.google, jwks: googleKeys, clock, redirectUri: redirectUri('google') })]
      : []),
    ...(config.naver ? [createNaverLogin({ ...config.naver, redirectUri: redirectUri('naver') })] : []),
  ]

  const findWaiting = createFindWaitingRequest({ clock, clients, parkedRequests })
  const signInOnBrowser = createSignInInBrowser({ signIn, audit, sessionTtlSeconds: absoluteTtlSeconds })
  const hosted = { findWaiting, signInOnBrowser, issuer, registration: config.registration, providers }
  await mountLoginRoutes(server, {
    password: createPasswordPages({ ...hosted, signIn, logIn }),
    register: createRegisterPages({ ...hosted, register }),
  })
  await mountUpstreamRoutes(server, {
    ...hosted,
    ...{ clock, upstreamAttempts, signIn, logIn, audit },
    providerSignIns: createProviderSignIns({
      ...{ clock, users, identities, loginAttempts, endSessions, audit },
      ...{ registration: config.registration, linkVerifiedEmails: config.linkVerifiedEmails },
    }),
    tokenEncryption,
  })

  const account: AccountDeps = {
    ...{ clock, sessions, clients, consents, identities, disconnectRequests, providers },
    ...{ signIn, endSessions, audit },
    ...{ issuer, minPasswordLength },
    changePassword: createChangePassword({
      clock,
      users,
      passwords,
      passwordFaults: faultsOf,
      logIn,
      signIn,
      endSessions,
      audit,
    }),
    deletion: createAccountDeletion({ clock, users, identities, endSessions, audit }),
  }
  await mountAccountRoutes(server, account)

  const caller = createCallingApp(clients)
  const authenticate = createAuthenticateCaller({ verifyAccessToken, users, clients })
  const token = createTokenEndpoints({
    ...{
      clock,
      callingApp: caller,
      logIn,
      signIn,
      families,
      issue,
      format,
      refresh,
      audit,
      issuer,
      defaultAudience,
    },
  })
  await mountApiRoutes(server, {
    clients,
    register: createRegisterEndpoint({ callingApp: caller, register, open: config.registration }),
    me: createMeEndpoint({ authenticate }),
    logout: createLogoutEndpoint({ authenticate, refreshTokens, endSessions, audit }),
    ...(config.passwordApi && { token }),
  })

  const receiving = { clock, providerSignals, audit }
  const { adminKey, appId } = config.kakao ?? {}
  const unlinks =
    adminKey === undefined || appId === undefined
      ? undefined
      : createKakaoUnlinks({ ...receiving, adminKey, appId })
  await mountWebhookRoutes(server, {
    ...(config.kakao && {
      kakaoEvents: createEventReceiver({
        ...{ ...receiving, provider: 'kakao', table: kakaoEvents },
        source: createKakaoSource(config.kakao.clientId, kakaoKeys),
      }),
    }),
    ...(unlinks && { kakaoUnlink: unlinks.receive }),
    ...(config.google && {
      googleEvents: createEventReceiver({
        ...{ ...receiving, provider: 'google', table: googleEvents },
        source: createGoogleSource([config.google.clientId], googleKeys),
      }),
    }),
  })
  const signals = createSignalWork({
    ...{ clock, users, identities, providerSignals, endSessions, audit },
    before: async () => unlinks?.retry(),
    failed: (cause) => log.error({ err: cause }, 'a signal of a provider could not be applied; it stays'),
  })
  const disconnectRequestWork = createDisconnectRequestWork({
    ...{ clock, identities, disconnectRequests, audit },
    providers: createDisconnects(providers, tokenEncryption),
    failed: (cause) => log.warn({ err: cause }, 'a provider could not be told that an account is gone'),
  })
  const checks = createConnectionChecks({
    ...{ clock, identities, providerSignals },
    providers: Object.fromEntries(
      providers.flatMap(({ id, isConnected }) => (isConnected ? [[id, { isConnected }]] : [])),
    ),
    failed: (cause) => log.warn({ err: cause }, 'a provider could not be asked about a connection'),
  })

  const embedded = config.databaseUrl === undefined
  await mountPlayground(server, {
    issuer,
    graceSeconds: config.refreshGraceSeconds,
    ...(embedded && { clientId: demoClientId }),
  })

  mountOpenapi(server, issuer)

  const operations = createAdminOperations({
    ...{ clock, stores, audit, flushAudit: trail.flush, endSessions, isImportable, defaultAudience },
    hashPassword: passwords.hash,
    passwordFaults: faultsOf,
    minPasswordLength,
    keyEncryption: createKeyEncryption(keyEncryptionKeys),
    reloadKeys: ring.load,
    installation: parts.installation,
  })

  return {
    ...{
      server,
      routes,
      operations,
      keyRing: ring,
      revocationFeed: feed,
      verifierSightings: sightings,
      auditTrail: trail,
    },
    hashPassword: passwords.hash,
    ...{ signals, disconnectRequestWork, checks },
  }
}
