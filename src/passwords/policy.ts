// The policy for new passwords: the minimum length, the lists of weak words, and leaked passwords. It does
// not apply at a login.
import { readFileSync } from 'node:fs'
import { isHashable } from './hash.ts'
import { dubeolsikKeys } from './korean-keyboard.ts'
import type { IsLeaked, PasswordSender } from './leaked.ts'
import { enoughStrength, passwordStrength, squash } from './strength.ts'

export type PasswordFault =
  | 'password_too_short'
  | 'password_too_long'
  /** Mostly common words, a repeated text, or a walk over the keyboard. */
  | 'password_common'
  /** Mostly the user's own names, or names of this service. */
  | 'password_context'
  /** In a known leak (leaked.ts). */
  | 'password_leaked'

/** The facts about the account that an attacker may know (ASVS 6.1.2). */
export interface PasswordContext {
  email?: string | undefined
  username?: string | undefined
  name?: string | undefined
  issuerHost?: string | undefined
}

type AccountNames = Omit<PasswordContext, 'issuerHost'>

/** The faults that the password itself shows. Empty if there are none. */
export type PasswordFaults = (password: string, about: AccountNames) => readonly PasswordFault[]

/**
 * Why a user may not choose this password. Empty if they may. It may send a request to a service, so call it
 * after all other checks.
 */
export type CheckNewPassword = (
  password: string,
  about: AccountNames,
  sender: PasswordSender,
) => Promise<readonly PasswordFault[]>

const lines = (file: string): string[] =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

/** More than 0, so that four unrelated common words are a valid passphrase. */
const strengthOfCommonWord = 2

const readCommonWords = (): ReadonlySet<string> =>
  new Set(
    [...lines('./weak-words.txt').flatMap((line) => line.split(' ')), ...lines('./common-passwords.txt')]
      .flatMap((word) => [squash(word), dubeolsikKeys(squash(word))])
      .filter((word) => word.length > strengthOfCommonWord),
  )

let words: ReadonlySet<string> | undefined

/** Read at the first new password, because it takes 40 ms that a start does not need. */
const commonWords = (): ReadonlySet<string> => {
  words ??= readCommonWords()
  return words
}

/** The names and their parts, also as Korean keys: `hong.gildong88` adds `hong` and `gildong`. */
const contextWords = ({ email = '', username = '', name = '', issuerHost = '' }: PasswordContext): string[] =>
  [email.split('@')[0] ?? '', username, name, issuerHost, 'dojang', '도장']
    .flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u), ...text.split(/[^\p{L}]+/u)])
    .flatMap((word) => [squash(word), dubeolsikKeys(squash(word))])
    .filter((word) => word.length > strengthOfCommonWord)

/** There is no rule on composition. The length is counted in code points (NIST SP 800-63B-4 §3.1.1.2). */
const faultsOf = (
  password: string,
  minPasswordLength: number,
  context: PasswordContext,
): readonly PasswordFault[] => {
  if (!isHashable(password)) return ['password_too_long']
  if (Array.from(password).length < minPasswordLength) return ['password_too_short']
  const ownWords = new Set(contextWords(context))
  const common = commonWords()
  const byCommonWords = (word: string) => (common.has(word) ? strengthOfCommonWord : undefined)
  const byAllWords = (word: string) => (ownWords.has(word) ? 0 : byCommonWords(word))
  const strength = passwordStrength(password, byCommonWords)
  const strengthInContext = passwordStrength(password, byAllWords)
  const faults: PasswordFault[] = []
  if (strength < enoughStrength) faults.push('password_common')
  if (strengthInContext < Math.min(strength, enoughStrength)) faults.push('password_context')
  return faults
}

/** The API returns the faults as codes, and the pages use them as keys of their texts. */
export const createPasswordFaults =
  ({ issuer, minPasswordLength }: { issuer: string; minPasswordLength: number }): PasswordFaults =>
  (password, about) =>
    faultsOf(password, minPasswordLength, { ...about, issuerHost: new URL(issuer).hostname })

/** Asks the service only about a password without other faults. */
export const createCheckNewPassword =
  ({ passwordFaults, isLeaked }: { passwordFaults: PasswordFaults; isLeaked: IsLeaked }): CheckNewPassword =>
  async (password, about, sender) => {
    const faults = passwordFaults(password, about)
    if (faults.length > 0) return faults
    return (await isLeaked(password, sender)) ? ['password_leaked'] : []
  }
