// One issuer for all tests of a file.
import { afterAll, beforeAll } from 'vitest'
import { type TestIssuer, type TestIssuerOptions, testIssuer } from './issuer.ts'

/** Starts the issuer before the first test and closes it after the last. Use it only in tests and hooks. */
export const useIssuer = (options: TestIssuerOptions = {}): TestIssuer => {
  const issuer = {} as TestIssuer
  beforeAll(async () => {
    Object.assign(issuer, await testIssuer(options))
  })
  afterAll(() => issuer.close?.())
  return issuer
}
