// The key-encryption key of a local installation: a file in the keys directory, made at first start, refused if anyone
// else can read it. A fleet gives KEY_ENCRYPTION_KEY(_FILE) instead and never comes here.
import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { chmod, link, lstat, mkdir, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'

export const keyFileName = 'key-encryption-key'

/** The one before it, while signing keys sealed under it are still in use. */
export const previousKeyFileName = 'key-encryption-key.previous'

/** Whose files are trusted, and whether modes mean anything here; the defaults are this process. */
export interface Environment {
  platform?: string
  userId?: number | undefined
}

const errorCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

/** Why a file or directory is not private to us, in a sentence that says what to run, or undefined. */
const exposure = (
  path: string,
  stats: Stats,
  mode: '0700' | '0600',
  { platform = process.platform, userId = process.getuid?.() }: Environment,
): string | undefined => {
  if (platform === 'win32') return undefined
  // Root may start from somebody's checkout: whoever owns that can change the program too.
  if (userId !== undefined && userId !== 0 && stats.uid !== userId)
    return `${path} belongs to another user. Run: chown ${userId} '${path}'`
  if ((stats.mode & 0o077) !== 0)
    return (
      `${path} is open to other users. Run: chmod ${mode} '${path}' (and replace the key if they may have read it). ` +
      'Where modes cannot be changed, set KEYS_DIR to a place where they can.'
    )
  return undefined
}

const ignore = (code: string) => (error: unknown) => {
  if (errorCode(error) !== code) throw error
}

const directoryStats = async (directory: string): Promise<Stats> => {
  const stats = await lstat(directory)
  if (stats.isSymbolicLink())
    throw new Error(`${directory} is a symbolic link; KEYS_DIR must be the directory itself.`)
  if (!stats.isDirectory()) throw new Error(`${directory} is not a directory; KEYS_DIR must be one.`)
  return stats
}

const exists = async (path: string): Promise<boolean> => {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

/** @throws {Error} if it is missing, no plain file, open to others, or not 32 bytes; the file is never changed */
const readKey = async (path: string, environment: Environment): Promise<Uint8Array> => {
  // Absent on Windows, where making a link takes an administrator anyway.
  const noFollow = constants.O_NOFOLLOW ?? 0
  const file = await open(path, constants.O_RDONLY | noFollow).catch((error: unknown) => {
    if (errorCode(error) === 'ELOOP')
      throw new Error(`${path} is a symbolic link; it must be the file itself.`)
    throw error
  })
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw new Error(`${path} is not a plain file.`)
    const exposed = exposure(path, stats, '0600', environment)
    if (exposed !== undefined) throw new Error(exposed)
    const text = (await file.readFile('utf8')).trim()
    const key = Buffer.from(text, 'base64')
    if (key.length === 32 && key.toString('base64') === text) return key
  } finally {
    await file.close()
  }
  throw new Error(
    `${path} does not hold a key: 32 bytes in base64 are expected. Bring it back from a backup; without it the ` +
      'signing keys cannot be opened.',
  )
}

const syncDirectory = async (directory: string, { platform = process.platform }: Environment) => {
  if (platform === 'win32') return
  const handle = await open(directory, constants.O_RDONLY)
  await handle.sync().finally(() => handle.close())
}

/** Complete or not at all, and of several processes that start at once exactly one makes it: link() never replaces. */
const makeKey = async (directory: string, environment: Environment): Promise<void> => {
  const temporary = join(directory, `.${keyFileName}.${randomBytes(8).toString('hex')}`)
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(`${randomBytes(32).toString('base64')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(temporary, join(directory, keyFileName)).catch(ignore('EEXIST'))
  } finally {
    await unlink(temporary)
  }
  await syncDirectory(directory, environment)
}

/**
 * The key-encryption keys in `keysDir`: the current one, made if there is none, and the previous one if it lies beside.
 * @throws {Error} one sentence that says what to run, if directory or files are open to others, linked or damaged
 */
export const loadLocalKeyEncryptionKey = async (
  keysDir: string,
  environment: Environment = {},
): Promise<Uint8Array[]> => {
  const current = join(keysDir, keyFileName)
  const previous = join(keysDir, previousKeyFileName)
  await mkdir(keysDir, { recursive: true, mode: 0o700 })
  await directoryStats(keysDir)
  const hasPrevious = await exists(previous)
  const hasCurrent = await exists(current)
  // A checkout makes the directory 0755; while it holds no key, closing it is enough.
  if (!hasCurrent && !hasPrevious) await chmod(keysDir, 0o700).catch(ignore('EPERM'))
  const exposed = exposure(keysDir, await directoryStats(keysDir), '0700', environment)
  if (exposed !== undefined) throw new Error(exposed)
  if (!hasCurrent) await makeKey(keysDir, environment)
  const keys = [await readKey(current, environment)]
  return hasPrevious ? [...keys, await readKey(previous, environment)] : keys
}
