// Says why a new password was rejected. The rules are in passwords/policy.ts.
import type { Texts } from './texts.en.ts'

export type PasswordProblem =
  | 'password_too_short'
  | 'password_too_long'
  | 'password_common'
  | 'password_context'
  | 'password_leaked'

/** Undefined if the problem is not about a new password. */
export const passwordProblemText = (t: Texts, problem: string, minLength: number): string | undefined => {
  switch (problem) {
    case 'password_too_short':
      return t.password.tooShort(minLength)
    case 'password_too_long':
      return t.password.tooLong
    case 'password_common':
      return t.password.common
    case 'password_context':
      return t.password.context
    case 'password_leaked':
      return t.password.leaked
    default:
      return undefined
  }
}
