// Opens the installation and creates the issuer with it. It does not listen: main.ts serves the issuer.
import type { Installation } from './admin/doctor-operations.ts'
import { type App, createApp } from './app.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import { type OpenInstallation, type OpenOptions, openInstallation } from './open-installation.ts'
import type { Stores } from './stores/stores.ts'

export interface Issuer extends App {
  stores: Stores
  clock: Clock
  log: Log
  /** Calls the listeners of records that another process changed. */
  changeCheck: OpenInstallation['changeCheck']
  /** Deletes expired rows from the database. */
  deleteExpired(): Promise<void>
  /** For a server that listens: commands then refuse a different kind of store. @throws {Unavailable} */
  rememberSessionStore(): Promise<void>
  /** Waits for the audit log, then closes every connection. Safe to repeat. */
  close(): Promise<void>
}

const rememberSessionStore = async (
  { configured, remembered }: Installation['sessionStore'],
  log: Log,
): Promise<void> => {
  const before = await remembered.read()
  if (before === configured) return
  await remembered.write(configured)
  if (before !== undefined)
    log.warn(
      { before, now: configured },
      'The sessions were in a different store until now. Users must sign in again, and revocations there are not known here',
    )
}

/**
 * Opens the stores, applies missing migrations, and loads the signing keys. Creates no key and no user.
 * @throws {Error} with a sentence for the operator
 */
export const openIssuer = async (config: Config, options: OpenOptions = {}): Promise<Issuer> => {
  const opened = await openInstallation(config, options)
  const { clock, log, stores, installation, pingRedis, changeCheck, deleteExpired, closeStores } = opened
  let closing: Promise<void> | undefined
  try {
    await installation.database.migrate()
    const app = await createApp(opened)
    stores.changes.subscribe('keys', app.keyRing.load)
    await changeCheck.run()
    await pingRedis?.().catch((error: unknown) => {
      log.warn({ err: error }, 'Redis does not answer. Sign-ins and refreshes are answered 503 until it does')
    })
    return {
      ...app,
      stores,
      clock,
      log,
      changeCheck,
      deleteExpired,
      rememberSessionStore: () => rememberSessionStore(installation.sessionStore, log),
      close: () => {
        closing ??= Promise.all(
          [app.signals, app.disconnectRequestWork, app.checks, app.mailWork].map((work) => work?.stop()),
        )
          .then(app.afterAnswer.settle)
          .then(app.auditTrail.flush)
          .finally(closeStores)
        return closing
      },
    }
  } catch (error) {
    await closeStores()
    throw error
  }
}
