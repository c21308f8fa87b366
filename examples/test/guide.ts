// Reads the code blocks of a guide and runs them exactly as they are printed.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../harness/free-port.ts'
import { type Installation, program } from '../../harness/installation.ts'
import { type ServerProcess, serve } from '../../harness/process.ts'

const docs = new URL('../../docs/', import.meta.url)
/** The folder that the guides call `$DOJANG`. */
export const checkout = new URL('../..', import.meta.url).pathname.replace(/\/$/, '')

export interface Guide {
  /** The one code block that contains `text`. */
  block(text: string): string
}

export const readGuide = (document: string): Guide => {
  const page = readFileSync(new URL(document, docs), 'utf8')
  const blocks = [...page.matchAll(/^```[a-z]*\n([\s\S]*?)^```$/gm)].map(([, code]) => code ?? '')
  return {
    block: (text) => {
      const found = blocks.filter((code) => code.includes(text))
      if (found.length !== 1) throw new Error(`${document} has ${found.length} code blocks with "${text}".`)
      return found[0] ?? ''
    },
  }
}

export interface Machine {
  folder: string
  env: Readonly<Record<string, string | undefined>>
}

/** How this machine reaches the package registries: its certificates and proxies. */
const network = Object.fromEntries(Object.entries(process.env).filter(([name]) => /CERT|PROXY/i.test(name)))

/** Runs a block as a shell script that stops at the first error. Throws with its output. */
export const runShell = ({ folder, env }: Machine, script: string): string =>
  execFileSync('bash', ['-euo', 'pipefail', '-c', script], {
    ...{ cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...network, ...env } as NodeJS.ProcessEnv,
  })

/**
 * Starts the server of a machine, on a free port if none is given. `stop` kills it. Next.js would otherwise
 * wait up to five minutes for a browser's connection that carried no request yet.
 */
export const startServer = async (
  { folder, env }: Machine,
  command: (port: number) => string[],
  givenPort?: number,
): Promise<ServerProcess> => {
  const port = givenPort ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const words = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const answers = async () => (await fetch(url).catch(() => undefined)) !== undefined
  const child = await serve(
    'env',
    [...words, ...command(port)],
    { cwd: folder, stopSignal: 'SIGKILL' },
    answers,
  )
  return { url, ...child }
}

/** The machine where Dojang runs: `npx dojang` in its folder uses the installation of the test. */
export const dojangMachine = (installation: Installation, env: Machine['env']): Machine => {
  const { folder, url } = installation
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
  symlinkSync(program, join(folder, 'node_modules/.bin/dojang'))
  const [data, keys] = [join(folder, 'data'), join(folder, 'keys')]
  return { folder, env: { ...env, ISSUER: url, DATA_DIR: data, KEYS_DIR: keys, PORT: new URL(url).port } }
}

/** The lines `NAME=value` of a block with settings. */
export const settingsOf = (block: string): Record<string, string> =>
  Object.fromEntries(
    block
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
