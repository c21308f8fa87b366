// Runs the commands of the table in examples/README.md exactly as they are printed, each in the folder of
// its example.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../harness/free-port.ts'
import { type ServerProcess, serve } from '../../harness/process.ts'

const examples = new URL('..', import.meta.url).pathname
const python = join(tmpdir(), 'dojang-examples-python')
const table = readFileSync(join(examples, 'README.md'), 'utf8')

/** `pip` and `python` are those of a virtual environment, and npm writes no lock file into the repository. */
const environment = () => ({
  ...process.env,
  PATH: `${join(python, 'bin')}:${process.env.PATH}`,
  npm_config_package_lock: 'false',
})

/** The folder of an example, and its commands. The last one starts the server. The others install. */
export const printed = (name: string) => {
  const row = table.split('\n').find((line) => line.startsWith(`| [${name}](`)) ?? ''
  const [, folder, commands] = /^\| \[[^\]]+\]\(([^/)]+)\/[^)]*\) \| `([^`]+)` \|/.exec(row) ?? []
  if (folder === undefined || commands === undefined)
    throw new Error(`The table in examples/README.md has no commands for ${name}.`)
  const list = commands.split(' && ')
  return { folder: join(examples, folder), install: list.slice(0, -1), start: list.at(-1) ?? '' }
}

export const createVirtualEnvironment = () => execFileSync('python3', ['-m', 'venv', python])

export const install = (name: string, env: Record<string, string> = {}): void => {
  const { folder: cwd, install: commands } = printed(name)
  for (const command of commands)
    execFileSync('bash', ['-c', command], { cwd, stdio: 'pipe', env: { ...environment(), ...env } })
}

/** The command may start more processes, for example `npm start`. All of them get the signal. */
export const stopsWithItsProcesses = (command: string) =>
  `set -m; ${command} & trap "kill -TERM -- -$!" TERM; wait $!; wait`

/** Starts the server of an example on a free port. */
export const start = async (name: string, env: Record<string, string>): Promise<ServerProcess> => {
  const { folder, start: command } = printed(name)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const variables = { PATH: environment().PATH, PORT: String(port), ...env }
  const words = Object.entries(variables).map(([key, value]) => `${key}=${value}`)
  const answers = async () => (await fetch(url).catch(() => undefined))?.status === 200
  const child = await serve(
    'env',
    [...words, 'bash', '-c', stopsWithItsProcesses(command)],
    { cwd: folder, stopSignal: 'SIGTERM' },
    answers,
  )
  return { url, ...child }
}
