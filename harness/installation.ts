// An installation for one test: `dojang` runs as a process, both as the server and as the command line.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Terminal } from '../src/cli/terminal.ts'
import { heapFlags } from '../src/heap.ts'
import { copyEmptyDatabase } from './empty-database.ts'
import { freePort } from './free-port.ts'
import { removeFolder, temporaryFolder } from './process.ts'

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
  /** The standard output as JSON. Undefined if it is not JSON. */
  json: unknown
}

export interface RunOptions {
  input?: string
  env?: Readonly<Record<string, string | undefined>>
}

export interface Installation {
  /** The parent of the folders `data` and `keys`. */
  folder: string
  /** The issuer's URL. It answers after `serve`. */
  url: string
  /** Starts the server and resolves when it is up. Rejects with its output if it ends before that. */
  serve(env?: RunOptions['env']): Promise<Served>
  /** Runs `dojang …args` in this process: the same answer as of `run`, in a tenth of the time. */
  command(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** Runs `dojang …args` as a process and waits until it ends. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** Starts `dojang …args` and kills it after `afterMs`. False if it ended earlier. */
  runAndKill(args: readonly string[], afterMs: number): Promise<boolean>
  /** Kills the running processes and deletes the folder. */
  remove(): Promise<void>
}

export interface Served {
  pid: number
  /** Everything the server has printed so far. */
  output(): string
  /** Resolves with the exit code, or null if the signal ended the process. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** The file that `npx dojang` runs. */
export const program = fileURLToPath(new URL('../bin/dojang.js', import.meta.url))

const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** With `fresh` the folder is empty, as at a first start. Otherwise it contains a migrated database. */
export const newInstallation = async (
  ownEnv: RunOptions['env'] = {},
  { fresh = false }: { fresh?: boolean } = {},
): Promise<Installation> => {
  const folder = temporaryFolder()
  if (!fresh && ownEnv.DATABASE_URL === undefined) copyEmptyDatabase(join(folder, 'data'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const children = new Set<ChildProcess>()

  // The environment of the person who runs the tests must not change a result.
  const environment = (env: RunOptions['env'] = {}) => ({
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: String(port),
    ISSUER: url,
    DATA_DIR: join(folder, 'data'),
    KEYS_DIR: join(folder, 'keys'),
    ...ownEnv,
    ...env,
  })

  const start = (args: readonly string[], env: RunOptions['env'] = {}) => {
    const child = spawn(process.execPath, [...heapFlags, program, ...args], {
      cwd: folder,
      env: environment(env),
    })
    children.add(child)
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        output[name] += chunk
      })
    child.stdin.on('error', () => {})
    const exit = exitOf(child).finally(() => children.delete(child))
    return { child, output, exit }
  }

  return {
    folder,
    url,
    serve: async (env) => {
      const { child, output, exit } = start(['serve'], env)
      const printed = () => output.stdout + output.stderr
      await new Promise<void>((resolve, reject) => {
        child.stdout.on('data', () => output.stdout.includes('Dojang is up') && resolve())
        exit.then((code) => reject(new Error(`dojang serve ended with ${code}: ${printed()}`)), reject)
      })
      return {
        pid: child.pid ?? 0,
        output: printed,
        stop: (signal = 'SIGTERM') => {
          child.kill(signal)
          return exit
        },
      }
    },
    command: async (args, { input = '', env } = {}) => {
      // Imported only here, because the benchmark and the demo do not need it.
      const { main } = await import('../src/cli/main.ts')
      const [stdout, stderr] = [new PassThrough(), new PassThrough()]
      const printed = Promise.all([text(stdout), text(stderr)])
      const terminal: Terminal = {
        ...{ argv: ['node', program, ...args], env: environment(env), stdout, stderr },
        cwd: () => folder,
        stdin: Readable.from(input === '' ? [] : [Buffer.from(input)], { objectMode: false }),
      }
      await main(terminal)
      for (const stream of [stdout, stderr]) stream.end()
      const [out, err] = await printed
      return { code: Number(terminal.exitCode ?? 0), stdout: out, stderr: err, json: json(out) }
    },
    run: async (args, { input = '', env } = {}) => {
      const { child, output, exit } = start(args, env)
      child.stdin.end(input)
      const code = await exit
      return { code, ...output, json: json(output.stdout) }
    },
    runAndKill: async (args, afterMs) => {
      const { child, exit } = start(args)
      const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
      const code = await exit
      clearTimeout(timer)
      return code === null
    },
    remove: async () => {
      const exits = [...children].map((child) => {
        child.kill('SIGKILL')
        return exitOf(child)
      })
      await Promise.all(exits)
      removeFolder(folder)
    },
  }
}
