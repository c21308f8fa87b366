// The policy for new passwords: the minimum length, the lists of weak words, and leaked passwords. It does
// not apply at a login.
import { isHashable } from './hash.ts'
import { knownWords, strengthOfCommonWord } from './known-words.ts'
import { dubeolsikKeys } from './korean-keyboard.ts'
import type { IsLeaked, PasswordSender } from './leaked.ts'
import { enoughStrength, passwordStrength, squash } from './strength.ts'

export type PasswordFault =
  | 'password_too_short'
  | 'password_too_long'
  /** Mostly common words and passwords, a repeated text, or a walk over the keyboard. */
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
  serviceNames: readonly string[]
}

type AccountNames = Omit<PasswordContext, 'serviceNames'>

/** A good password does not contain them. */
export const serviceNames = (issuer: string): string[] => [new URL(issuer).hostname, 'dojang', '도장']

/** The faults that the password itself shows. Empty if there are none. */
export type PasswordFaults = (password: string, about: AccountNames) => Promise<readonly PasswordFault[]>

/**
 * Why a user may not choose this password. Empty if they may. It may send a request to a service, so call it
 * after all other checks.
 */
export type CheckNewPassword = (
  password: string,
  about: AccountNames,
  sender: PasswordSender,
) => Promise<readonly PasswordFault[]>

/** The names and their parts, also as Korean keys: `hong.gildong88` adds `hong` and `gildong`. */
const contextWords = ({ email = '', username = '', name = '', serviceNames }: PasswordContext): string[] =>
  [email.split('@')[0] ?? '', username, name, ...serviceNames]
    .flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u), ...text.split(/[^\p{L}]+/u)])
    .flatMap((word) => [squash(word), dubeolsikKeys(squash(word))])
    .filter((word) => word.length > strengthOfCommonWord)

/** If 8 or 9 characters are allowed, a random password of that length may contain a pair of digits. */
const enoughStrengthIfShort = 7

/** There is no rule on composition. The length is counted in code points (NIST SP 800-63B-4 §3.1.1.2). */
const faultsOf = async (
  password: string,
  minPasswordLength: number,
  context: PasswordContext,
): Promise<readonly PasswordFault[]> => {
  if (!isHashable(password)) return ['password_too_long']
  if (Array.from(password).length < minPasswordLength) return ['password_too_short']
  const ownWords = new Set(contextWords(context))
  const byKnownWords = await knownWords()
  const byAllWords = (word: string) => (ownWords.has(word) ? 0 : byKnownWords(word))
  const strength = passwordStrength(password, byKnownWords)
  const strengthInContext = passwordStrength(password, byAllWords)
  const enough = minPasswordLength < 10 ? enoughStrengthIfShort : enoughStrength
  const faults: PasswordFault[] = []
  if (strength < enough) faults.push('password_common')
  if (strengthInContext < Math.min(strength, enough)) faults.push('password_context')
  return faults
}

/** The API returns the faults as codes, and the pages use them as keys of their texts. */
export const createPasswordFaults =
  ({ issuer, minPasswordLength }: { issuer: string; minPasswordLength: number }): PasswordFaults =>
  (password, about) =>
    faultsOf(password, minPasswordLength, { ...about, serviceNames: serviceNames(issuer) })

/** Asks the service only about a password without other faults. */
export const createCheckNewPassword =
  ({ passwordFaults, isLeaked }: { passwordFaults: PasswordFaults; isLeaked: IsLeaked }): CheckNewPassword =>
  async (password, about, sender) => {
    const faults = await passwordFaults(password, about)
    if (faults.length > 0) return faults
    return (await isLeaked(password, sender)) ? ['password_leaked'] : []
  }
