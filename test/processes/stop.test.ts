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

/** Other tests may use the processor at the same time. */
const slowly = { timeout: 20_000 }

describe.each(['1', '2'])('a server with WORKERS=%s', (WORKERS) => {
  test('after a signal /readyz fails while other requests are answered, and a later signal ends the process (I2)', async () => {
    const { installation, process: server } = await served({ WORKERS, DRAIN_SECONDS: '300' })
    await expect.poll(() => serving(server), slowly).toHaveLength(Number(WORKERS))
    let code: number | null | undefined
    // A terminal sends SIGINT to all processes of the group, and npm sends it to its child again.
    for (const pid of new Set([server.pid, ...serving(server)])) process.kill(pid, 'SIGINT')
    const ended = server.stop('SIGINT').then((exit) => {
      code = exit
    })
    const answers = () => Promise.all(Array.from({ length: 20 }, () => status(`${installation.url}/readyz`)))
    await expect.poll(async () => [...new Set(await answers())], slowly).toEqual([503])
    for (let request = 0; request < 20; request += 1)
      expect(await status(`${installation.url}/healthz`)).toBe(200)
    expect(code).toBeUndefined()

    // The processes count signals within one second as one.
    const since = performance.now()
    await expect.poll(() => performance.now() - since, slowly).toBeGreaterThan(1100)
    process.kill(server.pid, 'SIGTERM')
    await ended
    expect(code).toBe(1)
    expect(server.output()).toContain('"msg":"stopping at once"')
  }, 60_000)

  test('the listener stays open for DRAIN_SECONDS, and the process ends with exit code 0 (I2)', async () => {
    const { process: server } = await served({ WORKERS, DRAIN_SECONDS: '1' })
    await expect.poll(() => serving(server), slowly).toHaveLength(Number(WORKERS))
    const startedAt = performance.now()
    expect(await server.stop()).toBe(0)
    expect(performance.now() - startedAt).toBeGreaterThan(990)
  }, 60_000)
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
    await expect.poll(() => output, slowly).toContain('Dojang is up')
    const pid = Number(/pid (\d+)/.exec(output)?.[1])

    process.kill(pid, 'SIGKILL')

    const state = () => /^State:\t(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    await expect.poll(state, slowly).toBe('Z')
    const next = await installation.serve()
    expect(await status(`${url}/readyz`)).toBe(200)
    expect(state()).toBe('Z')
    const other = await installation.serve({ PORT: String(await freePort()) })
    expect(await Promise.all([next.stop(), other.stop()])).toEqual([0, 0])
  },
  60_000,
)
