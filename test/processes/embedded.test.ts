// The embedded database under load: with two workers, with the command line beside them, and with kills.
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { newClient, newPerson } from '../support/served-person.ts'
import { refresh, type ServedClient, tokensFor } from '../support/token-requests.ts'

// Processes are slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

let installation: Installation
afterEach(() => installation?.remove())

/** A refresh token of a new family, for each of `count` sign-ins. */
const signIns = async (count: number, client: ServedClient): Promise<unknown[]> => {
  const person = await newPerson(installation)
  const tokens: unknown[] = []
  for (let index = 0; index < count; index += 1)
    tokens.push((await tokensFor(person, installation.url, client)).refreshToken)
  return tokens
}

/**
 * Refreshes one family until `isOver`, or until the server is gone. The newest token that the client
 * received.
 */
const refreshRepeatedly = async (
  client: ServedClient,
  first: unknown,
  isOver: () => boolean,
  answered = () => {},
) => {
  let newest = first
  const statuses: number[] = []
  while (!isOver()) {
    const answer = await refresh(installation.url, client, newest).catch(() => undefined)
    if (answer === undefined) break
    statuses.push(answer.status)
    answered()
    if (answer.status === 200) newest = answer.json.refresh_token
  }
  return { newest, statuses }
}

test('two workers and the command line write at the same time, and every request succeeds', async () => {
  installation = await newInstallation({ WORKERS: '2' })
  await installation.serve()
  const client = await newClient(installation, 'web')
  const tokens = await signIns(8, client)
  let isOver = false
  const refreshing = tokens.map((token) => refreshRepeatedly(client, token, () => isOver))
  for (const name of ['one'])
    expect(await installation.run(['roles', 'create', name])).toMatchObject({ code: 0, stderr: '' })
  isOver = true
  const families = await Promise.all(refreshing)
  const statuses = families.flatMap((family) => family.statuses)
  expect(statuses.length).toBeGreaterThan(tokens.length)
  expect(new Set(statuses)).toEqual(new Set([200]))
})

describe('a server that is killed during refreshes', () => {
  test('every answer that a client received stands, and no family has two successors', async () => {
    installation = await newInstallation()
    let served = await installation.serve()
    const client = await newClient(installation, 'web')
    let newest = await signIns(8, client)
    for (let kill = 0; kill < 3; kill += 1) {
      let answers = 0
      const refreshing = newest.map((token) =>
        refreshRepeatedly(
          client,
          token,
          () => false,
          () => {
            answers += 1
          },
        ),
      )
      await expect.poll(() => answers, { timeout: 60_000 }).toBeGreaterThan(20 + 30 * kill)
      await served.stop('SIGKILL')
      const families = await Promise.all(refreshing)
      expect(families.every(({ statuses }) => statuses.every((status) => status === 200))).toBe(true)
      newest = families.map((family) => family.newest)
      served = await installation.serve()
      // The grace answers if the rotation was stored and its answer was lost. Both answers are the same
      // token.
      const again = await Promise.all(
        newest.flatMap((token) => [
          refresh(installation.url, client, token),
          refresh(installation.url, client, token),
        ]),
      )
      expect(again.map(({ status }) => status)).toEqual(again.map(() => 200))
      const successors = newest.map((_, index) =>
        [again[2 * index], again[2 * index + 1]].map((answer) => answer?.json.refresh_token),
      )
      for (const [one, two] of successors) expect(one).toBe(two)
      newest = successors.map(([one]) => one)
    }
  })
})

test('a backup of a running server is complete, and a server on it keeps every session', async () => {
  installation = await newInstallation()
  const served = await installation.serve()
  const client = await newClient(installation, 'web')
  const [token, other] = await signIns(2, client)
  let isOver = false
  const refreshing = refreshRepeatedly(client, other, () => isOver)
  const copy = join(installation.folder, 'copy.sqlite')
  expect(await installation.run(['backup', copy])).toMatchObject({ code: 0, stderr: '' })
  expect(statSync(copy).mode & 0o777).toBe(0o600)
  expect(await installation.command(['backup', copy])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('exists already'),
  })
  isOver = true
  expect(new Set((await refreshing).statuses)).toEqual(new Set([200]))
  await served.stop()
  const data = join(installation.folder, 'data')
  for (const file of readdirSync(data)) rmSync(join(data, file))
  renameSync(copy, join(data, 'dojang.sqlite'))
  await installation.serve()
  expect((await refresh(installation.url, client, token)).status).toBe(200)
})
