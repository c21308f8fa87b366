// Follows docs/migrate-from-fastapi-redis.md with a real FastAPI service that uses HS256 and Redis.
import { randomBytes } from 'node:crypto'
import { appendFileSync, copyFileSync, cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { removeFolder, type Service, temporaryFolder } from '../../harness/process.ts'
import { startRedis } from '../../harness/start-redis.ts'
import { get, post, type Tokens } from './ask.ts'
import {
  checkout,
  dojangMachine,
  type Machine,
  readGuide,
  runShell,
  settingsOf,
  startServer,
} from './guide.ts'
import { ownPython } from './own-copy.ts'

const guide = readGuide('migrate-from-fastapi-redis.md')
const PATH = ownPython([
  ...['fastapi', 'uvicorn==0.54.0', 'python-multipart', 'python-jose[cryptography]==3.5.0'],
  ...['passlib==1.7.4', 'bcrypt==4.0.1', 'sqlalchemy==2.0.44', 'redis==6.4.0'],
])
const password = 'wipe cactus ninety plaster'
const docsOrigin = 'http://localhost:8000'

let installation: Installation
let dojang: Machine
let old: Machine
let redis: Service
let server: Service | undefined

const start = async () => {
  await server?.stop()
  server = await startServer(old, (port) => ['uvicorn', 'app.main:app', '--port', String(port)])
  return server.url
}
const oldSignIn = async (url: string, username: string): Promise<Tokens> => {
  const { status, json } = await post(`${url}/login`, new URLSearchParams({ username, password }))
  expect(status, username).toBe(200)
  return json
}
/** As the button "Authorize" of FastAPI's `/docs` signs in. */
const signIn = (username: string) =>
  post(`${installation.url}/api/token`, new URLSearchParams({ grant_type: 'password', username, password }), {
    origin: docsOrigin,
  })
const inOldSystem = (script: string) => runShell(old, `python - <<'END'\n${script}\nEND`)

beforeAll(async () => {
  redis = await startRedis('redis-server')
  // The issuer of this test has an address on this machine.
  const { ISSUER: _, ...settings } = settingsOf(guide.block('DEFAULT_AUDIENCE='))
  installation = await newInstallation(settings)
  dojang = dojangMachine(installation, settings)
  await installation.serve()
  const folder = join(temporaryFolder(), 'service')
  cpSync(new URL('old-systems/fastapi-redis', import.meta.url).pathname, folder, { recursive: true })
  old = {
    folder,
    env: {
      ...settingsOf(guide.block('OLD_TOKENS_UNTIL=')),
      DOJANG_ISSUER: installation.url,
      OLD_TOKENS_UNTIL: `${new Date().getUTCFullYear() + 1}-01-31T00:00:00+00:00`,
      PATH,
      DOJANG: checkout,
      PYTHONDONTWRITEBYTECODE: '1',
      SECRET_KEY: randomBytes(32).toString('hex'),
      DATABASE_URL: `sqlite:///${folder}/users.sqlite3`,
      REDIS_URL: redis.url,
    },
  }
  inOldSystem(`
from app.models import Session, User, engine
from app.security import passwords
hash = passwords.hash("${password}")
with Session(engine) as session:
    session.add_all([
        User(id=1, username="hong", email="hong@example.com", full_name="홍길동", hashed_password=hash),
        User(id=2, username="boss", email="boss@example.com", is_superuser=True, hashed_password=hash),
        User(id=3, username="gone", email="gone@example.com", is_active=False, hashed_password=hash),
        User(id=4, username="1", email="stranger@example.com", hashed_password=hash),
        User(id=5, username="홍길순", hashed_password=hash),
        User(id=6, username="double", email="HONG@example.com", hashed_password=hash),
    ])
    session.commit()
`)
})
afterAll(async () => {
  await server?.stop()
  await redis?.stop()
  await installation?.remove()
  if (old) removeFolder(join(old.folder, '..'))
})

test('everybody keeps their password and their own row, and no old refresh token opens one', async () => {
  const before = await start()
  const unmarked = await oldSignIn(before, 'hong')
  appendFileSync(join(old.folder, 'app/security.py'), `\n\n${guide.block('# app/security.py')}`)
  const marking = await start()
  const tokens: Record<string, Tokens> = {}
  for (const username of ['hong', '1', '홍길순', 'boss'])
    tokens[username] = await oldSignIn(marking, username)
  const loggedOut = await oldSignIn(marking, 'double')
  expect((await get(`${marking}/logout`, loggedOut.access_token, 'POST')).status).toBe(204)

  writeFileSync(join(old.folder, 'export_users.py'), guide.block('# export_users.py'))
  const run = () => runShell(old, guide.block('python export_users.py'))
  expect(run).toThrow('Users 1 and 6 have the same e-mail address. Change one of them.')
  inOldSystem(`
from app.models import Session, User, engine
with Session(engine) as session:
    session.get(User, 6).email = None
    session.commit()
`)
  run()
  copyFileSync(join(old.folder, 'users.jsonl'), join(dojang.folder, 'users.jsonl'))
  expect(runShell(dojang, guide.block('users import users.jsonl --check'))).toContain(
    '5 users created, 0 skipped, 0 refused.',
  )

  runShell(old, guide.block('verifiers/python[fastapi]'))
  writeFileSync(join(old.folder, 'app/deps.py'), guide.block('# app/deps.py'))
  appendFileSync(join(old.folder, 'app/main.py'), `\n\n${guide.block('# app/main.py')}`)
  const url = await start()
  const me = `${url}/users/me`
  runShell(dojang, guide.block('clients create --id fastapi-docs'))
  for (const [login, username, id] of [
    ['hong@example.com', 'hong', 1],
    ['boss', 'boss', 2],
    // The name of this person is the id of another.
    ['stranger@example.com', '1', 4],
    ['홍길순', '홍길순', 5],
  ] as const) {
    const signedIn = await signIn(login)
    expect(signedIn.status, login).toBe(200)
    for (const token of [signedIn.json.access_token, tokens[username]?.access_token ?? ''])
      expect(await get(me, token), login).toEqual({ status: 200, json: { id, username } })
    expect((await get(me, tokens[username]?.refresh_token ?? '')).status, login).toBe(401)
  }
  expect((await signIn('gone@example.com')).status).toBe(401)
  // These tokens do not have the mark of an access token, or were logged out before the migration.
  for (const token of [unmarked.access_token, unmarked.refresh_token, loggedOut.access_token])
    expect((await get(me, token)).status).toBe(401)

  const create = ['users', 'create', '--email', 'new@example.com', '--username', 'gone', '--password-stdin']
  expect((await installation.run(create, { input: password })).code).toBe(0)
  const { access_token } = (await signIn('new@example.com')).json
  expect(await get(me, access_token)).toEqual({ status: 403, json: { detail: 'no_local_user' } })
})

test('a logout with the refresh token alone reaches the service, and old tokens end at their date', async () => {
  const { access_token, refresh_token } = (await signIn('hong@example.com')).json
  const me = `${server?.url}/users/me`
  expect((await get(me, access_token)).status).toBe(200)
  expect((await post(`${installation.url}/api/logout`, { refresh: refresh_token })).status).toBe(204)
  await expect.poll(async () => (await get(me, access_token)).status, { timeout: 10_000 }).toBe(401)

  old = { ...old, env: { ...old.env, OLD_TOKENS_UNTIL: '2020-01-31T00:00:00+00:00' } }
  // The old login still signs in: its endpoint goes in the last step of the guide.
  const url = await start()
  const { access_token: late } = await oldSignIn(url, 'hong')
  expect((await get(`${url}/users/me`, late)).status).toBe(401)
})
