// An installation of Dojang in a temporary folder. Its log goes to a file, so that the load generator does
// not have to read it.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from '../harness/free-port.ts'
import { program } from '../harness/installation.ts'
import { removeFolder, temporaryFolder } from '../harness/process.ts'
import { heapFlags } from '../src/heap.ts'
import { stopLater } from './stop-list.ts'

export interface Installation {
  folder: string
  dataDir: string
  keysDir: string
  url: string
  /** Starts the server and waits until all workers are ready. */
  serve(): Promise<Served>
  /** Runs a `dojang` command and returns its JSON. */
  dojang(args: readonly string[]): Promise<unknown>
}

export interface Served {
  pid: number
  /** From the start of the process to the first 200 at /readyz. */
  readyMs: number
  stop(): Promise<void>
}

const isReady = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    get(`${url}/readyz`, { agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    }).on('error', () => resolve(false))
  })

const startTimeoutMs = 60_000

export const newInstallation = async (
  workers: number,
  stores: Readonly<Record<string, string>>,
): Promise<Installation> => {
  const folder = temporaryFolder()
  stopLater(() => removeFolder(folder))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const logFile = join(folder, 'server.log')
  const [dataDir, keysDir] = [join(folder, 'data'), join(folder, 'keys')]
  // The environment of the person who runs the benchmark must not change a result.
  const env = {
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: String(port),
    ISSUER: url,
    DATA_DIR: dataDir,
    KEYS_DIR: keysDir,
    WORKERS: String(workers),
    // The longest one, so that no token expires during the benchmark.
    ACCESS_TOKEN_TTL: '3600',
    ...stores,
  }
  const options = { cwd: folder, env }

  const workersReady = (): number => readFileSync(logFile, 'utf8').split('"msg":"ready"').length - 1

  const waitFor = async (child: ChildProcess, what: () => boolean | Promise<boolean>, pollMs: number) => {
    for (const begin = performance.now(); !(await what()); await sleep(pollMs))
      if (child.exitCode !== null || performance.now() - begin > startTimeoutMs)
        throw new Error(`The server did not start:\n${readFileSync(logFile, 'utf8').slice(-2000)}`)
  }

  return {
    folder,
    dataDir,
    keysDir,
    url,
    serve: async () => {
      const log = openSync(logFile, 'w')
      const begin = performance.now()
      const child = spawn(process.execPath, [...heapFlags, program, 'serve'], {
        ...options,
        stdio: ['ignore', log, log],
      })
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      const killNow = () => child.kill('SIGKILL')
      const stop = async () => {
        process.off('exit', killNow)
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
        await exited
      }
      process.once('exit', killNow)
      stopLater(stop)
      closeSync(log)
      await waitFor(child, () => isReady(url), 5)
      const readyMs = performance.now() - begin
      await waitFor(child, () => workersReady() >= workers, 20)
      return { pid: child.pid ?? 0, readyMs, stop }
    },
    dojang: async (args) => {
      const ran = await promisify(execFile)(process.execPath, [program, ...args, '--json'], options)
      return JSON.parse(ran.stdout)
    },
  }
}
