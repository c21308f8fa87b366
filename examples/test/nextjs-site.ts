// Starts the Next.js example as its README says, with a real issuer and the FastAPI example as its API.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../harness/free-port.ts'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { removeFolder, type Service, serve, temporaryFolder } from '../../harness/process.ts'
import {
  checkout,
  dojangMachine,
  type Machine,
  readGuide,
  runShell,
  settingsOf,
  startServer,
} from './guide.ts'
import { stopsWithItsProcesses } from './printed-commands.ts'

export const password = 'wipe cactus ninety plaster'

export interface Site {
  url: string
  installation: Installation
  /** Creates a user with this name. Returns the e-mail address. */
  newUser(name: string, options?: string[]): Promise<string>
  stop(): Promise<void>
}

/** The settings in `.env.example`, without its comments. */
export const printedSettings = (): Record<string, string> =>
  settingsOf(
    readFileSync(join(checkout, 'examples/nextjs-bff/.env.example'), 'utf8').replaceAll(/^(#.*)?\n/gm, ''),
  )

const guide = readGuide('../examples/nextjs-bff/README.md')
const [npmInstall = '', npmBuild = '', npmStart = ''] = guide.block('npm run build').trim().split('\n')

const siteIn = (examples: string) => join(examples, 'nextjs-bff')

const run = (examples: string, command: string) =>
  runShell({ folder: siteIn(examples), env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' } }, command)

/** Installs the packages of the site in this copy of `examples`. */
export const installSite = (examples: string) => run(examples, npmInstall)

/** The folder of this machine is a copy of `examples`. */
export const startSite = async (
  { folder: examples, env }: Machine,
  issuerEnv: Record<string, string>,
): Promise<Site> => {
  const folder = temporaryFolder()
  const fastapi = { folder: join(examples, 'fastapi'), env }
  const [install = '', start = ''] = guide.block('python main.py').trim().split(' && ')
  // With the whole environment, because it may name the package registries.
  runShell({ ...fastapi, env: { ...process.env, ...fastapi.env } }, install)
  installSite(examples)
  run(examples, npmBuild)

  const installation = await newInstallation(issuerEnv)
  await installation.serve()
  const port = await freePort()
  const url = `http://localhost:${port}`
  const here = (text: string) =>
    text.replaceAll('http://localhost:4000', installation.url).replaceAll('http://localhost:3000', url)
  const printed = runShell(dojangMachine(installation, issuerEnv), here(guide.block('clients create')))
  const secret = /client secret: +(\S+)/.exec(printed)?.[1]
  if (secret === undefined) throw new Error('`dojang clients create` printed no secret.')

  const services: Service[] = []
  const api = await startServer(
    {
      folder: fastapi.folder,
      env: { ...fastapi.env, ISSUER: installation.url, PEOPLE: join(folder, 'people') },
    },
    (free) => [`PORT=${free}`, ...start.split(' ')],
  )
  services.push(api)
  const variables = {
    ...printedSettings(),
    ...{ ISSUER: installation.url, API_ORIGIN: api.url, AUTH_URL: url, PORT: String(port) },
    ...{ DOJANG_CLIENT_SECRET: secret, AUTH_SECRET: randomBytes(33).toString('base64') },
  }
  const site = await serve(
    'env',
    [
      ...Object.entries(variables).map((pair) => pair.join('=')),
      ...['bash', '-c', stopsWithItsProcesses(npmStart)],
    ],
    { cwd: siteIn(examples), stopSignal: 'SIGTERM' },
    async () => (await fetch(url).catch(() => undefined))?.status === 200,
  )
  services.unshift({ url, ...site })

  let users = 0
  return {
    url,
    installation,
    newUser: async (name, options = ['--role', 'buyer']) => {
      users += 1
      const email = `user${users}@example.com`
      const create = [
        'users',
        'create',
        '--email',
        email,
        '--name',
        name,
        '--role',
        'user',
        '--password-stdin',
      ]
      const { code, stderr } = await installation.command([...create, ...options], { input: password })
      if (code !== 0) throw new Error(stderr)
      return email
    },
    stop: async () => {
      for (const { stop } of services) await stop()
      await installation.remove()
      removeFolder(folder)
    },
  }
}
