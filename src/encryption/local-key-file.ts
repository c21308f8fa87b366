// The key-encryption key of a local installation: a file in KEYS_DIR, created at the first start and rejected
// if other users can read it. It is not used if KEY_ENCRYPTION_KEY or KEY_ENCRYPTION_KEY_FILE is set.
import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { chmod, link, lstat, mkdir, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'

export const keyFileName = 'key-encryption-key'

/** The previous key, needed while signing keys are still encrypted with it. */
export const previousKeyFileName = 'key-encryption-key.previous'

/** For tests: values that replace those of this process. */
export interface Environment {
  /** On `win32` file modes and owners are not checked. */
  platform?: string
  /** The only user who may own the files, except that root (0) accepts every owner. */
  userId?: number | undefined
}

const errorCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

/** Says that other users can access the path, and which command fixes it. Undefined if they cannot. */
const findExposure = (
  path: string,
  stats: Stats,
  mode: '0700' | '0600',
  { platform = process.platform, userId = process.getuid?.() }: Environment,
): string | undefined => {
  if (platform === 'win32') return undefined
  // Root accepts files of any user: the owner of the checkout can change the program too.
  if (userId !== undefined && userId !== 0 && stats.uid !== userId)
    return `${path} belongs to another user. Run: chown ${userId} '${path}'`
  if ((stats.mode & 0o077) !== 0)
    return (
      `Other users can access ${path}. Run: chmod ${mode} '${path}'. ` +
      'Replace the key if another user may have read it. ' +
      'If the file system has no modes, set KEYS_DIR to a directory on another file system.'
    )
  return undefined
}

const ignore = (code: string) => (error: unknown) => {
  if (errorCode(error) !== code) throw error
}

const directoryStats = async (directory: string): Promise<Stats> => {
  const stats = await lstat(directory)
  if (stats.isSymbolicLink())
    throw new Error(`${directory} is a symbolic link. Set KEYS_DIR to the directory itself.`)
  if (!stats.isDirectory())
    throw new Error(`${directory} is not a directory. Set KEYS_DIR to the path of a directory.`)
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

/** @throws {Error} if the file is missing, not a regular file, accessible to other users, or not a key */
const readKey = async (path: string, environment: Environment): Promise<Uint8Array> => {
  // Windows does not have O_NOFOLLOW, but only an administrator can create links there.
  const noFollow = constants.O_NOFOLLOW ?? 0
  const file = await open(path, constants.O_RDONLY | noFollow).catch((error: unknown) => {
    if (errorCode(error) === 'ELOOP')
      throw new Error(`${path} is a symbolic link. Replace it with the file itself.`)
    throw error
  })
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw new Error(`${path} is not a regular file. Restore the key file from a backup.`)
    const exposure = findExposure(path, stats, '0600', environment)
    if (exposure !== undefined) throw new Error(exposure)
    const text = (await file.readFile('utf8')).trim()
    const key = Buffer.from(text, 'base64')
    if (key.length === 32 && key.toString('base64') === text) return key
  } finally {
    await file.close()
  }
  throw new Error(
    `${path} does not contain a key, which is 32 bytes in base64. Restore the file from a backup. ` +
      'The signing keys cannot be decrypted without it.',
  )
}

const syncDirectory = async (directory: string, { platform = process.platform }: Environment) => {
  if (platform === 'win32') return
  const handle = await open(directory, constants.O_RDONLY)
  await handle.sync().finally(() => handle.close())
}

/** Links a temporary file, because link() is atomic and never replaces the key of another process. */
const createKey = async (directory: string, environment: Environment): Promise<void> => {
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
 * Reads the current key-encryption key in `keysDir`, and the previous one if its file exists. It creates the
 * current one if its file does not exist.
 * @throws {Error} with the next step, if a path is damaged, a link, or accessible to other users
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
  // git creates the directory with mode 0755. Changing the mode is enough while there is no key in it.
  if (!hasCurrent && !hasPrevious) await chmod(keysDir, 0o700).catch(ignore('EPERM'))
  const exposure = findExposure(keysDir, await directoryStats(keysDir), '0700', environment)
  if (exposure !== undefined) throw new Error(exposure)
  if (!hasCurrent) await createKey(keysDir, environment)
  const keys = [await readKey(current, environment)]
  return hasPrevious ? [...keys, await readKey(previous, environment)] : keys
}
