// Starting a service's own binary for tests: a temporary folder, a wait until it answers, a sure end.
import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server that a test started: where it is, and how to end it. */
export interface Service {
  url: string
  stop(): Promise<void>
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

/** PostgreSQL refuses to run as root: whom to run it as instead, or undefined to stay who we are. */
export const unprivileged = (): Identity | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const people = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const person =
    people.find(([name]) => name === 'postgres') ?? people.find(([name]) => name === 'nobody') ?? []
  return { uid: Number(person[2] ?? 65_534), gid: Number(person[3] ?? 65_534) }
}

export const temporaryFolder = (identity?: Identity): string => {
  const folder = mkdtempSync(join(tmpdir(), 'dojang-test-'))
  if (identity) chownSync(folder, identity.uid, identity.gid)
  return folder
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true })

/** Runs a command to its end. */
export const run = (file: string, args: string[], options: { cwd: string } & Partial<Identity>) =>
  new Promise<void>((resolve, reject) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += chunk
    })
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${file} failed: ${said}`))))
  })

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

/** Keeps a server running in its temporary folder until `stop`, and never longer than this process. Rejects if it ends before it answers. */
export const serve = async (
  file: string,
  args: string[],
  options: { cwd: string; input?: string; stopSignal: NodeJS.Signals } & Partial<Identity>,
  answers: () => Promise<boolean>,
): Promise<{ stop(): Promise<void> }> => {
  const { input, stopSignal, ...spawnOptions } = options
  const child = spawn(file, args, { ...spawnOptions, stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  const hear = (chunk: Buffer) => {
    said = (said + chunk).slice(-4000)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  child.stdin.on('error', () => {})
  child.stdin.end(input ?? '')
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', (error) => {
      said += error.message
      resolve()
    })
  })
  const killNow = () => {
    child.kill('SIGKILL')
    try {
      removeFolder(options.cwd)
    } catch {
      // It was still writing; the folder is a temporary one.
    }
  }
  process.once('exit', killNow)
  const stop = async () => {
    process.removeListener('exit', killNow)
    if (!ended(child)) child.kill(stopSignal)
    await gone
  }

  for (let attempt = 0; attempt < 400 && !ended(child) && child.pid !== undefined; attempt += 1) {
    if (await answers()) return { stop }
    await sleep(50)
  }
  if (child.pid !== undefined) await stop()
  throw new Error(`${file} did not start: ${said.trim()}`)
}
