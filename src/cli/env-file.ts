// Reads `.env` in the working directory, and in no other one. The environment wins over the file.
import cluster from 'node:cluster'
import { readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { CliError } from './cli-error.ts'
import type { Terminal } from './terminal.ts'

interface Content {
  path: string
  stats: Stats
  settings: Readonly<Record<string, string | undefined>>
}

export interface EnvFile {
  path: string
  /** The variables that are in the environment too, with another value. */
  overridden: readonly string[]
  /** Present if other users can read a secret in the file, or change the settings. */
  warning?: { message: string; advice: string }
}

/** Undefined if there is no file. A directory with this name is a virtual environment of Python. */
const read = ({ cwd }: Terminal): Content | undefined => {
  const path = join(cwd(), '.env')
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined || stats.isDirectory()) return undefined
    // Some editors on Windows begin a file with a byte order mark.
    return { path, stats, settings: parseEnv(readFileSync(path, 'utf8').replace(/^\uFEFF/, '')) }
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new CliError(`${path} cannot be read (${code}). Change its permissions, or remove the file.`)
  }
}

/** A setting and its form as a file are one setting: KEY_ENCRYPTION_KEY and KEY_ENCRYPTION_KEY_FILE. */
const settingOf = (variable: string): string => variable.replace(/_FILE$/, '')

/** The members of `settings` that the environment does not set. */
const missingIn = (env: Terminal['env'], settings: Content['settings']) => {
  const set = new Set(Object.keys(env).flatMap((name) => (env[name] === undefined ? [] : settingOf(name))))
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !set.has(settingOf(name))))
}

/**
 * Adds the settings of the file to `terminal.env`.
 * @throws {CliError} if there is a file that cannot be read
 */
export const loadEnvFile = (terminal: Terminal): void => {
  // A worker has the environment of the process that started it. The file may have changed since then.
  if (cluster.isWorker) return
  Object.assign(terminal.env, missingIn(terminal.env, read(terminal)?.settings ?? {}))
}

const isSecret = (variable: string): boolean =>
  /^(DATABASE_URL|REDIS_URL|SMTP_URL|PGPASSWORD|\w+_(SECRET|KEY|TOKEN))$/.test(variable)

const warningOf = ({ path, stats, settings }: Content): EnvFile['warning'] => {
  const { mode, uid } = stats
  const own = process.getuid?.()
  // Windows has neither these modes nor user ids.
  if (own === undefined) return undefined
  if (uid !== own && uid !== 0)
    return {
      message: `${path} belongs to another user (uid ${uid}), who can change the settings.`,
      advice: `If this is wrong, run: chown ${own} '${path}'`,
    }
  const holdsSecret = Object.entries(settings).some(([name, value]) => isSecret(name) && value !== '')
  const danger =
    (mode & 0o002) !== 0 ? 'change' : holdsSecret && (mode & 0o004) !== 0 ? 'read the secrets in' : undefined
  return danger === undefined
    ? undefined
    : { message: `Every user of this machine can ${danger} ${path}.`, advice: `Run: chmod 600 '${path}'` }
}

/** The file that `loadEnvFile` has read. @throws {CliError} */
export const describeEnvFile = (terminal: Terminal): EnvFile | undefined => {
  const file = read(terminal)
  if (file === undefined) return undefined
  const warning = warningOf(file)
  const overridden = Object.entries(file.settings)
    .filter(([name, value]) => terminal.env[name] !== value)
    .map(([name]) => name)
  return { path: file.path, overridden, ...(warning !== undefined && { warning }) }
}
