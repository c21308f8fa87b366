// Which new passwords are accepted. Owns the length rule and the lists; judges only a password being chosen, never one
// given at a login. The online check against breached passwords is not here.
import { readFileSync } from 'node:fs'
import { isHashable } from './hash.ts'
import { dubeolsikKeys } from './korean-keyboard.ts'
import { enoughStrength, passwordStrength, squash } from './strength.ts'

/** In code points: the password is the only factor (NIST SP 800-63B-4 §3.1.1.2). There is no rule on composition. */
export const minPasswordLength = 15

export type PasswordFault =
  | 'password_too_short'
  | 'password_too_long'
  /** On the bundled list, a repeated unit, a keyboard walk, or little more than words everybody uses. */
  | 'password_common'
  /** Little more than the person's own names or those of this service. */
  | 'password_context'

/** What a guesser knows about the account (ASVS 6.1.2). */
export interface PasswordContext {
  email?: string | undefined
  username?: string | undefined
  name?: string | undefined
  issuerHost?: string | undefined
}

/** The check as registration uses it: the issuer's own host is already known. */
export type PasswordFaults = (
  password: string,
  about: Omit<PasswordContext, 'issuerHost'>,
) => readonly PasswordFault[]

const lines = (file: string): string[] =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

/** Counts for a little, not for nothing: four unrelated words make a fair passphrase. */
const worthOfCommonWord = 2

const commonWords: ReadonlySet<string> = new Set(
  [...lines('./weak-words.txt').flatMap((line) => line.split(' ')), ...lines('./common-passwords.txt')]
    .flatMap((word) => [squash(word), dubeolsikKeys(squash(word))])
    .filter((word) => word.length > worthOfCommonWord),
)

/** Whole and in parts, as written and as typed: `hong.gildong88` also gives `hong`, `gildong`. */
const contextWords = ({ email = '', username = '', name = '', issuerHost = '' }: PasswordContext): string[] =>
  [email.split('@')[0] ?? '', username, name, issuerHost, 'dojang', '도장']
    .flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u), ...text.split(/[^\p{L}]+/u)])
    .flatMap((word) => [squash(word), dubeolsikKeys(squash(word))])
    .filter((word) => word.length > worthOfCommonWord)

/** Why `password` may not be chosen; empty if it may. Codes for the API and keys for the pages' texts. */
export const passwordFaults = (password: string, context: PasswordContext = {}): readonly PasswordFault[] => {
  if (!isHashable(password)) return ['password_too_long']
  if (Array.from(password).length < minPasswordLength) return ['password_too_short']
  const own = new Set(contextWords(context))
  const toStrangers = (word: string) => (commonWords.has(word) ? worthOfCommonWord : undefined)
  const toAcquaintances = (word: string) => (own.has(word) ? 0 : toStrangers(word))
  const worth = passwordStrength(password, toStrangers)
  const worthToAcquaintances = passwordStrength(password, toAcquaintances)
  const faults: PasswordFault[] = []
  if (worth < enoughStrength) faults.push('password_common')
  if (worthToAcquaintances < Math.min(worth, enoughStrength)) faults.push('password_context')
  return faults
}

export const createPasswordFaults =
  ({ issuer }: { issuer: string }): PasswordFaults =>
  (password, about) =>
    passwordFaults(password, { ...about, issuerHost: new URL(issuer).hostname })
