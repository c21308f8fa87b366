import { isScopeToken } from '../tokens/scopes.ts'
import { invalid } from './admin-error.ts'

/** The distinct scopes of a list. An item may hold several, as OAuth writes them: `"openid profile"`. */
export const scopeNames = (given: readonly string[]): string[] => {
  const scopes = [...new Set(given.flatMap((part) => part.split(' ')).filter((scope) => scope !== ''))]
  const wrong = scopes.find((scope) => !isScopeToken(scope))
  if (wrong !== undefined)
    throw invalid(
      `${JSON.stringify(wrong)} is not a scope. Use visible ASCII characters, but no quotation mark or backslash.`,
    )
  return scopes
}
