// Serves: reads the configuration, opens the issuer, listens, and stops in order when told to.
import { adminSocketPath, openAdminSocket } from './admin/socket.ts'
import { type Config, readConfig } from './config.ts'
import { ensureDemo, ensureFirstPartyClient } from './first-start.ts'
import { type Issuer, openIssuer } from './open-issuer.ts'
import { welcome } from './welcome.ts'
import { isFirstWorker, isOverseer, leaveOverseer, oversee } from './workers.ts'

const keyReloadSeconds = 5
/** Requests read it more often; this keeps it young where nobody asks. */
const feedRefreshSeconds = 15
const tidySeconds = 600
/** How long what a provider told us may wait. */
const signalSeconds = 2
const disconnectRequestSeconds = 10
const checkSeconds = 60
/** How long requests in flight may take to finish after SIGTERM. */
const drainSeconds = 10

const every = (seconds: number, what: string, issuer: Issuer, work: () => Promise<void>) =>
  setInterval(() => {
    work().catch((error: unknown) => issuer.log.warn({ err: error }, `${what} failed; will be tried again`))
  }, seconds * 1000).unref()

/** What goes wrong most often, in a sentence. */
const listening = async (issuer: Issuer, { host, port }: Config): Promise<void> => {
  try {
    await issuer.server.listen({ host, port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new Error(
        `Port ${port} is taken: something listens on ${host} already. Stop it, or set PORT to another.`,
      )
    if (code === 'EACCES')
      throw new Error(`Port ${port} needs rights that this user lacks. Set PORT to 1024 or more.`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new Error(`HOST=${host} is no address of this machine.`)
    throw error
  }
}

/**
 * Runs until SIGTERM or SIGINT.
 * @throws {ConfigError} or an Error with a sentence for the operator, before anything listens
 */
export const serve = async (env: Readonly<Record<string, string | undefined>>): Promise<void> => {
  const config = readConfig(env)
  if (isOverseer(config.workers)) return oversee(config.workers)
  const issuer = await openIssuer(config)
  const { server, log } = issuer
  const embedded = config.databaseUrl === undefined

  const stop = async (code: number) => {
    setTimeout(() => process.exit(1), drainSeconds * 1000).unref()
    await server.close()
    await socket?.close()
    await issuer.close()
    process.exitCode = code
    leaveOverseer()
  }
  let socket: { close(): Promise<void> } | undefined

  try {
    const { stores, clock, auditTrail, hashPassword } = issuer
    if (config.passwordApi) await ensureFirstPartyClient({ clock, stores })
    await issuer.keyRing.ensureFirst()
    await issuer.revocationFeed.refresh()
    await listening(issuer, config)
    // Only now: a password that is shown once must be shown.
    const demo = embedded
      ? await ensureDemo({ clock, stores, hashPassword, audit: auditTrail.record, issuer: config.issuer })
      : undefined
    // Beside a database server the command line opens its own connection.
    if (embedded)
      socket = await openAdminSocket({
        operations: issuer.operations,
        path: adminSocketPath(config.dataDir),
        log,
      })
    every(keyReloadSeconds, 'reading the signing keys', issuer, issuer.keyRing.load)
    every(feedRefreshSeconds, 'reading the revocations', issuer, issuer.revocationFeed.refresh)
    every(tidySeconds, 'tidying', issuer, issuer.tidy)
    every(signalSeconds, 'working off what providers told us', issuer, issuer.signals.tick)
    every(
      disconnectRequestSeconds,
      'telling providers of accounts that are gone',
      issuer,
      issuer.disconnectRequestWork.tick,
    )
    every(checkSeconds, 'asking providers about connections', issuer, issuer.checks.tick)
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => {
        log.info({ signal }, 'stopping')
        void stop(0)
      })
    log.info(
      {
        issuer: config.issuer,
        database: embedded ? 'embedded' : 'postgresql',
        redis: config.redisUrl !== undefined,
        // Each worker says so.
        pid: process.pid,
      },
      'ready',
    )
    if (isFirstWorker()) process.stdout.write(welcome(config, demo))
  } catch (error) {
    await stop(1)
    throw error
  }
}
