// The issuer of the demo: `dojang serve` as anybody runs it, in a folder that is deleted afterwards.
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface DemoIssuer {
  /** The log file. */
  log: string
  client: { clientId: string; clientSecret: string }
  ended: Promise<number | null>
  /** The end of what it said. */
  lastWords(): string
  stop(): Promise<void>
}

const program = fileURLToPath(new URL('../bin/dojang.js', import.meta.url))

const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })

/** Starts it and registers the app as its client. It never outlives this process, nor does what it wrote. */
export const startIssuer = async ({
  url,
  port,
  app,
  settings,
}: {
  url: string
  port: number
  /** The app's address. */
  app: string
  settings: Readonly<Record<string, string>>
}): Promise<DemoIssuer> => {
  const folder = mkdtempSync(join(tmpdir(), 'dojang-demo-'))
  const log = join(folder, 'dojang.log')
  const start = (args: readonly string[]) =>
    spawn(process.execPath, [program, ...args], {
      cwd: folder,
      // The demo must not meet the settings of a real installation.
      env: {
        ...{ PATH: process.env.PATH, NODE_OPTIONS: process.env.NODE_OPTIONS },
        ...{ ISSUER: url, HOST: '127.0.0.1', PORT: String(port) },
        ...{ DATA_DIR: join(folder, 'data'), KEYS_DIR: join(folder, 'keys') },
        ...settings,
      },
    })

  const server = start(['serve'])
  process.once('exit', () => {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const ended = exitOf(server)
  const logFile = createWriteStream(log, { mode: 0o600 })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [server.stdout, server.stderr]) {
      stream.pipe(logFile, { end: false })
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-4000)
        if (said.includes('Dojang is up')) resolve()
      })
    }
    ended.then((code) => reject(new Error(`The issuer did not start (${code}): ${said}`)), reject)
  })

  const creating = start([
    ...['clients', 'create', '--id', 'bookshop', '--name', '책갈피 책방', '--json'],
    ...['--redirect-uri', `${app}/callback`, '--post-logout-redirect-uri', `${app}/`],
    ...['--scope', 'openid profile email offline_access', '--introspect', `${url}/api`],
  ])
  let answer = ''
  let trouble = ''
  creating.stdout.on('data', (text) => {
    answer += text
  })
  creating.stderr.on('data', (text) => {
    trouble += text
  })
  if ((await exitOf(creating)) !== 0) throw new Error(`The app could not be registered: ${trouble}`)
  const { client_id: clientId, client_secret: clientSecret } = JSON.parse(answer)
  return {
    ...{ log, client: { clientId, clientSecret }, ended, lastWords: () => said },
    stop: async () => {
      server.kill('SIGTERM')
      await ended
      await new Promise((resolve) => logFile.end(resolve))
    },
  }
}
