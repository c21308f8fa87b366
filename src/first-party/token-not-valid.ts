import { ProblemError } from '../http/problem.ts'
import type { Localized } from '../pages/language.ts'

/** The answer to a token that does not work at /api/token/*. Front ends of SimpleJWT look for this code. */
export const tokenNotValid = (detail: Localized, reason: string): ProblemError =>
  new ProblemError({ status: 401, code: 'token_not_valid', detail }, reason)
