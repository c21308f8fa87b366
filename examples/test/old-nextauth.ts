// The system before docs/migrate-from-nextauth-hs256.md: Next.js with Auth.js and PostgreSQL. Its Express,
// FastAPI and Gin services know the secret of the tokens.
import { randomBytes } from 'node:crypto'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hash } from '@node-rs/bcrypt'
import pg from 'pg'
import { fakeGoogle } from '../../fakes/google.ts'
import { fakeKakao } from '../../fakes/kakao.ts'
import { freePort } from '../../harness/free-port.ts'
import { removeFolder, type Service, temporaryFolder } from '../../harness/process.ts'
import { postgresFolder, startPostgres } from '../../harness/start-postgres.ts'
import { post } from './ask.ts'
import { checkout, type Machine, runShell, startServer } from './guide.ts'

export const password = 'wipe cactus ninety plaster'

/** The services, by the name in the addresses of the application. */
export const services = ['orders', 'notes', 'files'] as const
const folders = { orders: 'express', notes: 'fastapi', files: 'gin' }
const commands: Record<(typeof services)[number], (port: number) => string[]> = {
  orders: (port) => [`PORT=${port}`, 'node', 'server.js'],
  notes: (port) => ['uvicorn', 'main:app', '--port', String(port)],
  files: (port) => [`PORT=${port}`, './files'],
}

/** The rows of the old application: id 1 to 6. Auth.js adds a row for each other person who signs in. */
const people: [name: string, email: string | null, role: string, active: boolean][] = [
  ['홍길동', 'hong@example.com', 'user', true],
  ['사장님', 'boss@example.com', 'admin', true],
  ['나간 사람', 'gone@example.com', 'user', false],
  // This name is the id of another person.
  ['1', 'stranger@example.com', 'user', true],
  // The address differs from the first one only in case.
  ['double', 'HONG@example.com', 'user', true],
  // An inactive person who only has Kakao.
  ['박하윤', null, 'user', false],
]
export const inactiveKakao = '1618033988'

/** The packages of the FastAPI service. */
export const pythonPackages = ['fastapi', 'uvicorn==0.54.0', 'pyjwt==2.10.1']

/** @param path finds a Python with these packages */
export const startOldSystem = async (path: string) => {
  const binaries = postgresFolder()
  if (binaries === undefined)
    throw new Error('The programs of PostgreSQL were not found. Install PostgreSQL.')
  const postgres = await startPostgres(binaries)
  const app = { clientId: 'the-app', clientSecret: 'the-secret' }
  const kakao = await fakeKakao({ ...app, adminKey: 'the-admin-key' })
  const google = await fakeGoogle(app)
  const root = join(temporaryFolder(), 'old')
  cpSync(new URL('old-systems/nextauth', import.meta.url).pathname, root, { recursive: true })
  const port = await freePort()
  const site = `http://localhost:${port}`
  const running = new Map<string, Service>()

  const env: Record<string, string> = {
    PATH: path,
    DOJANG: checkout,
    PYTHONDONTWRITEBYTECODE: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    DATABASE_URL: postgres.url,
    NOTES_DATABASE: join(root, 'notes.sqlite3'),
    JWT_SECRET: 'your-shared-secret',
    AUTH_SECRET: randomBytes(33).toString('base64'),
    AUTH_URL: site,
    AUTH_KAKAO_ID: app.clientId,
    AUTH_KAKAO_SECRET: app.clientSecret,
    AUTH_GOOGLE_ID: app.clientId,
    AUTH_GOOGLE_SECRET: app.clientSecret,
    KAKAO_ORIGIN: kakao.origin,
    GOOGLE_ORIGIN: google.origin,
  }
  const machine = (folder: string): Machine => ({ folder: join(root, folder), env })
  const start = async (name: string, started: Promise<Service>) => running.set(name, await started)
  const urlOf = (name: string): string => running.get(name)?.url ?? ''

  const db = new pg.Client({ connectionString: postgres.url })
  await db.connect()
  await db.query(readFileSync(join(root, 'web/schema.sql'), 'utf8'))
  const hashed = await hash(password, 4)
  for (const [name, email, role, active] of people) {
    const row = [name, email, email && hashed, role, active]
    await db.query(
      'insert into users (name, email, password_hash, role, active) values ($1, $2, $3, $4, $5)',
      row,
    )
  }
  const link = (userId: number, provider: string, subject: string) =>
    db.query(
      `insert into accounts ("userId", type, provider, "providerAccountId") values ($1, 'oauth', $2, $3)`,
      [userId, provider, subject],
    )
  await link(6, 'kakao', inactiveKakao)
  for (const folder of ['web', 'express'])
    runShell(machine(folder), 'npm install --no-audit --no-fund --silent --no-package-lock')

  return {
    site,
    env,
    db,
    link,
    copyUsers: (to: string) => cpSync(join(root, 'web/users.jsonl'), join(to, 'users.jsonl')),
    kakao,
    google,
    machine,
    urlOf,
    write: (file: string, text: string) => writeFileSync(join(root, file), text),
    append: (file: string, text: string) =>
      writeFileSync(join(root, file), `${readFileSync(join(root, file), 'utf8')}\n\n${text}`),
    /** The settings of Dojang for the same app at Kakao and Google. */
    providers: {
      KAKAO_CLIENT_ID: app.clientId,
      KAKAO_CLIENT_SECRET: app.clientSecret,
      KAKAO_ORIGIN: kakao.origin,
      GOOGLE_CLIENT_ID: app.clientId,
      GOOGLE_CLIENT_SECRET: app.clientSecret,
      GOOGLE_ORIGIN: google.origin,
    },
    buildWeb: () => runShell(machine('web'), 'npx next build'),
    /** Starts the three services again, with the variables in `env`. */
    startServices: async () => {
      runShell(machine('gin'), 'go build -o files .')
      for (const name of services) {
        await running.get(name)?.stop()
        await start(name, startServer(machine(folders[name]), commands[name]))
        env[`${name.toUpperCase()}_URL`] = urlOf(name)
      }
    },
    /** Starts Next.js again, always at the same address. */
    startWeb: async () => {
      await running.get('web')?.stop()
      const command = ['node', 'node_modules/next/dist/bin/next', 'start', '--hostname', '127.0.0.1']
      await start(
        'web',
        startServer(machine('web'), () => [...command, '--port', String(port)], port),
      )
    },
    /** The mobile app signs in and gets a token of the old system. */
    oldToken: async (email: string): Promise<string> => {
      const { json } = await post(`${urlOf('web')}/api/custom-login`, { email, password })
      return (json as unknown as { token: string }).token
    },
    stop: async () => {
      for (const each of running.values()) await each.stop()
      await db.end()
      for (const each of [kakao, google]) await each.close()
      await postgres.stop()
      removeFolder(join(root, '..'))
    },
  }
}
