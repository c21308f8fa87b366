// SIGTERM and SIGINT: readiness fails first, requests are still answered, and then the process ends.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../harness/free-port.ts'
import { newInstallation, program, type Served } from '../../harness/installation.ts'

const served = async (env: Readonly<Record<string, string>>) => {
  const installation = await newInstallation(env)
  onTestFinished(installation.remove)
  return { installation, process: await installation.serve() }
}

/** The ids of the processes that serve. Each logs one line when it is ready. */
const serving = ({ output }: Served): number[] =>
  output()
    .split('\n')
    .filter((line) => line.includes('"msg":"ready"'))
    .map((line) => (JSON.parse(line) as { pid: number }).pid)

const status = (url: string): Promise<number | undefined> =>
  fetch(url).then(
    (answer) => answer.status,
    () => undefined,
  )

/** The answers of /readyz and /healthz, asked one after the other until the connection is refused. */
const answersUntilRefused = async (url: string) => {
  const answers = { readyz: [] as number[], healthz: [] as number[] }
  for (;;) {
    const ready = await status(`${url}/readyz`)
    const healthy = await status(`${url}/healthz`)
    if (ready === undefined || healthy === undefined) return answers
    answers.readyz.push(ready)
    answers.healthz.push(healthy)
  }
}

describe.each(['1', '2'])('a server with WORKERS=%s', (WORKERS) => {
  test('after SIGTERM /readyz fails and other requests are answered for DRAIN_SECONDS (I2)', async () => {
    const { installation, process: server } = await served({ WORKERS, DRAIN_SECONDS: '1' })
    await expect.poll(() => serving(server), { timeout: 20_000 }).toHaveLength(Number(WORKERS))
    const startedAt = performance.now()
    const ended = server.stop()
    await expect.poll(() => status(`${installation.url}/readyz`), { interval: 10 }).toBe(503)
    const answers = await answersUntilRefused(installation.url)
    expect(performance.now() - startedAt).toBeGreaterThan(990)
    expect(await ended).toBe(0)
    expect(answers.healthz.length).toBeGreaterThan(1)
    expect(new Set(answers.healthz)).toEqual(new Set([200]))
    expect(answers.readyz.at(-1)).toBe(503)
  })

  test('signals that arrive together count as one, and a later one ends the process at once (I2)', async () => {
    const { process: server } = await served({ WORKERS, DRAIN_SECONDS: '300' })
    await expect.poll(() => serving(server), { timeout: 20_000 }).toHaveLength(Number(WORKERS))
    let code: number | null | undefined
    // A terminal sends SIGINT to all processes of the group, and npm sends it to its child again.
    const all = new Set([server.pid, ...serving(server)])
    for (const pid of all) process.kill(pid, 'SIGINT')
    const ended = server.stop('SIGINT').then((exit) => {
      code = exit
    })
    await expect.poll(() => server.output(), { timeout: 5000 }).toContain('"msg":"stopping"')
    expect(code).toBeUndefined()
    await expect
      .poll(
        () => {
          if (code === undefined) process.kill(server.pid, 'SIGTERM')
          return code
        },
        { timeout: 10_000, interval: 200 },
      )
      .toBe(1)
    await ended
    expect(server.output()).toContain('"msg":"stopping at once"')
  })
})

test('a local server stops at once by default', async () => {
  const { process: server } = await served({})
  const startedAt = performance.now()
  expect(await server.stop('SIGINT')).toBe(0)
  // A public issuer would wait for five seconds.
  expect(performance.now() - startedAt).toBeLessThan(4000)
})

// Only Linux has /proc, which shows that the process is still there.
test.skipIf(process.platform !== 'linux')(
  'a killed server that its parent has not reaped does not block the next start',
  async () => {
    const installation = await newInstallation()
    onTestFinished(installation.remove)
    const { folder, url } = installation
    const port = new URL(url).port
    // The shell starts the server, and then runs a program that never waits for its children.
    const script = '"$0" "$1" serve & echo "pid $!"; exec sleep 600'
    const parent = spawn('sh', ['-c', script, process.execPath, program], {
      cwd: folder,
      env: {
        HOST: '127.0.0.1',
        PORT: port,
        ISSUER: url,
        DATA_DIR: `${folder}/data`,
        KEYS_DIR: `${folder}/keys`,
      },
    })
    onTestFinished(() => void parent.kill('SIGKILL'))
    let output = ''
    parent.stdout.on('data', (chunk) => {
      output += chunk
    })
    await expect.poll(() => output, { timeout: 20_000 }).toContain('Dojang is up')
    const pid = Number(/pid (\d+)/.exec(output)?.[1])

    process.kill(pid, 'SIGKILL')

    const state = () => /^State:\t(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    await expect.poll(state).toBe('Z')
    const next = await installation.serve()
    expect(await status(`${url}/readyz`)).toBe(200)
    expect(state()).toBe('Z')
    const other = await installation.serve({ PORT: String(await freePort()) })
    expect(await Promise.all([next.stop(), other.stop()])).toEqual([0, 0])
  },
)
