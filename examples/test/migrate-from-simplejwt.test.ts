// Follows docs/migrate-from-simplejwt.md with a real Django, with RS256 and PEM files and with HS256.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { appendFileSync, copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { removeFolder, type Service, temporaryFolder } from '../../harness/process.ts'
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

const guide = readGuide('migrate-from-simplejwt.md')
const oldSystems = new URL('old-systems/', import.meta.url).pathname
const PATH = ownPython([
  ...['django==5.2.19', 'djangorestframework==3.18.3', 'djangorestframework-simplejwt[crypto]==5.5.1'],
  ...['fastapi', 'uvicorn==0.54.0'],
])
const password = 'wipe cactus ninety plaster'

/** The people of the old system, in the order of their primary keys. */
const people = [
  '"hong", "hong@example.com", password, first_name="길동", last_name="홍"',
  '"boss", "boss@example.com", password, is_staff=True',
  '"gone", "gone@example.com", password, is_active=False',
  // This name is the primary key of another person.
  '"1", "stranger@example.com", password',
  // A Korean user name without an e-mail address.
  '"홍길순", "", password',
  // The address differs from the first one only in case.
  '"double", "HONG@example.com", password',
]

describe.each(['RS256', 'HS256'])('docs/migrate-from-simplejwt.md from a project with %s', (algorithm) => {
  let installation: Installation
  let dojang: Machine
  let project: Machine
  let service: Machine
  const running: Service[] = []

  const start = async (machine: Machine, command: (port: number) => string[]) => {
    const started = await startServer(machine, command)
    running.push(started)
    return started
  }
  const startDjango = () =>
    start(project, (port) => ['python', 'manage.py', 'runserver', '--noreload', `127.0.0.1:${port}`])
  const startService = () => start(service, (port) => ['uvicorn', 'main:app', '--port', String(port)])

  const shell = (script: string) =>
    runShell(
      project,
      `python manage.py shell -v 0 <<'END'\nfrom django.contrib.auth import get_user_model\nimport json\npassword = "${password}"\nusers = get_user_model().objects\n${script}\nEND`,
    )
  const rows = () =>
    JSON.parse(shell('print(json.dumps(list(users.order_by("pk").values_list("pk", flat=True))))'))

  const signIn = (username: string) => post(`${installation.url}/api/token/`, { username, password })

  /** The answers of the old Django to the sign-ins before the migration. */
  const old: Record<string, Tokens> = {}

  beforeAll(async () => {
    const folder = temporaryFolder()
    const env = { PATH, DOJANG: checkout, PYTHONDONTWRITEBYTECODE: '1' }
    // The issuer of this test has an address on this machine.
    const { ISSUER: _, ...settings } = settingsOf(guide.block('DEFAULT_AUDIENCE='))
    installation = await newInstallation(settings)
    const issuer = { ...settingsOf(guide.block('OLD_TOKENS_UNTIL=')), DOJANG_ISSUER: installation.url }
    const year = new Date().getUTCFullYear() + 1
    const services = { ...env, ...issuer, OLD_TOKENS_UNTIL: `${year}-01-31T00:00:00+00:00` }
    dojang = dojangMachine(installation, settings)
    project = {
      folder: join(folder, 'project'),
      env: { ...services, SECRET_KEY: randomBytes(32).toString('hex') },
    }
    service = { folder: join(folder, 'service'), env: services }
    cpSync(join(oldSystems, 'simplejwt'), project.folder, { recursive: true })
    cpSync(join(oldSystems, 'simplejwt-service'), service.folder, { recursive: true })
    if (algorithm === 'RS256') {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      const publicPem = publicKey.export({ type: 'spki', format: 'pem' })
      writeFileSync(join(project.folder, 'private.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
      for (const { folder } of [project, service]) writeFileSync(join(folder, 'public.pem'), publicPem)
    }
    runShell(project, 'python manage.py migrate --verbosity 0')
    shell(people.map((fields) => `users.create_user(${fields})`).join('\n'))
    await installation.serve()
    const django = await startDjango()
    for (const username of ['hong', '1', '홍길순', 'boss']) {
      const { status, json } = await post(`${django.url}/api/token/`, { username, password })
      expect(status).toBe(200)
      old[username] = json
    }
    if (algorithm === 'RS256') {
      const { url, stop } = await startService()
      const before = await get(`${url}/protected`, old.hong?.access ?? '')
      expect(before).toEqual({ status: 200, json: { user_id: 1, username: 'hong' } })
      await stop()
    }
    await django.stop()
  })
  afterAll(async () => {
    for (const each of running) await each.stop()
    await installation?.remove()
    if (project) removeFolder(join(project.folder, '..'))
  })

  test('the export stops at two people whose e-mail addresses differ in case, and then the import works', async () => {
    writeFileSync(join(project.folder, 'export_users.py'), guide.block('# export_users.py'))
    const run = () => runShell(project, guide.block('< export_users.py'))
    expect(run).toThrow('Users 1 and 6 have the same e-mail address. Change one of them.')
    shell('users.filter(pk=6).update(email="double@example.com")')
    run()
    copyFileSync(join(project.folder, 'users.jsonl'), join(dojang.folder, 'users.jsonl'))
    const printed = runShell(dojang, guide.block('users import users.jsonl --check'))
    expect(printed).toContain('5 users created, 0 skipped, 0 refused.')
    runShell(dojang, guide.block('apis create https://api.example.com'))
    for (const login of ['hong', 'hong@example.com', 'stranger@example.com', '홍길순', 'double@example.com'])
      expect((await signIn(login)).status, login).toBe(200)
    expect((await signIn('gone@example.com')).status).toBe(401)
  })

  test('an old and a new token open the same row of Django, and never the row of another person', async () => {
    runShell(project, guide.block('verifiers/python[django]'))
    appendFileSync(join(project.folder, 'shop/settings.py'), guide.block('# shop/settings.py'))
    appendFileSync(join(project.folder, 'shop/urls.py'), guide.block('# shop/urls.py'))
    writeFileSync(
      join(project.folder, 'shop/old_tokens.py'),
      guide.block(`# shop/old_tokens.py, ${algorithm}`),
    )
    for (const file of ['shop/auth.py', 'shop/join.py'])
      writeFileSync(join(project.folder, file), guide.block(`# ${file}\n`))
    runShell(project, guide.block('migrate dojang_verifier'))
    const { url } = await startDjango()
    const me = `${url}/api/users/me/`
    for (const [login, username, id] of [
      ['hong@example.com', 'hong', 1],
      ['stranger@example.com', '1', 4],
      ['홍길순', '홍길순', 5],
    ] as const) {
      const { access } = (await signIn(login)).json
      expect(await get(me, access), login).toEqual({ status: 200, json: { id, username } })
      expect(await get(me, old[username]?.access ?? ''), login).toEqual({
        status: 200,
        json: { id, username },
      })
      expect((await get(me, old[username]?.refresh ?? '')).status).toBe(401)
    }
    shell('users.filter(pk=5).update(is_active=False)')
    expect((await get(me, old.홍길순?.access ?? '')).status).toBe(401)
    expect(rows()).toEqual([1, 2, 3, 4, 5, 6])

    // A person who signed up at Dojang, with the name of an inactive user, gets one row by joining.
    const create = ['users', 'create', '--email', 'new@example.com', '--username', 'gone', '--password-stdin']
    expect((await installation.run(create, { input: password })).code).toBe(0)
    const { access } = (await signIn('new@example.com')).json
    expect(await get(me, access)).toMatchObject({ status: 403, json: { code: 'no_local_user' } })
    for (let attempt = 0; attempt < 2; attempt += 1)
      expect(await get(`${url}/join`, access, 'POST')).toEqual({ status: 201, json: { id: 7 } })
    expect(await get(me, access)).toMatchObject({ status: 200, json: { id: 7 } })
  })

  test.runIf(algorithm === 'RS256')(
    'a FastAPI service with the PEM file accepts old and new tokens',
    async () => {
      runShell(service, guide.block('verifiers/python[fastapi]'))
      writeFileSync(join(service.folder, 'auth.py'), guide.block('# auth.py'))
      appendFileSync(join(service.folder, 'main.py'), guide.block('# main.py'))
      const { url } = await startService()
      const answers = async (login: string, username: string, path: string) => [
        await get(url + path, old[username]?.access ?? ''),
        await get(url + path, (await signIn(login)).json.access),
      ]
      const hong = { status: 200, json: { user_id: 1, username: 'hong' } }
      expect(await answers('hong@example.com', 'hong', '/protected')).toEqual([hong, hong])
      const boss = { status: 200, json: { user_id: 2 } }
      expect(await answers('boss@example.com', 'boss', '/teach')).toEqual([boss, boss])
      for (const { status } of await answers('hong@example.com', 'hong', '/teach')) expect(status).toBe(403)
      // The name of this person is the primary key of another.
      for (const { json } of await answers('stranger@example.com', '1', '/protected'))
        expect(json).toMatchObject({ user_id: 4 })
      expect((await get(`${url}/protected`, old.hong?.refresh ?? '')).status).toBe(401)
      const { access } = (await signIn('new@example.com')).json
      expect(await get(`${url}/protected`, access)).toEqual({
        status: 403,
        json: { detail: 'no_local_user' },
      })

      // The old tokens are over at the date of the settings.
      service = { ...service, env: { ...service.env, OLD_TOKENS_UNTIL: '2020-01-31T00:00:00+00:00' } }
      const later = await startService()
      expect((await get(`${later.url}/protected`, old.hong?.access ?? '')).status).toBe(401)
    },
  )

  test('the frontend refreshes at Dojang, and the guide registers it', async () => {
    const { refresh } = (await signIn('hong@example.com')).json
    const renewed = await post(`${installation.url}/api/token/refresh/`, { refresh })
    expect(renewed).toMatchObject({ status: 200, json: { access: expect.any(String) } })
    expect(runShell(dojang, guide.block('clients create --id web'))).toContain('web')
  })

  test('the page is complete: each code block of Python was run', () => {
    const page = readFileSync(new URL('../../docs/migrate-from-simplejwt.md', import.meta.url), 'utf8')
    const files = [...page.matchAll(/^```python\n# (\S+)/gm)].map(([, file]) => file)
    expect(new Set(files)).toEqual(
      new Set(
        'export_users.py shop/settings.py shop/old_tokens.py, shop/auth.py shop/join.py shop/urls.py auth.py main.py'.split(
          ' ',
        ),
      ),
    )
  })
})
