// The stack of compose.yaml, as deploy/compose/up starts it: two issuers, PostgreSQL, Redis, and nginx with
// TLS.
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { doWithout } from '../../harness/find-service.ts'
import { freePort } from '../../harness/free-port.ts'
import { onPath, removeFolder } from '../../harness/process.ts'
import { newClient, newPerson, type Person } from '../support/served-person.ts'
import { answerTo, refresh, type ServedClient, tokensFor, userinfoStatus } from '../support/token-requests.ts'
import { dojangIn, podman, run } from './engine.ts'

const root = new URL('../..', import.meta.url).pathname
const isMissing = inject('engineFolder') === '' || onPath('podman-compose') === undefined
if (inject('engineFolder') !== '' && isMissing)
  doWithout('podman-compose', 'run "pip install podman-compose"')

const project = 'stack'
const issuers = [`${project}_dojang-1_1`, `${project}_dojang-2_1`] as const
const every = [...issuers, ...['proxy', 'postgres', 'redis'].map((name) => `${project}_${name}_1`)]

describe.skipIf(isMissing)('deploy/compose/up', () => {
  const folder = join(inject('engineFolder'), project)
  const secrets = join(folder, 'deploy/compose/secrets')
  const trusted = getCACertificates('default')
  let url: string
  let env: NodeJS.ProcessEnv
  let client: ServedClient
  let person: Person
  let keys: string
  let tokens: Awaited<ReturnType<typeof tokensFor>>

  const up = () => run(join(folder, 'deploy/compose/up'), ['--no-build'], env)
  const compose = (...args: string[]) =>
    run('podman-compose', ['--file', join(folder, 'compose.yaml'), ...args], env)
  const ready = () =>
    vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), {
      timeout: 120_000,
      interval: 500,
    })
  /** Both issuers, and not only the one that the proxy chose. */
  const healthy = () =>
    vi.waitFor(() => Promise.all(issuers.map((name) => podman('healthcheck', 'run', name))), {
      timeout: 120_000,
      interval: 500,
    })
  const publishedKeys = async () => (await fetch(`${url}/.well-known/jwks.json`)).text()
  const secretOf = (name: string) => readFileSync(join(secrets, name), 'utf8').trim()
  /** The IP and the MAC address. Linux in the other containers remembers both. */
  const addressesOf = async (name: string) => {
    const format = `{{with index .NetworkSettings.Networks "${project}_front"}}{{.IPAddress}} {{.MacAddress}}{{end}}`
    return podman('inspect', name, '--format', format)
  }
  const refreshed = async () => {
    const answer = await refresh(url, client, tokens.refreshToken)
    expect(answer.status).toBe(200)
    tokens.refreshToken = answer.json.refresh_token
  }

  beforeAll(async () => {
    // A copy, because the folder of the repository may hold the secrets of the person who runs the tests.
    mkdirSync(folder)
    for (const name of ['compose.yaml', 'deploy'])
      cpSync(join(root, name), join(folder, name), { recursive: true })
    removeFolder(secrets)
    const port = String(await freePort())
    url = `https://localhost:${port}`
    env = {
      COMPOSE: 'podman-compose',
      COMPOSE_PROJECT_NAME: project,
      HTTPS_PORT: port,
      ISSUER: url,
      REGISTRATION: 'on',
      PASSWORD_API: 'on',
    }
    await up()
    setDefaultCACertificates([...trusted, secretOf('tls-certificate')])
    await ready()
    await healthy()
    const dojang = (args: readonly string[]) => dojangIn(issuers[0], args)
    ;[client, person] = await Promise.all([newClient({ command: dojang }, 'web'), newPerson({ url })])
    keys = await publishedKeys()
    tokens = await tokensFor(person, url, client)
  })
  afterAll(async () => {
    setDefaultCACertificates(trusted)
    await compose('down', '--volumes')
  })

  test('a person signs in over TLS, and both issuers accept the tokens', async () => {
    for (const issuer of issuers) {
      const check = `fetch('http://localhost:4000/userinfo', { headers: { authorization: 'Bearer ${tokens.accessToken}' } })`
      const program = `${check}.then(({ status }) => console.log(status))`
      expect(await podman('exec', issuer, 'node', '-e', program)).toBe('200')
    }
  })

  test('`dojang doctor` finds no fault in either issuer', async () => {
    for (const issuer of issuers) expect(await dojangIn(issuer, ['doctor'])).toMatchObject({ code: 0 })
  })

  test('the issuers log the address of the client, and not that of the proxy', async () => {
    const logs = (await Promise.all(issuers.map((name) => podman('logs', name)))).join('\n')
    const addresses = [...logs.matchAll(/"route":"\/token".*?"ip":"([^"]+)"/g)].map(([, ip]) => ip)
    expect(new Set(addresses)).toEqual(new Set(['10.213.76.1']))
  })

  test('no secret is in the environment or the command of a container', async () => {
    const inspected = await podman('inspect', ...every)
    for (const name of readdirSync(secrets).filter((each) => !/^tls-|-settings$/.test(each)))
      expect(inspected).not.toContain(secretOf(name))
  })

  test('the issuers and the proxy run as unprivileged users on read-only file systems', async () => {
    for (const name of [...issuers, `${project}_proxy_1`]) {
      const format = '{{.HostConfig.ReadonlyRootfs}} {{.EffectiveCaps}} {{.Config.User}}'
      expect(await podman('inspect', name, '--format', format)).toMatch(/^true \[\] 1000\d:1000\d$/)
    }
  })

  test('the proxy hides the metrics', async () => {
    expect((await fetch(`${url}/metrics`)).status).toBe(404)
  })

  test('the issuers are replaced one after the other, and the user stays signed in', async () => {
    for (const issuer of issuers) {
      const before = await addressesOf(issuer)
      await podman('stop', '--time', '30', issuer)
      await refreshed()
      await podman('start', issuer)
      await healthy()
      expect(await addressesOf(issuer)).toBe(before)
    }
    await refreshed()
  })

  test('the proxy keeps its addresses and answers after a restart', async () => {
    const proxy = `${project}_proxy_1`
    const before = await addressesOf(proxy)
    await podman('restart', proxy)
    expect(await addressesOf(proxy)).toBe(before)
    await ready()
  })

  test('after `down` and a second start keys, users, clients and sessions are still there', async () => {
    await compose('down')
    await up()
    await ready()
    await healthy()
    expect(await publishedKeys()).toBe(keys)
    expect(await userinfoStatus(url, tokens.accessToken)).toBe(200)
    const { location } = answerTo(person, url, client, { prompt: 'none' })
    expect((await location).searchParams.get('code')).toBeTruthy()
    await refreshed()
  })
})
