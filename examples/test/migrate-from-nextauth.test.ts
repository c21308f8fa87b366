// Follows docs/migrate-from-nextauth-hs256.md with a real Auth.js, and services in three languages.
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../../harness/chromium.ts'
import { type Installation, newInstallation, type Served } from '../../harness/installation.ts'
import { createVerifier } from '../../verifiers/node/src/verifier.js'
import { get, post } from './ask.ts'
import { dojangMachine, type Machine, readGuide, runShell, settingsOf } from './guide.ts'
import { signInAt, withOldPassword, withOldProvider, withPassword, withProvider } from './nextauth-pages.ts'
import { inactiveKakao, password, pythonPackages, services, startOldSystem } from './old-nextauth.ts'
import { ownPython } from './own-copy.ts'

const guide = readGuide('migrate-from-nextauth-hs256.md')

/** People at the fake providers. The first has no e-mail address. */
const kakaoOnly = '2718281828'
const kakaoWithAddress = '3141592653'

const PATH = ownPython(pythonPackages)
let old: Awaited<ReturnType<typeof startOldSystem>>
let installation: Installation
let issuer: Served
let dojang: Machine
let browser: Browser
let atGoogle = { id: '', name: '' }
/** The ids in the old system of the people who only have Kakao or Google. */
const memberIds: Record<string, string> = {}

const signIn = (steps: Parameters<typeof signInAt>[2], person?: ['kakao' | 'google', string]) => {
  // The fake provider shows no page for this person.
  if (person !== undefined) old[person[0]].knobs.person = person[1]
  return signInAt(old.site, browser, steps)
}

/** What a page of the application gets, with the cookies of the browser. */
const ask = async (page: Page, path: string) => {
  const response = await page.request.get(old.site + path)
  return { status: response.status(), json: await response.json() }
}
const sessionOf = async (page: Page) => (await ask(page, '/api/auth/session')).json
const me = (id: string, name: string, service: string) => ({
  status: 200,
  // The rows of Express have numbers as ids.
  json: { id: service === 'orders' && /^\d+$/.test(id) ? Number(id) : id, name },
})
const newToken = async (email: string) => {
  const { status, json } = await post(`${installation.url}/api/token`, { email, password })
  expect(status, email).toBe(200)
  return json.access
}

beforeAll(async () => {
  old = await startOldSystem(PATH)
  atGoogle = old.google.people[0] ?? atGoogle
  // The issuer of this test has an address on this machine.
  const { ISSUER: _, ...settings } = settingsOf(guide.block('DEFAULT_AUDIENCE='))
  // The application refreshes a minute before the end, so with the shortest lifetime always.
  const env = { ...settings, ...old.providers, ACCESS_TOKEN_TTL: '30' }
  installation = await newInstallation(env)
  dojang = dojangMachine(installation, { ...env, APP_URL: old.site })
  issuer = await installation.serve()
  const year = new Date().getUTCFullYear() + 1
  Object.assign(old.env, settingsOf(guide.block('OLD_TOKENS_UNTIL=')), {
    DOJANG_ISSUER: installation.url,
    OLD_TOKENS_UNTIL: `${year}-01-31T00:00:00+00:00`,
  })
  await old.startServices()
  old.buildWeb()
  await old.startWeb()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await installation?.remove()
  await old?.stop()
})

/** A session and tokens of the old system, from before the migration. */
let oldPage: Page
const oldTokens: Record<string, string> = {}

test('a secret that no verifier accepts is replaced, and the old system works with the new one', async () => {
  const weak = await old.oldToken('hong@example.com')
  expect((await get(`${old.urlOf('orders')}/me`, weak)).status).toBe(200)
  expect(runShell(old.machine('web'), guide.block('wc -c')).trim()).toBe('18')
  const until = new Date(old.env.OLD_TOKENS_UNTIL ?? '')
  const create = (secret = '') => createVerifier({ issuer: { secret, until }, audience: 'https://a.example' })
  expect(() => create(old.env.JWT_SECRET)).toThrow('at least 32 bytes')

  old.env.JWT_SECRET = runShell(old.machine('web'), guide.block('openssl rand')).trim()
  create(old.env.JWT_SECRET)
  await old.startServices()
  await old.startWeb()
  for (const name of services) expect((await get(`${old.urlOf(name)}/me`, weak)).status, name).toBe(401)
  for (const email of ['hong@example.com', 'boss@example.com', 'stranger@example.com'])
    oldTokens[email] = await old.oldToken(email)
  oldPage = await signIn(withOldPassword('hong@example.com'))
  expect(await ask(oldPage, '/api/orders/me')).toEqual(me('1', '홍길동', 'orders'))
  for (const [provider, person] of [
    ['kakao', kakaoOnly],
    ['kakao', kakaoWithAddress],
    ['google', atGoogle.id],
  ] as const) {
    const { user } = await sessionOf(await signIn(withOldProvider(provider), [provider, person]))
    memberIds[person] = user.id
  }
  expect(Object.values(memberIds)).toEqual(['7', '8', '9'])
})

test('the export stops at two people whose e-mail addresses differ in case, and then the import works', async () => {
  old.write('web/export-users.mjs', guide.block('// export-users.mjs'))
  const run = () => runShell(old.machine('web'), guide.block('node export-users.mjs'))
  expect(run).toThrow('Users 1 and 5 have the same e-mail address. Change one of them.')
  await old.db.query(`update users set email = 'double@example.com' where id = 5`)
  run()
  old.copyUsers(dojang.folder)
  const printed = runShell(dojang, guide.block('users import users.jsonl --check'))
  expect(printed).toContain('9 users created, 0 skipped, 0 refused.')
  for (const name of ['hong', 'boss', 'stranger', 'double']) await newToken(`${name}@example.com`)
  const { status } = await post(`${installation.url}/api/token`, { email: 'gone@example.com', password })
  expect(status).toBe(401)
})

test('an old and a new token are the same person with the same role in three languages', async () => {
  runShell(old.machine('express'), guide.block('npm install --install-links'))
  old.write('express/jwt-auth.js', guide.block('// jwt-auth.js'))
  runShell(old.machine('fastapi'), guide.block('verifiers/python[fastapi]'))
  old.write('fastapi/jwt_auth.py', guide.block('# jwt_auth.py'))
  old.append('fastapi/main.py', guide.block('# main.py'))
  old.write('gin/auth.go', guide.block('// auth.go'))
  runShell(old.machine('gin'), guide.block('go mod tidy'))
  await old.startServices()

  const create = ['users', 'create', '--email', 'new@example.com', '--name', '1', '--password-stdin']
  expect((await installation.run([...create, '--json'], { input: password })).code).toBe(0)
  for (const name of services) {
    const url = old.urlOf(name)
    for (const [email, id, person, isAdmin] of [
      ['hong@example.com', '1', '홍길동', false],
      ['boss@example.com', '2', '사장님', true],
      // The name of this person is the id of another.
      ['stranger@example.com', '4', '1', false],
    ] as const)
      for (const token of [oldTokens[email] ?? '', await newToken(email)]) {
        expect(await get(`${url}/me`, token), name).toEqual(me(id, person, name))
        expect((await get(`${url}/admin`, token)).status, `${name} ${email}`).toBe(isAdmin ? 200 : 403)
      }
    const { status, json } = await get(`${url}/me`, await newToken('new@example.com'))
    if (name === 'orders') expect(status).toBe(403)
    else expect(json).toEqual({ id: expect.stringMatching(/^usr_/), name: '1' })
  }
})

test('the application signs people in at Dojang, also those who only have Kakao or Google', async () => {
  // Since the first import one person signed up, and another one linked Google.
  const [, linked] = old.google.people
  await old.db.query(`insert into users (name, email) values ('늦은 사람', 'late@example.com')`)
  await old.link(1, 'google', linked?.id ?? '')
  runShell(old.machine('web'), guide.block('node export-users.mjs'))
  old.copyUsers(dojang.folder)
  expect(runShell(dojang, guide.block('--add-identities'))).toContain(
    '1 user created, 1 user with new identities, ',
  )

  const printed = runShell(dojang, guide.block('clients create --id web'))
  const secret = /client secret: +(\S+)/.exec(printed)?.[1]
  Object.assign(old.env, { AUTH_DOJANG_ID: 'web', AUTH_DOJANG_SECRET: secret })
  for (const file of ['auth.ts', 'lib/dojang.ts', 'lib/jwt-utils.ts'])
    old.write(`web/${file}`, guide.block(`// ${file}\n`))
  runShell(old.machine('web'), 'rm -r lib/jwt-auth.ts lib/db.ts app/api/custom-login')
  old.buildWeb()
  await old.startWeb()
  // A session of the time before Dojang ends.
  expect(await sessionOf(oldPage)).toBeNull()

  const signedIn: [Page, id: string | undefined, name: string | undefined][] = [
    [await signIn(withPassword('hong@example.com')), '1', '홍길동'],
    [await signIn(withProvider('google'), ['google', linked?.id ?? '']), '1', '홍길동'],
    [await signIn(withProvider('kakao'), ['kakao', kakaoOnly]), memberIds[kakaoOnly], '이서준'],
    [await signIn(withProvider('kakao'), ['kakao', kakaoWithAddress]), memberIds[kakaoWithAddress], '김민지'],
    [await signIn(withProvider('google'), ['google', atGoogle.id]), memberIds[atGoogle.id], atGoogle.name],
  ]
  for (const [page, id = '', name = ''] of signedIn) {
    const session = await sessionOf(page)
    expect(session).toEqual({ expires: expect.any(String), user: expect.objectContaining({ id, name }) })
    expect(JSON.stringify(session)).not.toMatch(/token/i)
    for (const service of services)
      expect(await ask(page, `/api/${service}/me`), service).toEqual(me(id, name, service))
  }

  const users = async () =>
    (await installation.run(['users', 'list', '--json'])).stdout.match(/usr_/g)?.length
  const before = await users()
  const inactive = signIn(withProvider('kakao'), ['kakao', inactiveKakao])
  await expect(inactive).rejects.toThrow(`Not signed in at ${installation.url}`)
  expect(await users()).toBe(before)
})

test('the session lasts through refreshes and a restart of Dojang, and a logout reaches the services', async () => {
  const page = await signIn(withProvider('kakao'), ['kakao', kakaoOnly])
  const { decode } = await import(join(old.machine('web').folder, 'node_modules/next-auth/jwt.js'))
  const accessToken = async (): Promise<string> => {
    const salt = 'authjs.session-token'
    const token = (await page.context().cookies()).find(({ name }) => name === salt)?.value
    return (await decode({ token, salt, secret: old.env.AUTH_SECRET })).accessToken
  }
  const works = async () => expect((await ask(page, '/api/notes/me')).status).toBe(200)
  await works()
  const first = await accessToken()
  await works()
  expect(await accessToken()).not.toBe(first)

  await issuer.stop()
  await works()
  issuer = await installation.serve()
  await works()

  const last = await accessToken()
  expect((await get(`${old.urlOf('files')}/me`, last)).status).toBe(200)
  await page.goto(`${old.site}/api/auth/signout`)
  await page.locator('form[action$="/signout"] button').click()
  await page.getByRole('heading', { name: '로그인해 주세요' }).waitFor()
  for (const name of services)
    await expect
      .poll(async () => (await get(`${old.urlOf(name)}/me`, last)).status, { timeout: 10_000 })
      .toBe(401)
})

test('the services reject old tokens from their last date on', async () => {
  old.env.OLD_TOKENS_UNTIL = '2020-01-31T00:00:00+00:00'
  await old.startServices()
  for (const name of services) {
    const url = `${old.urlOf(name)}/me`
    expect((await get(url, oldTokens['hong@example.com'] ?? '')).status, name).toBe(401)
    expect((await get(url, await newToken('hong@example.com'))).status, name).toBe(200)
  }
})
