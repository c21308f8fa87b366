// One issuer for all tests of a file. It starts before the first test and stops after the last one.
import { afterAll, beforeAll } from 'vitest'
import { type TestIssuer, type TestIssuerOptions, testIssuer } from './issuer.ts'

/** Call it at the top of a file or of a describe. The result may be used inside tests and hooks only. */
export const sharedIssuer = (options: TestIssuerOptions = {}): TestIssuer => {
  const issuer = {} as TestIssuer
  beforeAll(async () => {
    Object.assign(issuer, await testIssuer(options))
  })
  afterAll(() => issuer.close?.())
  return issuer
}
