import { isScopeToken } from '../tokens/scopes.ts'
import { invalid } from './admin-error.ts'

/** The distinct scopes of a list whose items may themselves be lists, as OAuth writes them: `"openid profile"`. */
export const scopeNames = (given: readonly string[]): string[] => {
  const scopes = [...new Set(given.flatMap((part) => part.split(' ')).filter((scope) => scope !== ''))]
  const wrong = scopes.find((scope) => !isScopeToken(scope))
  if (wrong !== undefined)
    throw invalid(
      `${JSON.stringify(wrong)} is no scope: use visible ASCII without quotation marks and backslashes.`,
    )
  return scopes
}
