// An installation of its own for a test: `dojang` as a process, server and command line, as a person runs it.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyEmptyDatabase } from './empty-database.ts'
import { freePort } from './free-port.ts'
import { removeFolder, temporaryFolder } from './process.ts'

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
  /** What `--json` printed. */
  json: unknown
}

export interface RunOptions {
  input?: string
  env?: Readonly<Record<string, string | undefined>>
}

export interface Installation {
  /** Holds `data` and `keys`. */
  folder: string
  /** The issuer, once served. */
  url: string
  /** Resolves when it answers. What it has printed; rejects with that if it ends before. */
  serve(env?: RunOptions['env']): Promise<Served>
  /** `dojang …args`, to its end. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** Starts it and kills it after that long, unless it has ended. */
  runAndKill(args: readonly string[], afterMs: number): Promise<void>
  /** Ends what still runs, and deletes the folder. */
  remove(): Promise<void>
}

export interface Served {
  pid: number
  output(): string
  /** The exit code; null if the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** What `npx dojang` runs. */
export const program = fileURLToPath(new URL('../bin/dojang.js', import.meta.url))
/** The many processes of a run share what each would compile anew. */
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/dojang', import.meta.url))

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

/** `fresh`: nothing is there yet, as at a first start; else the empty database is. */
export const newInstallation = async (
  ownEnv: RunOptions['env'] = {},
  { fresh = false }: { fresh?: boolean } = {},
): Promise<Installation> => {
  const folder = temporaryFolder()
  if (!fresh && ownEnv.DATABASE_URL === undefined) copyEmptyDatabase(join(folder, 'data'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const children = new Set<ChildProcess>()

  const start = (args: readonly string[], env: RunOptions['env'] = {}) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: folder,
      // Only these: what the person who runs the tests has set must not matter.
      env: {
        ...{ PATH: process.env.PATH, HOST: '127.0.0.1', PORT: String(port), ISSUER: url },
        NODE_COMPILE_CACHE: compileCache,
        ...{ DATA_DIR: join(folder, 'data'), KEYS_DIR: join(folder, 'keys') },
        ...ownEnv,
        ...env,
      },
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
      const said = () => output.stdout + output.stderr
      await new Promise<void>((resolve, reject) => {
        child.stdout.on('data', () => output.stdout.includes('Dojang is up') && resolve())
        exit.then((code) => reject(new Error(`dojang serve ended with ${code}: ${said()}`)), reject)
      })
      return {
        pid: child.pid ?? 0,
        output: said,
        stop: (signal = 'SIGTERM') => {
          child.kill(signal)
          return exit
        },
      }
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
      await exit
      clearTimeout(timer)
    },
    remove: async () => {
      const ending = [...children].map((child) => {
        child.kill('SIGKILL')
        return exitOf(child)
      })
      await Promise.all(ending)
      removeFolder(folder)
    },
  }
}
