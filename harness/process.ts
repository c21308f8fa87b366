// Runs the binary of a service in a temporary folder, waits until it answers, and stops it.
import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server that runs for the tests. */
export interface Service {
  url: string
  stop(): Promise<void>
}

/** A server in a process of its own. */
export interface ServerProcess extends Service {
  /** The end of its output. */
  printed(): string
}

export interface Identity {
  uid: number
  gid: number
}

export const onPath = (name: string): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file))

/** The user to run PostgreSQL as, because it does not run as root. Undefined if this process is not root. */
export const unprivileged = (): Identity | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const account =
    accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody') ?? []
  return { uid: Number(account[2] ?? 65_534), gid: Number(account[3] ?? 65_534) }
}

/** The folders that `temporaryFolder` created. */
const temporaryFolders = new Set<string>()

export const temporaryFolder = (identity?: Identity): string => {
  const folder = mkdtempSync(join(tmpdir(), 'dojang-test-'))
  temporaryFolders.add(folder)
  if (identity) chownSync(folder, identity.uid, identity.gid)
  return folder
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true })

/** Starts a server in a new temporary folder. Removes the folder when the server stops or does not start. */
export const startInTemporaryFolder = async (
  start: (folder: string) => Promise<Service>,
  identity?: Identity,
): Promise<Service> => {
  const folder = temporaryFolder(identity)
  try {
    const service = await start(folder)
    return {
      url: service.url,
      stop: async () => {
        await service.stop()
        removeFolder(folder)
      },
    }
  } catch (error) {
    removeFolder(folder)
    throw error
  }
}

/** Runs a command and waits until it ends. Rejects with its error output if it fails. */
export const run = (file: string, args: string[], options: { cwd: string } & Partial<Identity>) =>
  new Promise<void>((resolve, reject) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
    let printed = ''
    child.stderr.on('data', (chunk) => {
      printed += chunk
    })
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${file} failed: ${printed}`))))
  })

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

/**
 * Starts a server and resolves when `answers` is true. Rejects if the server ends first, or after 20 seconds.
 * The server stops with `stop`, or when this process exits.
 */
export const serve = async (
  file: string,
  args: string[],
  options: { cwd: string; input?: string; stopSignal: NodeJS.Signals } & Partial<Identity>,
  answers: () => Promise<boolean>,
): Promise<Omit<ServerProcess, 'url'>> => {
  const { input, stopSignal, ...spawnOptions } = options
  const child = spawn(file, args, { ...spawnOptions, stdio: ['pipe', 'pipe', 'pipe'] })
  let printed = ''
  const collect = (chunk: Buffer) => {
    printed = (printed + chunk).slice(-4000)
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  child.stdin.on('error', () => {})
  child.stdin.end(input ?? '')
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', (error) => {
      printed += error.message
      resolve()
    })
  })
  const killNow = () => {
    child.kill('SIGKILL')
    // The caller may run a server in a folder of the repository, which must stay.
    if (!temporaryFolders.has(options.cwd)) return
    try {
      removeFolder(options.cwd)
    } catch {
      // The server may still write to the folder, which then stays in the system's temporary folder.
    }
  }
  process.once('exit', killNow)
  const stop = async () => {
    process.removeListener('exit', killNow)
    if (!ended(child)) child.kill(stopSignal)
    await exited
  }

  for (let attempt = 0; attempt < 400 && !ended(child) && child.pid !== undefined; attempt += 1) {
    if (await answers()) return { stop, printed: () => printed }
    await sleep(50)
  }
  if (child.pid !== undefined) await stop()
  throw new Error(`${file} did not start: ${printed.trim()}`)
}
