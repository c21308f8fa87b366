// The name of the person who runs a command, for the audit log: DOJANG_ADMIN, or the user of the system. It
// is not a login: anyone who can open the stores can choose it.
import { userInfo } from 'node:os'
import { CliError } from './cli-error.ts'

/** @throws {CliError} if DOJANG_ADMIN is not a name */
export const adminName = (env: Readonly<Record<string, string | undefined>>): string => {
  const given = env.DOJANG_ADMIN?.trim()
  if (given !== undefined && given !== '') {
    if (given.length <= 100 && /^[\p{L}\p{N} ._@+-]+$/u.test(given)) return given
    throw new CliError('DOJANG_ADMIN must be a name of at most 100 letters, digits, spaces and . _ @ + -')
  }
  try {
    return userInfo().username
  } catch {
    // A container may run as a user without a name.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
