// Client libraries and verifiers that nobody here wrote, with their defaults, against a started issuer. The
// verifiers are the code of docs/stock-clients.md and docs/java.md: test/clients/stock-clients-page.test.ts
// compares them.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Installation, newInstallation } from '../../../harness/installation.ts'
import type { Service } from '../../../harness/process.ts'
import { newClient, newPerson, type Person } from '../../support/served-person.ts'
import { clients, type StockClient } from './clients.ts'
import { type ClientResult, clientJourney, kidOf, type VerifierResult, verifierJourney } from './journey.ts'
import { build, contains, missingFor, newAddress, type ProgramName, start } from './programs.ts'
import { exportKeys, introspectionOf, pemFolderOf } from './proxies.ts'
import { importKey } from './signed-tokens.ts'
import { tableInKorean } from './table.ko.ts'
import { clientTable, verifierTable } from './table.ts'
import { type StockVerifier, verifiers } from './verifiers.ts'

const missing = new Set<ProgramName>()
for (const program of new Set([...clients, ...verifiers].map((library) => library.program))) {
  const executables = missingFor(program)
  if (executables.length === 0) continue
  missing.add(program)
  const advice = `This machine has no ${executables.join(' and no ')}. The libraries of ${program} need it.`
  if (process.env.CI) throw new Error(advice)
  console.warn(`\n!! ${advice} They are skipped.\n`)
}
const isHere = ({ program }: StockClient | StockVerifier) => !missing.has(program)
const here = { clients: clients.filter(isHere), verifiers: verifiers.filter(isHere) }

let installation: Installation
let person: Person
let idToken: string
const started = new Map<ProgramName, Service>()
const startAgain = new Map<ProgramName, () => Promise<void>>()
const clientResults = new Map<string, ClientResult>()
const verifierResults = new Map<string, VerifierResult>()

/** Spring Security refreshes a token only if it expires within a minute. */
const shortTokens = {
  api: ['apis', 'create', 'https://short.example.com', '--ttl', '60'],
  client: ['--audience', 'https://short.example.com', '--default-audience', 'https://short.example.com'],
}
const usesShortTokens = (program: ProgramName) => program.startsWith('spring')

/** An API whose access tokens have the type JWT (decision 0056), and a client for it. */
const legacy = {
  api: ['apis', 'create', 'https://legacy.example.com', '--token-type', 'JWT'],
  client: ['--audience', 'https://legacy.example.com', '--default-audience', 'https://legacy.example.com'],
  credentials: {},
}

const clientIdOf = (program: ProgramName) => `app-${program}`

/** Registers one client for each program, and starts the programs. */
const startPrograms = async () => {
  const names = new Set([...here.clients, ...here.verifiers].map(({ program }) => program))
  await Promise.all([...names].map(build))
  for (const name of names) {
    const address = await newAddress()
    const callbacks = here.clients
      .filter(({ program }) => program === name)
      .flatMap(({ path, callback }) => [
        '--redirect-uri',
        `${address.url}${callback ?? `/clients/${path}/callback`}`,
      ])
    const options = [
      ...callbacks,
      ...(usesShortTokens(name) ? shortTokens.client : []),
      ...introspectionOf(name, `${installation.url}/api`),
    ]
    const { id, secret } = await newClient(installation, clientIdOf(name), options)
    const env = { CLIENT_ID: id, CLIENT_SECRET: secret, PEM_FOLDER: pemFolderOf(installation) }
    const issuer = { ISSUER_URL: installation.url, AUDIENCE: `${installation.url}/api` }
    const startIt = () => start(name, address, { ...env, ...issuer })
    started.set(name, await startIt())
    startAgain.set(name, async () => {
      await started.get(name)?.stop()
      started.set(name, await startIt())
    })
  }
}

/** Runs a command, then waits until the running server signs with another key than `kid`. */
const changeKey = async (kid: string, command: readonly string[]): Promise<string> => {
  const { code, stderr } = await installation.command(command)
  if (code !== 0) throw new Error(stderr)
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const token = await person.newAccessToken()
    if (kidOf(token) !== kid) return token
    await sleep(500)
  }
  throw new Error(`the server still signs with ${kid}`)
}

beforeAll(async () => {
  installation = await newInstallation()
  await installation.serve()
  person = await newPerson(installation)
  for (const api of [shortTokens.api, legacy.api]) expect((await installation.command(api)).stderr).toBe('')
  const job = await newClient(installation, 'job', ['--grant', 'client_credentials', ...legacy.client])
  legacy.credentials = { client_id: job.id, client_secret: job.secret }
  // The next key is published before it signs, as `dojang keys rotate` does. So the caches know it.
  const key = await importKey(installation)
  await exportKeys(installation)
  await startPrograms()
  const journey = {
    issuer: installation.url,
    person,
    urlOf: ({ program }: StockClient | StockVerifier) => started.get(program)?.url ?? '',
    replaceKeyFiles: async ({ program }: StockVerifier) => {
      await exportKeys(installation)
      await startAgain.get(program)?.()
    },
  }
  const clientJourneys = here.clients.map((client) => clientJourney(journey, client))
  const verifierJourneys = here.verifiers.map((verifier) => verifierJourney(journey, verifier))

  // The first check fills the caches.
  const first = await person.newAccessToken()
  for (const each of clientJourneys) await each.begin()
  for (const each of verifierJourneys) await each.begin(first)

  const second = await changeKey(kidOf(first), ['keys', 'activate', key.kid, '--force'])
  for (const each of clientJourneys) await each.continueAfter('afterRotation')
  idToken = clientJourneys.map((each) => each.idToken()).find((token) => token !== undefined) ?? ''
  for (const each of verifierJourneys) await each.rotate(first, second, key, idToken)

  const third = await changeKey(key.kid, ['keys', 'revoke', key.kid])
  await Promise.all(verifierJourneys.map((each) => each.revoke(second, third)))
  for (const each of clientJourneys) await each.continueAfter('afterEmergency')

  here.clients.forEach(({ name }, index) => {
    clientResults.set(name, clientJourneys[index]?.result as ClientResult)
  })
  here.verifiers.forEach(({ name }, index) => {
    verifierResults.set(name, verifierJourneys[index]?.result as VerifierResult)
  })
  console.log(`\n${clientTable(clientResults)}\n\n${verifierTable(verifierResults)}\n`)
})

afterAll(async () => {
  for (const service of started.values()) await service.stop()
  await installation?.remove()
})

describe.each(here.clients)('the client library $name', ({ name, refreshes }) => {
  test('signs in, also after a rotation and after a key was revoked', () => {
    expect(clientResults.get(name)).toMatchObject({
      signsIn: 'yes',
      afterRotation: 'yes',
      afterEmergency: 'yes',
    })
  })

  test.skipIf(refreshes === false)('refreshes', () => {
    expect(clientResults.get(name)?.refreshes).toBe('yes')
  })
})

describe.each(here.verifiers)('the verifier $name', ({ name, nextKeySeconds }) => {
  test('accepts an access token and refuses every wrong token (J3)', () => {
    expect(verifierResults.get(name)).toMatchObject({ accepts: [], refuses: [] })
  })

  test('accepts the tokens of both keys through a rotation, and those of a new key in time', () => {
    expect(verifierResults.get(name)?.rotation).toBe('yes')
    expect(verifierResults.get(name)?.nextKeySeconds).toBeLessThanOrEqual(nextKeySeconds + 5)
  })
})

const newJwtToken = async (): Promise<string> => {
  const response = await fetch(`${installation.url}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', ...legacy.credentials }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}

describe.each(['spring6', 'spring7'] as const)('the resource server of %s', (program) => {
  test.skipIf(missing.has(program))('contains the versions of the table', () => {
    const packages = [...clients, ...verifiers]
      .filter((library) => library.program === program)
      .flatMap((library) => library.packages)
    expect(packages.filter((name) => !contains(program, name))).toEqual([])
  })

  test.skipIf(missing.has(program))(
    'accepts tokens of the type JWT by its properties, and needs the audience to refuse ID tokens',
    async () => {
      const status = async (path: string, token: string) =>
        (
          await fetch(`${started.get(program)?.url}/quick-starts/${path}`, {
            headers: { authorization: `Bearer ${token}` },
          })
        ).status
      const token = await newJwtToken()
      expect([await status('spring', token), await status('spring', idToken)]).toEqual([200, 200])
      expect(await status('spring-audiences', token)).toBe(200)
      expect(await status('spring-audiences', idToken)).toBe(401)
    },
  )

  test.skipIf(missing.has(program))('verifies at+jwt and turns roles into authorities (J4)', async () => {
    const response = await fetch(`${started.get(program)?.url}/verifiers/spring`, {
      headers: { authorization: `Bearer ${await person.newAccessToken()}` },
    })
    expect(await response.json()).toMatchObject({ authorities: expect.arrayContaining(['ROLE_user']) })
  })
})

const inEnglish = (table: string): string => table
const pages = [
  { page: 'docs/stock-clients.md', inLanguage: inEnglish },
  { page: 'docs/stock-clients.ko.md', inLanguage: tableInKorean },
]

test.skipIf(missing.size > 0).each(pages)('$page prints the tables of this run', ({ page, inLanguage }) => {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8')
  const tables = { clients: clientTable(clientResults), verifiers: verifierTable(verifierResults) }
  for (const [mark, english] of Object.entries(tables)) {
    const table = inLanguage(english)
    expect(text, `the page needs this table:\n${table}\n`).toContain(
      `<!-- ${mark} -->\n\n${table}\n\n<!-- end -->`,
    )
  }
})
