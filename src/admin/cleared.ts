import { invalid } from './admin-error.ts'

/** The change that clears the named settings. @throws {AdminError} `invalid`, if one cannot be cleared */
export const cleared = <Change extends object>(
  clearable: Readonly<Record<string, Change>>,
  names: readonly string[],
): Change => {
  if (names.some((name) => !Object.hasOwn(clearable, name)))
    throw invalid(`Only these settings can be cleared: ${Object.keys(clearable).join(', ')}.`)
  return Object.assign({}, ...names.map((name) => clearable[name]))
}
