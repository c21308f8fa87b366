// Builds the core, then mounts the routes of each source folder. Opens nothing and reads no environment.
import type { FastifyInstance } from 'fastify'
import { mountAccount } from './account/mount-account.ts'
import type { Installation } from './admin/doctor-operations.ts'
import type { AfterAnswer } from './after-answer.ts'
import type { AuditTrail } from './audit-trail.ts'
import type { BackgroundWork } from './background-work.ts'
import { type Core, type CoreParts, createCore } from './core.ts'
import { mountFirstParty } from './first-party/mount-first-party.ts'
import { demoClientId, hasDemo } from './first-start.ts'
import { mountHealth } from './http/health.ts'
import { mountLogo } from './http/logo.ts'
import { createHttpServer, type MountedRoute } from './http/server.ts'
import { createIdentityWork, type IdentityWork } from './identities/identity-work.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { VerifierSightings } from './keys/known-verifiers.ts'
import { mountLogin } from './login/mount-login.ts'
import { askConnectionsOf, createDisconnects } from './login/upstream/disconnect.ts'
import { createProviders } from './login/upstream/providers.ts'
import { createMailWork } from './mail/send-mail.ts'
import { createMailDelivery } from './mail-delivery.ts'
import { mountDevMail } from './messages/mount-dev-mail.ts'
import { mountOauth } from './oauth/mount-oauth.ts'
import { mountOpenapi } from './openapi/mount-openapi.ts'
import { createBrand } from './pages/brand.ts'
import { mountPlayground } from './playground/mount-playground.ts'
import type { RevocationFeed } from './revocation/feed.ts'
import { isEmail } from './users/user.ts'
import { mountWebhooks } from './webhooks/mount-webhooks.ts'

export interface AppParts extends CoreParts {
  installation: Installation
  /** Rejects while a store does not answer. */
  pingStores(): Promise<void>
  /** Rejects while a store does not accept a write. */
  probeWrites(): Promise<void>
}

export interface App extends IdentityWork {
  /** Sends the mails of the queue. Undefined if this installation sends no mail. */
  mailWork: BackgroundWork | undefined
  server: FastifyInstance
  /** From now on /readyz answers 503, and every answer closes its connection. Requests are still answered. */
  drain(): void
  /** Every mounted method and path. */
  routes(): MountedRoute[]
  keyRing: KeyRing
  revocationFeed: RevocationFeed
  verifierSightings: VerifierSightings
  auditTrail: AuditTrail
  hashPassword(password: string): Promise<string>
  afterAnswer: AfterAnswer
}

/** Rejects while the stores do not answer, migrations are missing, or no key can sign. */
const checkReady = async ({ pingStores, installation }: AppParts, { keyRing }: Core): Promise<void> => {
  await pingStores()
  const { pending } = await installation.database.migrationState()
  if (pending.length > 0) throw new Error(`migrations are missing: ${pending.join(', ')}`)
  keyRing.current()
}

export const createApp = async (parts: AppParts): Promise<App> => {
  const { config, log } = parts
  const core = createCore(parts)
  const { server, routes, draining } = await createHttpServer({
    log,
    trustedProxies: config.trustedProxies,
    brand: createBrand(config.brand),
  })

  core.metrics.mount(server)
  mountLogo(server, config.brand.logo)
  mountHealth(server, {
    clock: core.clock,
    ready: () => checkReady(parts, core),
    probeWrites: parts.probeWrites,
    isDraining: draining.hasBegun,
  })

  await mountOauth(server, core)

  const providers = createProviders({ ...core, settings: config })
  await mountLogin(server, { ...core, providers })
  await mountAccount(server, { ...core, providers })
  await mountFirstParty(server, core)

  const webhooks = await mountWebhooks(server, { ...core, settings: config })
  const identityWork = createIdentityWork({
    ...core,
    disconnects: createDisconnects(providers, core.providerTokenEncryption),
    askConnections: askConnectionsOf(providers),
    beforeSignals: webhooks.retry,
    failed: (cause, work) => log.error({ err: cause }, `${work} failed and will be tried again`),
    providerFailed: (cause, work) => log.warn({ err: cause }, `${work} failed and will be tried again`),
  })

  const { deliver, mailbox, render } = createMailDelivery(config)
  if (mailbox !== undefined) await mountDevMail(server, { mailbox, issuer: config.issuer })
  const mailWork =
    deliver &&
    createMailWork({
      ...core,
      sealing: core.mailSealing,
      render,
      deliver,
      isAddress: isEmail,
      failed: (cause) => log.warn({ err: cause }, 'sending a mail failed and will be tried again'),
    })

  await mountPlayground(server, {
    issuer: config.issuer,
    graceSeconds: config.refreshGraceSeconds,
    ...(hasDemo(config) && { clientId: demoClientId }),
  })
  mountOpenapi(server, config.issuer)

  const { keyRing, revocationFeed, verifierSightings, auditTrail, afterAnswer } = core
  return {
    server,
    drain: draining.begin,
    routes,
    keyRing,
    revocationFeed,
    verifierSightings,
    auditTrail,
    afterAnswer,
    hashPassword: (password) => core.passwords.hash(password, 'known'),
    ...identityWork,
    mailWork,
  }
}
