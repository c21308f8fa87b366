// The only file that knows every room: it hands each the ones it needs and mounts their routes. Opens nothing and reads
// no environment (open-issuer.ts does).

import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { passwordChanging } from './account/change-password.ts'
import { accountDeletion } from './account/delete-account.ts'
import { type AccountDeps, accountRoutes } from './account/routes.ts'
import type { Installation } from './admin/doctor-operations.ts'
import { type AdminOperations, adminOperations } from './admin/operations.ts'
import { type Audit, type AuditTrail, auditTrail } from './audit.ts'
import type { BackgroundWork } from './background-work.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { keyEncryption, textEncryption } from './encryption/sealing.ts'
import { callerAuthentication } from './first-party/caller.ts'
import { callingApp } from './first-party/calling-app.ts'
import { registerEndpoint } from './first-party/create-user.ts'
import { logoutEndpoint } from './first-party/logout.ts'
import { meEndpoint } from './first-party/me.ts'
import { tokenEndpoints } from './first-party/password-token.ts'
import { apiRoutes } from './first-party/routes.ts'
import { demoClientId } from './first-start.ts'
import { healthRoutes } from './http/health.ts'
import { metrics } from './http/metrics.ts'
import { httpServer, type MountedRoute } from './http/server.ts'
import { signalWork } from './identities/apply-signals.ts'
import { connectionChecks } from './identities/connection-checks.ts'
import { providerSignIns } from './identities/provider-sign-in.ts'
import { goodbyeWork } from './identities/send-disconnect-requests.ts'
import { signJwt, verifyJwt } from './keys/jwt.ts'
import { type KeyRing, keyRing } from './keys/key-ring.ts'
import { type VerifierSightings, verifierSightings } from './keys/known-verifiers.ts'
import { signingKeyAt } from './keys/signing-keys.ts'
import { browserSignIn } from './login/browser-sign-in.ts'
import { passwordPages } from './login/password-pages.ts'
import { registerPages } from './login/register-pages.ts'
import { loginRoutes } from './login/routes.ts'
import { connectionEndings } from './login/upstream/disconnect.ts'
import { googleLogin } from './login/upstream/google.ts'
import { kakaoLogin } from './login/upstream/kakao.ts'
import { naverLogin } from './login/upstream/naver.ts'
import type { UpstreamProvider } from './login/upstream/provider.ts'
import { upstreamRoutes } from './login/upstream/routes.ts'
import { waitingRequests } from './login/waiting-request.ts'
import { consentEndpoint } from './oauth/answer-consent.ts'
import { authorizeEndpoint } from './oauth/authorize.ts'
import { clientAuthentication } from './oauth/client-auth.ts'
import { endSessionEndpoint } from './oauth/end-session.ts'
import { authorizationCodeGrant } from './oauth/grants/authorization-code.ts'
import { clientCredentialsGrant } from './oauth/grants/client-credentials.ts'
import { refreshTokenGrant } from './oauth/grants/refresh-token.ts'
import { introspectionEndpoint } from './oauth/introspect.ts'
import { revocationFeedEndpoint } from './oauth/revocation-feed.ts'
import { revocationEndpoint } from './oauth/revoke.ts'
import { oauthRoutes } from './oauth/routes.ts'
import { tokenEndpoint } from './oauth/token.ts'
import { userinfoEndpoint } from './oauth/userinfo.ts'
import { openapiRoutes } from './openapi/routes.ts'
import { passwordHashing } from './passwords/hash.ts'
import { hashQueue } from './passwords/hash-queue.ts'
import { type Argon2Parameters, isImportable } from './passwords/imported-hash.ts'
import { passwordLogin } from './passwords/login.ts'
import { minPasswordLength, type PasswordFaults, passwordFaults } from './passwords/policy.ts'
import { registration } from './passwords/registration.ts'
import { playgroundRoutes } from './playground/routes.ts'
import { type RevocationFeed, revocationFeed } from './revocation/feed.ts'
import { sessionEnding } from './sessions/end.ts'
import { signIn as signInRule } from './sessions/sign-in.ts'
import type { Stores } from './stores/stores.ts'
import { accessTokenVerification } from './tokens/access-token.ts'
import { idTokenHintReading } from './tokens/id-token-hint.ts'
import { issueTokens } from './tokens/issue.ts'
import { refreshing } from './tokens/refresh.ts'
import { refreshTokenFormat } from './tokens/refresh-token-format.ts'
import { familyBeginning } from './tokens/start-family.ts'
import { providerKeys } from './upstream-keys/provider-keys.ts'
import { googleEvents, googleSource } from './webhooks/google-events.ts'
import { kakaoEvents, kakaoSource } from './webhooks/kakao-events.ts'
import { kakaoUnlinks } from './webhooks/kakao-unlink.ts'
import { eventReceiver } from './webhooks/receive-events.ts'
import { webhookRoutes } from './webhooks/routes.ts'

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
  goodbyes: BackgroundWork
  /** Notices connections that are no more. */
  checks: BackgroundWork
  hashPassword(password: string): Promise<string>
}

export const createApp = async (parts: AppParts): Promise<App> => {
  const { config, clock, log, stores, keyEncryptionKeys } = parts
  const { issuer, defaultAudience } = config
  const { users, clients, apis, consents, signingKeys, auditLog } = stores
  const { identities, providerSignals, providerGoodbyes } = stores
  const { sessions, refreshTokens, authorizationCodes, parkedRequests, loginAttempts, blacklist } = stores
  const { upstreamAttempts } = stores
  const idleTtlSeconds = config.refreshIdleTtlSeconds
  const absoluteTtlSeconds = config.refreshAbsoluteTtlSeconds

  const trail = auditTrail({
    clock,
    auditLog,
    log: (record) => log.info({ audit: record }, record.type),
    lost: (count, cause) => log.error({ err: cause, count }, 'audit events did not become rows'),
  })

  const ring = keyRing({ clock, signingKeys, keyEncryptionKeys })
  const verify = async (token: string, typ: string) => {
    const verified = await verifyJwt(token, { keys: ring.verifying(), typ, issuer, now: clock.now() })
    return verified.outcome === 'valid'
      ? { outcome: 'valid' as const, payload: verified.payload, kid: verified.header.kid }
      : verified
  }
  const readIdTokenHint = idTokenHintReading(async (token, typ) => {
    const keys = ring.verifyingHints()
    const verified = await verifyJwt(token, { keys, typ, issuer, now: clock.now(), ignoreExpiry: true })
    return verified.outcome === 'valid' ? verified.payload : undefined
  })

  const sign = (typ: string, claims: Record<string, unknown>) => signJwt({ typ, claims, key: ring.current() })
  const sightings = verifierSightings({ clock, knownVerifiers: stores.knownVerifiers })
  const feed = revocationFeed({ clock, blacklist, issuer, sign, signingKid: () => ring.current().kid })

  const queue = hashQueue(parts.hashing)
  const { parameters } = parts.hashing
  const gauges = metrics(
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
  const passwords = passwordHashing({ queue, ...(parameters && { parameters }) })
  const issuerHost = new URL(issuer).hostname
  const faultsOf: PasswordFaults = (password, about) => passwordFaults(password, { ...about, issuerHost })

  const ending = sessionEnding({ clock, users, sessions, refreshTokens, blacklist })
  const signIn = signInRule({ clock, users, sessions, ending, idleTtlSeconds, absoluteTtlSeconds })
  const logIn = passwordLogin({ clock, users, loginAttempts, passwords, audit, secrets: keyEncryptionKeys })
  const register = registration({ clock, users, loginAttempts, passwords, passwordFaults: faultsOf, audit })

  const format = refreshTokenFormat(keyEncryptionKeys)
  const families = familyBeginning({
    clock,
    sessions,
    refreshTokens,
    ending,
    idleTtlSeconds,
    absoluteTtlSeconds,
  })
  const issue = issueTokens({
    clock,
    sign,
    apis,
    issuer,
    defaultAudience,
    accessTokenTtlSeconds: config.accessTokenTtlSeconds,
  })
  const refresh = refreshing({
    ...{ clock, format, refreshTokens, sessions, users, clients, consents, ending, issue, audit },
    ...{ defaultAudience, idleTtlSeconds, graceSeconds: config.refreshGraceSeconds },
  })
  const verifyAccessToken = accessTokenVerification({ verify, blacklist, clock })

  const { server, routes } = await httpServer({ log, trustedProxies: config.trustedProxies })

  gauges.mount(server)
  healthRoutes(server, async () => {
    await parts.pingStores()
    const { pending } = await parts.installation.database.migrationState()
    if (pending.length > 0) throw new Error(`migrations are missing: ${pending.join(', ')}`)
    ring.current()
  })

  const authenticateClient = clientAuthentication({ clients, loginAttempts, clock, audit })
  await oauthRoutes(server, {
    clients,
    issuer,
    jwks: ring.jwks,
    sawVerifier: sightings.note,
    revocations: revocationFeedEndpoint({ feed }),
    authorize: authorizeEndpoint({
      ...{ clock, clients, consents, signIn, parkedRequests, authorizationCodes, readIdTokenHint },
      ...{ audit, issuer, defaultAudience },
    }),
    consent: consentEndpoint({
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
    token: tokenEndpoint({
      authenticateClient,
      grants: {
        authorization_code: authorizationCodeGrant({
          ...{
            clock,
            authorizationCodes,
            sessions,
            users,
            families,
            issue,
            format,
            ending,
            audit,
            defaultAudience,
          },
        }),
        refresh_token: refreshTokenGrant({ refresh }),
        client_credentials: clientCredentialsGrant({ issue, audit, defaultAudience }),
      },
    }),
    revoke: revocationEndpoint({
      ...{ authenticateClient, clock, format, refreshTokens, verifyAccessToken, blacklist, ending, audit },
    }),
    introspect: introspectionEndpoint({
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
    userinfo: userinfoEndpoint({ verifyAccessToken, users, clients }),
    endSession: endSessionEndpoint({
      clients,
      refreshTokens,
      signIn,
      ending,
      readIdTokenHint,
      audit,
      issuer,
    }),
  })

  const keysOf = (provider: 'kakao' | 'google', origin: string | undefined) =>
    providerKeys(provider, {
      ...{ clock, origin },
      failed: (cause) => log.warn({ err: cause, provider }, 'the keys of a provider could not be fetched'),
    })
  const kakaoKeys = keysOf('kakao', config.kakao?.origin)
  const googleKeys = keysOf('google', config.google?.origin)
  const redirectUri = (provider: string) => `${issuer}/callback/${provider}`
  const tokenEncryption = textEncryption(keyEncryptionKeys, 'provider-tokens')
  // A further provider: its file, and its line here.
  const providers: UpstreamProvider[] = [
    ...(config.kakao
      ? [kakaoLogin({ ...config.kakao, jwks: kakaoKeys, clock, redirectUri: redirectUri('kakao') })]
      : []),
    ...(config.google
      ? [googleLogin({ ...config.google, jwks: googleKeys, clock, redirectUri: redirectUri('google') })]
      : []),
    ...(config.naver ? [naverLogin({ ...config.naver, redirectUri: redirectUri('naver') })] : []),
  ]

  const findWaiting = waitingRequests({ clock, clients, parkedRequests })
  const signInOnBrowser = browserSignIn({ signIn, audit, sessionTtlSeconds: absoluteTtlSeconds })
  const hosted = { findWaiting, signInOnBrowser, issuer, registration: config.registration, providers }
  await loginRoutes(server, {
    password: passwordPages({ ...hosted, signIn, logIn }),
    register: registerPages({ ...hosted, register }),
  })
  await upstreamRoutes(server, {
    ...hosted,
    ...{ clock, upstreamAttempts, signIn, logIn, audit },
    providerSignIns: providerSignIns({
      ...{ clock, users, identities, loginAttempts, ending, audit },
      ...{ registration: config.registration, linkVerifiedEmails: config.linkVerifiedEmails },
    }),
    tokenEncryption,
  })

  const account: AccountDeps = {
    ...{ clock, sessions, clients, consents, identities, providerGoodbyes, providers },
    ...{ signIn, ending, audit },
    ...{ issuer, minPasswordLength },
    changePassword: passwordChanging({
      clock,
      users,
      passwords,
      passwordFaults: faultsOf,
      logIn,
      signIn,
      ending,
      audit,
    }),
    deletion: accountDeletion({ clock, users, identities, ending, audit }),
  }
  await accountRoutes(server, account)

  const caller = callingApp(clients)
  const authenticate = callerAuthentication({ verifyAccessToken, users, clients })
  const token = tokenEndpoints({
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
  await apiRoutes(server, {
    clients,
    register: registerEndpoint({ callingApp: caller, register, open: config.registration }),
    me: meEndpoint({ authenticate }),
    logout: logoutEndpoint({ authenticate, refreshTokens, ending, audit }),
    ...(config.passwordApi && { token }),
  })

  const receiving = { clock, providerSignals, audit }
  const { adminKey, appId } = config.kakao ?? {}
  const unlinks =
    adminKey === undefined || appId === undefined
      ? undefined
      : kakaoUnlinks({ ...receiving, adminKey, appId })
  await webhookRoutes(server, {
    ...(config.kakao && {
      kakaoEvents: eventReceiver({
        ...{ ...receiving, provider: 'kakao', table: kakaoEvents },
        source: kakaoSource(config.kakao.clientId, kakaoKeys),
      }),
    }),
    ...(unlinks && { kakaoUnlink: unlinks.receive }),
    ...(config.google && {
      googleEvents: eventReceiver({
        ...{ ...receiving, provider: 'google', table: googleEvents },
        source: googleSource([config.google.clientId], googleKeys),
      }),
    }),
  })
  const signals = signalWork({
    ...{ clock, users, identities, providerSignals, ending, audit },
    before: async () => unlinks?.retry(),
    failed: (cause) => log.error({ err: cause }, 'a signal of a provider could not be applied; it stays'),
  })
  const goodbyes = goodbyeWork({
    ...{ clock, identities, providerGoodbyes, audit },
    providers: connectionEndings(providers, tokenEncryption),
    failed: (cause) => log.warn({ err: cause }, 'a provider could not be told that an account is gone'),
  })
  const checks = connectionChecks({
    ...{ clock, identities, providerSignals },
    providers: Object.fromEntries(
      providers.flatMap(({ id, isConnected }) => (isConnected ? [[id, { isConnected }]] : [])),
    ),
    failed: (cause) => log.warn({ err: cause }, 'a provider could not be asked about a connection'),
  })

  const embedded = config.databaseUrl === undefined
  await playgroundRoutes(server, {
    issuer,
    graceSeconds: config.refreshGraceSeconds,
    ...(embedded && { clientId: demoClientId }),
  })

  openapiRoutes(server, issuer)

  const operations = adminOperations({
    ...{ clock, stores, audit, flushAudit: trail.flush, ending, isImportable, defaultAudience },
    hashPassword: passwords.hash,
    passwordFaults: faultsOf,
    minPasswordLength,
    keyEncryption: keyEncryption(keyEncryptionKeys),
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
    ...{ signals, goodbyes, checks },
  }
}
