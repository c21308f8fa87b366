// Each store call of each key command fails once, as if the process were killed before or after the call.
import { randomBytes } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { type SigningKey, stateAt } from '../../src/keys/signing-keys.ts'
import { callOperation } from '../support/call-operation.ts'
import { testClock } from '../support/clock.ts'
import { faultInWords, faults, faultyStores } from '../support/faulty-stores.ts'
import { headerOf, type TestIssuer, testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

const clock = testClock()
const keyEncryptionKeys = [randomBytes(32)]
/** The active key, and a standby key that verifiers know. */
let initial: readonly SigningKey[]

beforeAll(async () => {
  const issuer = await testIssuer({ clock, keyEncryptionKeys })
  await issuer.app.operations['keys.generate']({})
  clock.advance(7200)
  initial = await issuer.stores.signingKeys.list()
  await issuer.close()
})

const states = async ({ stores }: TestIssuer): Promise<string[]> =>
  (await stores.signingKeys.list()).map((key) => stateAt(key, clock.now())).sort()

/** Expects that exactly one key is active, and that the JWKS contains the key that signs. */
const expectValid = async (issuer: TestIssuer): Promise<void> => {
  await issuer.app.keyRing.load()
  expect((await states(issuer)).filter((state) => state === 'active')).toHaveLength(1)
  const machine = await issuer.client({ grants: ['client_credentials'], redirectUris: [], scopes: [] })
  const { json } = await issuer.form('/token', {
    grant_type: 'client_credentials',
    client_id: machine.id,
    client_secret: machine.secret ?? '',
  })
  const { keys } = (await issuer.send('/.well-known/jwks.json')).json as { keys: { kid: string }[] }
  expect(keys.map(({ kid }) => kid)).toContain(headerOf(String(json.access_token)).kid)
}

const kidOf = (state: string): string => initial.find((key) => stateAt(key, clock.now()) === state)?.kid ?? ''

const commands = [
  { name: 'keys.rotate', input: () => ({}), ends: ['active', 'pending', 'pending'] },
  { name: 'keys.activate', input: () => ({ kid: kidOf('pending') }), ends: ['active', 'retiring'] },
  { name: 'keys.revoke', input: () => ({ kid: kidOf('active') }), ends: ['active', 'revoked'] },
] as const
const rows = commands.flatMap(({ name, ...command }) =>
  faults.map((fault) => [name, faultInWords[fault], command, fault] as const),
)

test.each(rows)(
  '%s leaves valid keys and completes when it is repeated, if any store call %s (D9)',
  async (name, _failure, { input, ends }, fault) => {
    for (let call = 1, failedCall: string | undefined = ''; failedCall !== undefined; call += 1) {
      const faulty = faultyStores(memoryStores())
      await faulty.stores.signingKeys.update(() => initial)
      const issuer = await testIssuer({ stores: faulty.stores, clock, keyEncryptionKeys })
      const run = () => callOperation(issuer.app.operations, name, input())
      faulty.failCall(call, fault)
      // The command may report the failure as an error or as a warning.
      await run().catch(() => {})
      failedCall = faulty.repair()
      await expectValid(issuer)
      await run()
      await expectValid(issuer)
      expect(await states(issuer)).toEqual(ends)
      await issuer.close()
    }
  },
)
