// Two worker processes share one port (WORKERS=2).
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Installation, newInstallation, type Served } from '../../harness/installation.ts'
import { type SharedStores, sharedStores } from '../support/fleet.ts'
import { newClient, newPerson, type Person } from '../support/served-person.ts'
import { isMissing } from '../support/services.ts'
import { codeFor, redeem, refresh, type ServedClient, tokensFor } from '../support/token-requests.ts'

describe.skipIf(isMissing('postgres') || isMissing('redis'))('two workers on one port', () => {
  let stores: SharedStores
  let installation: Installation
  let served: Served
  let client: ServedClient
  let person: Person

  /** The ids of the workers in the order in which they logged that they are ready. */
  const readyWorkers = (of: Served = served): number[] =>
    of
      .output()
      .split('\n')
      .filter((line) => line.includes('"msg":"ready"'))
      .map((line) => (JSON.parse(line) as { pid: number }).pid)

  const readyWorkersReach = (count: number, of: Served = served) =>
    vi.waitFor(() => expect(readyWorkers(of)).toHaveLength(count), { timeout: 30_000, interval: 50 })

  beforeAll(async () => {
    stores = await sharedStores()
    installation = await newInstallation({ ...stores.env, WORKERS: '2' })
    served = await installation.serve()
    await readyWorkersReach(2)
    ;[client, person] = await Promise.all([newClient(installation, 'web'), newPerson(installation)])
  }, 120_000)
  afterAll(async () => {
    await installation?.remove()
    await stores?.close()
  })

  test('a code and a refresh token are used once across all workers (A4, C1)', async () => {
    const { code, verifier } = await codeFor(person, installation.url, client)
    const redeemed = await Promise.all(
      Array.from({ length: 20 }, () => redeem(installation.url, client, code, verifier)),
    )
    expect(redeemed.filter(({ status }) => status === 200)).toHaveLength(1)
    const { refreshToken } = await tokensFor(person, installation.url, client)
    const refreshed = await Promise.all(
      Array.from({ length: 20 }, () => refresh(installation.url, client, refreshToken)),
    )
    expect(new Set(refreshed.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(refreshed.map(({ json }) => json.refresh_token)).size).toBe(1)
  })

  test('a killed worker is replaced, and no session ends', async () => {
    const { refreshToken } = await tokensFor(person, installation.url, client)
    const before = readyWorkers()
    process.kill(before.at(-1) ?? 0, 'SIGKILL')
    await readyWorkersReach(before.length + 1)
    expect((await refresh(installation.url, client, refreshToken)).status).toBe(200)
  })

  test('a taken port stops all workers with one error message', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    const { code, stderr } = await installation.run(['serve'], { env: { PORT: String(port) } })
    await new Promise((resolve) => taken.close(resolve))
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`^dojang: Port ${port} is taken`, 'm'))
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  test('SIGINT to the whole process group stops all workers with exit code 0 (I2)', async () => {
    const own = await newInstallation({ ...stores.env, WORKERS: '2' })
    const other = await own.serve()
    await readyWorkersReach(2, other)
    for (const pid of readyWorkers(other)) process.kill(pid, 'SIGINT')
    expect(await other.stop('SIGINT')).toBe(0)
    await expect(fetch(`${own.url}/healthz`)).rejects.toThrow()
    await own.remove()
  })
})
