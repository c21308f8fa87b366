// `dojang serve`: opens the issuer, listens, repeats the background work, and stops in order on a signal.
import type { Config } from './config.ts'
import { ensureDemo, ensureFirstPartyClient, hasDemo } from './first-start.ts'
import { collectOften } from './heap.ts'
import type { Log } from './log.ts'
import { type Issuer, openIssuer } from './open-issuer.ts'
import { closeInOrder, stopOnSignals } from './stop.ts'
import { type SettingsFile, welcome } from './welcome.ts'
import { isFirstWorker } from './workers.ts'

interface RepeatedWork {
  everySeconds: number
  /** For the log. */
  name: string
  run(): Promise<void>
}

/** The background work of every process. */
const repeatedWork = (issuer: Issuer): RepeatedWork[] => [
  { everySeconds: 2, name: 'applying signals from providers', run: issuer.signals.tick },
  // The command line changes records in the database. Each server notices within a second.
  { ...issuer.changeCheck, name: 'looking for changed records' },
  // A key is published by the clock of another machine, which may be ahead of this one.
  { everySeconds: 30, name: 'reading the signing keys', run: issuer.keyRing.load },
  { everySeconds: 10, name: 'sending disconnect requests', run: issuer.disconnectRequestWork.tick },
  ...(issuer.mailWork ? [{ everySeconds: 2, name: 'sending mails', run: issuer.mailWork.tick }] : []),
  // Requests for the feed read it more often. This keeps it fresh without requests.
  { everySeconds: 15, name: 'reading the revocation feed', run: issuer.revocationFeed.refresh },
  { everySeconds: 60, name: 'asking providers about connections', run: issuer.checks.tick },
  { everySeconds: 600, name: 'deleting expired rows', run: issuer.deleteExpired },
]

const startRepeating = ({ everySeconds, name, run }: RepeatedWork, log: Log) => {
  setInterval(() => {
    run().catch((error: unknown) => log.warn({ err: error }, `${name} failed and will be tried again`))
  }, everySeconds * 1000).unref()
}

/** @throws {Error} with a sentence for the operator if the port or the address cannot be used */
const listen = async (issuer: Issuer, { host, port }: Config): Promise<void> => {
  try {
    await issuer.server.listen({ host, port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new Error(
        `Port ${port} is taken: another process listens on ${host}. Stop it, or set PORT to another port.`,
      )
    if (code === 'EACCES')
      throw new Error(`This user may not listen on port ${port}. Set PORT to 1024 or higher.`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new Error(
        `HOST=${host} is not an address of this machine. Set HOST to one, for example 127.0.0.1.`,
      )
    throw error
  }
}

/**
 * Runs until SIGTERM or SIGINT.
 * @throws {Error} before the server listens, with a sentence for the operator
 */
export const serve = async (config: Config, file?: SettingsFile): Promise<void> => {
  collectOften()
  const issuer = await openIssuer(config)
  const { log } = issuer
  const embedded = config.databaseUrl === undefined

  try {
    const { stores, clock, auditTrail, hashPassword } = issuer
    if (config.passwordApi) await ensureFirstPartyClient({ clock, stores })
    await issuer.keyRing.ensureFirst()
    await issuer.revocationFeed.refresh()
    await listen(issuer, config)
    await issuer.rememberSessionStore()
    // After `listen`, so that a failed start creates no demo user: its password is shown only once.
    // Only on a local issuer, because standard output may be a log that others read.
    // Only in the worker that prints it, because any other worker would lose the password.
    const demo =
      hasDemo(config) && isFirstWorker()
        ? await ensureDemo({ clock, stores, hashPassword, audit: auditTrail.record, issuer: config.issuer })
        : undefined
    for (const work of repeatedWork(issuer)) startRepeating(work, log)
    stopOnSignals(issuer, config.drainSeconds)
    log.info(
      {
        issuer: config.issuer,
        database: embedded ? 'embedded' : 'postgresql',
        redis: config.redisUrl !== undefined,
        // Each worker logs its own line.
        pid: process.pid,
      },
      'ready',
    )
    if (isFirstWorker()) process.stdout.write(welcome(config, { demo, file }))
  } catch (error) {
    await closeInOrder(issuer, 1)
    throw error
  }
}
