// Runs the commands of the table in examples/README.md exactly as they are printed, each in the folder of
// its example.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../harness/free-port.ts'
import { type ServerProcess, serve } from '../../harness/process.ts'
import { checkout, type Machine } from './guide.ts'

const table = readFileSync(join(checkout, 'examples/README.md'), 'utf8')

/** The folder of an example, and its commands. The last one starts the server. The others install. */
export const printed = (name: string) => {
  const row = table.split('\n').find((line) => line.startsWith(`| [${name}](`)) ?? ''
  const [, folder, commands] = /^\| \[[^\]]+\]\(([^/)]+)\/[^)]*\) \| `([^`]+)` \|/.exec(row) ?? []
  if (folder === undefined || commands === undefined)
    throw new Error(`The table in examples/README.md has no commands for ${name}.`)
  const list = commands.split(' && ')
  return { folder, install: list.slice(0, -1), start: list.at(-1) ?? '' }
}

/** The folder of this machine is a copy of `examples`. */
export const install = (name: string, examples: Machine): void => {
  const { folder, install: commands } = printed(name)
  const env = { ...process.env, ...examples.env }
  for (const command of commands)
    execFileSync('bash', ['-c', command], { cwd: join(examples.folder, folder), stdio: 'pipe', env })
}

/** The command may start more processes, for example `npm start`. All of them get the signal. */
export const stopsWithItsProcesses = (command: string) =>
  `set -m; ${command} & trap "kill -TERM -- -$!" TERM; wait $!; wait`

/** Starts the server of an example on a free port. */
export const start = async (name: string, examples: Machine): Promise<ServerProcess> => {
  const { folder, start: command } = printed(name)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const variables = { PORT: String(port), ...examples.env }
  const words = Object.entries(variables).map(([key, value]) => `${key}=${value}`)
  const answers = async () => (await fetch(url).catch(() => undefined))?.status === 200
  const child = await serve(
    'env',
    [...words, 'bash', '-c', stopsWithItsProcesses(command)],
    { cwd: join(examples.folder, folder), stopSignal: 'SIGTERM' },
    answers,
  )
  return { url, ...child }
}
