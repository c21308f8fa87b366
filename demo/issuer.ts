// Starts the issuer of the demo: a normal `dojang serve` in a temporary folder, deleted at the end.
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface DemoIssuer {
  /** The path of the log file. */
  log: string
  client: { clientId: string; clientSecret: string }
  /** Resolves with the exit code. */
  exited: Promise<number | null>
  /** The last 4,000 characters that the issuer printed. */
  lastOutput(): string
  stop(): Promise<void>
}

const program = fileURLToPath(new URL('../bin/dojang.js', import.meta.url))

const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })

/** Starts the issuer and registers the app as its client. */
export const startIssuer = async ({
  url,
  port,
  app,
  settings,
}: {
  url: string
  port: number
  app: { url: string; name: string }
  settings: Readonly<Record<string, string>>
}): Promise<DemoIssuer> => {
  const folder = mkdtempSync(join(tmpdir(), 'dojang-demo-'))
  const log = join(folder, 'dojang.log')
  const start = (args: readonly string[]) =>
    spawn(process.execPath, [program, ...args], {
      cwd: folder,
      // Pass only these variables: the settings of a real installation must not reach the demo.
      env: {
        PATH: process.env.PATH,
        NODE_OPTIONS: process.env.NODE_OPTIONS,
        ISSUER: url,
        HOST: '127.0.0.1',
        PORT: String(port),
        DATA_DIR: join(folder, 'data'),
        KEYS_DIR: join(folder, 'keys'),
        ...settings,
      },
    })

  const server = start(['serve'])
  // If the demo crashes, this leaves no process and no files behind.
  process.once('exit', () => {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const exited = exitOf(server)
  const logFile = createWriteStream(log, { mode: 0o600 })
  let output = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [server.stdout, server.stderr]) {
      stream.pipe(logFile, { end: false })
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-4000)
        if (output.includes('Dojang is up')) resolve()
      })
    }
    exited.then(
      (code) => reject(new Error(`The issuer did not start (exit code ${code}): ${output}`)),
      reject,
    )
  })

  const registration = start([
    ...['clients', 'create', '--id', 'bookshop', '--name', app.name, '--json'],
    ...['--redirect-uri', `${app.url}/callback`, '--post-logout-redirect-uri', `${app.url}/`],
    ...['--scope', 'openid profile email offline_access', '--introspect', `${url}/api`],
  ])
  let registered = ''
  let errors = ''
  registration.stdout.on('data', (text) => {
    registered += text
  })
  registration.stderr.on('data', (text) => {
    errors += text
  })
  if ((await exitOf(registration)) !== 0) throw new Error(`The app could not be registered: ${errors}`)
  const { client_id: clientId, client_secret: clientSecret } = JSON.parse(registered)
  return {
    log,
    client: { clientId, clientSecret },
    exited,
    lastOutput: () => output,
    stop: async () => {
      server.kill('SIGTERM')
      await exited
      await new Promise((resolve) => logFile.end(resolve))
    },
  }
}
