// Tests the proxy of the Next.js example without a browser: requests go straight to its handler, and
// an API in this process sees what arrives.
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installSite } from './nextjs-site.ts'
import { ownExamples } from './own-copy.ts'

interface Session {
  accessToken: string
  refreshToken: string
  expiresAt: number
}
interface Modules {
  forward(request: Request): Promise<Response>
  sealSession(session: Session): Promise<string>
  sessionCookies(request: { headers: Headers }, sealed?: string): string[]
  readSession(request: { headers: Headers }): Promise<Session | undefined>
  readSettings(env: Record<string, string>): unknown
}
const examples = ownExamples()
/** The example is a project of its own, with other options of TypeScript. So its files are loaded by name. */
const load = (file: string): Promise<Partial<Modules>> => import(join(examples, 'nextjs-bff/server', file))

const site = 'https://www.example.com'
const cookieName = '__Secure-authjs.session-token'
const sessionCookie = /^__Secure-authjs\.session-token/

let modules: Modules
let api: Server
let issuer: Server
let answerApi: (request: IncomingMessage, response: ServerResponse) => unknown
let answerIssuer: (refreshToken: string, response: ServerResponse) => unknown

const listen = (handle: (request: IncomingMessage, response: ServerResponse) => unknown) =>
  new Promise<Server>((resolve) => {
    const server = createServer(handle).listen(0, '127.0.0.1', () => resolve(server))
  })
const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

beforeAll(async () => {
  installSite(examples)
  api = await listen((request, response) => answerApi(request, response))
  issuer = await listen(async (request, response) => {
    const token = new URLSearchParams(await text(request)).get('refresh_token') ?? ''
    answerIssuer(token, response)
  })
  Object.assign(process.env, {
    ...{ ISSUER: urlOf(issuer), API_ORIGIN: urlOf(api), AUTH_URL: site, AUTH_SECRET: 'x'.repeat(32) },
    ...{ DOJANG_CLIENT_ID: 'web', DOJANG_CLIENT_SECRET: 'secret' },
  })
  const files = ['forward.ts', 'session.ts', 'settings.ts']
  modules = Object.assign({}, ...(await Promise.all(files.map(load)))) as Modules
})

afterAll(() => {
  for (const server of [api, issuer]) {
    server?.closeAllConnections()
    server?.close()
  }
})

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds
const session = (changes: Partial<Session> = {}): Session => ({
  ...{ accessToken: 'access-1', refreshToken: `refresh-${Math.random()}`, expiresAt: inSeconds(600) },
  ...changes,
})

/** The cookies of a browser that got these `Set-Cookie` lines after the cookies that it had before. */
const browserAfter = (lines: readonly string[], cookies = new Map<string, string>()) => {
  const after = new Map(cookies)
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (line.includes('Max-Age=0;')) after.delete(name)
    else after.set(name, value)
  }
  return after
}
const headerOf = (cookies: Map<string, string>) =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
const cookiesOf = async (kept: Session) =>
  headerOf(browserAfter(modules.sessionCookies({ headers: new Headers() }, await modules.sealSession(kept))))

const sameOrigin = { 'sec-fetch-site': 'same-origin' }
const send = (path: string, cookie: string, init: RequestInit & { duplex?: 'half' } = {}) =>
  modules.forward(
    new Request(`${site}/api${path}`, { ...init, headers: { ...sameOrigin, cookie, ...init.headers } }),
  )
const codeOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { code: string }).code,
]

/** The API answers with everything that it received. */
const echo = async (request: IncomingMessage, response: ServerResponse) => {
  const { method, url, headers } = request
  response.setHeader('set-cookie', 'api=1').setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ method, url, headers, body: await text(request) }))
}

test('passes method, query and body on, and neither the cookie of the site nor headers of the API (G12)', async () => {
  answerApi = echo
  const cookie = await cookiesOf(session())
  for (const [method, path] of [
    ['POST', '/orders?note=a%20b'],
    ['PUT', '/orders/1'],
    ['PATCH', '/orders/1'],
    ['DELETE', '/orders/1'],
  ] as const) {
    const headers = { 'content-type': 'application/json', 'x-secret': '1', authorization: 'Bearer forged' }
    const response = await send(path, cookie, { method, body: '{"한글":1}', headers })
    const got = (await response.json()) as { headers: Record<string, string> }
    expect(got).toMatchObject({ method, url: path, body: '{"한글":1}' })
    expect(got.headers).toMatchObject({
      'content-type': 'application/json',
      authorization: 'Bearer access-1',
    })
    expect(got.headers).not.toHaveProperty('cookie')
    expect(got.headers).not.toHaveProperty('x-secret')
    expect(response.headers.getSetCookie()).toEqual([])
    expect(response.headers.get('content-security-policy')).toContain('sandbox')
  }
  const form = new FormData()
  form.set('file', new File(['a receipt'], '영수증.txt'))
  const upload = (await (await send('/orders', cookie, { method: 'POST', body: form })).json()) as {
    body: string
  }
  expect(upload.body).toContain('a receipt')
})

test('refuses requests of other sites, unknown paths and methods, and requests without a session', async () => {
  answerApi = () => expect.unreachable()
  const cookie = await cookiesOf(session())
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }])
    expect(await codeOf(await send('/chat', cookie, { headers }))).toEqual([403, 'cross_site'])
  const old = (origin?: string) =>
    new Request(`${site}/api/chat`, { method: 'POST', headers: { cookie, ...(origin && { origin }) } })
  for (const origin of [undefined, 'https://evil.example', 'null'])
    expect(await codeOf(await modules.forward(old(origin)))).toEqual([403, 'cross_site'])
  for (const path of ['/', '/openapi.json', '/orders/..%2Fadmin', '/orders/1/receipt/x'])
    expect(await codeOf(await send(path, cookie)), path).toEqual([404, 'not_found'])
  const method = await send('/orders', cookie, { method: 'DELETE' })
  expect(method.headers.get('allow')).toBe('GET, POST')
  expect(await codeOf(method)).toEqual([405, 'method_not_allowed'])
  for (const wrong of ['', `${cookieName}=garbage`, cookie.slice(0, -9)])
    expect(await codeOf(await send('/me', wrong))).toEqual([401, 'signed_out'])
})

test('streams a body before it is complete, and refuses one of more than 10 MB with and without a length', async () => {
  const cookie = await cookiesOf(session())
  let received = 0
  answerApi = async (request, response) => {
    for await (const piece of request) received += piece.length
    response.end()
  }
  const stream = new TransformStream<Uint8Array, Uint8Array>()
  const writer = stream.writable.getWriter()
  const put = { method: 'PUT', duplex: 'half' } as const
  const answer = send('/orders/1/receipt', cookie, { ...put, body: stream.readable })
  await writer.write(new Uint8Array(1000))
  while (received < 1000) await sleep(10)
  await writer.close()
  expect((await answer).status).toBe(200)

  const large = new Blob([new Uint8Array(11 * 1024 * 1024)])
  const withLength = { 'content-length': String(large.size) }
  const refused = await send('/orders/1/receipt', cookie, { ...put, body: 'x', headers: withLength })
  expect(await codeOf(refused)).toEqual([413, 'too_large'])
  const endless = await send('/orders/1/receipt', cookie, { ...put, body: large.stream() })
  expect(await codeOf(endless)).toEqual([413, 'too_large'])
})

test('ends the request to the API when the browser leaves', async () => {
  const cookie = await cookiesOf(session())
  const left = new Promise((resolve) => {
    answerApi = (request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
      request.once('close', resolve)
    }
  })
  const controller = new AbortController()
  const response = await send('/chat', cookie, { signal: controller.signal })
  const reader = response.body?.getReader()
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: 1\n\n')
  controller.abort()
  await left
})

test('refreshes once for ten requests, and gives all of them the same cookie (J6)', async () => {
  const sent: string[] = []
  answerIssuer = async (token, response) => {
    sent.push(token)
    await sleep(50)
    response.end(JSON.stringify({ access_token: 'access-2', refresh_token: 'refresh-2', expires_in: 600 }))
  }
  answerApi = echo
  const old = session({ expiresAt: inSeconds(5) })
  const cookie = await cookiesOf(old)
  const responses = await Promise.all(Array.from({ length: 10 }, () => send('/me', cookie)))
  expect(sent).toEqual([old.refreshToken])
  const lines = new Set(responses.map(({ headers }) => headers.getSetCookie().join('\n')))
  expect(lines.size).toBe(1)
  for (const response of responses)
    expect(await response.json()).toMatchObject({ headers: { authorization: 'Bearer access-2' } })
})

test('only invalid_grant ends a session: other failures keep it and answer 503 or use the old token (J6)', async () => {
  answerApi = echo
  const cookie = await cookiesOf(session({ expiresAt: inSeconds(-5) }))
  answerIssuer = (_, response) => response.writeHead(503).end('{}')
  const unavailable = await send('/me', cookie)
  expect(unavailable.headers.get('retry-after')).toBe('2')
  expect(unavailable.headers.getSetCookie()).toEqual([])
  expect(await codeOf(unavailable)).toEqual([503, 'issuer_unreachable'])
  expect((await send('/me', await cookiesOf(session({ expiresAt: inSeconds(5) })))).status).toBe(200)

  answerIssuer = (_, response) => response.writeHead(400).end('{"error":"invalid_grant"}')
  const ended = await send('/me', cookie)
  expect(ended.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Secure-\S+=; Max-Age=0; .*Secure$/),
  ])
  expect(await codeOf(ended)).toEqual([401, 'signed_out'])
})

test('a 401 of the API refreshes once: the session has ended, or the request is sent again', async () => {
  answerApi = (request, response) =>
    request.headers.authorization === 'Bearer access-1'
      ? response.writeHead(401).end()
      : response.end('fresh')
  answerIssuer = (_, response) => response.end('{"access_token":"access-2","expires_in":600}')
  const again = await send('/me', await cookiesOf(session()))
  expect([again.status, await again.text()]).toEqual([200, 'fresh'])
  expect(again.headers.getSetCookie()).toHaveLength(1)
  answerIssuer = (_, response) => response.writeHead(400).end('{"error":"invalid_grant"}')
  expect(await codeOf(await send('/me', await cookiesOf(session())))).toEqual([401, 'signed_out'])
})

test('an API that does not answer or redirects is 502', async () => {
  const cookie = await cookiesOf(session())
  answerApi = ({ url }, response) =>
    url === '/me' ? response.writeHead(307, { location: '/elsewhere' }).end() : response.end()
  expect(await codeOf(await send('/me', cookie))).toEqual([502, 'api_unreachable'])
  answerApi = (request) => request.socket.destroy()
  expect(await codeOf(await send('/me', cookie))).toEqual([502, 'api_unreachable'])
})

test('splits a large session into several cookies and deletes the parts that a smaller one leaves', async () => {
  let cookies = new Map([['other', '1']])
  for (const length of [10, 3000, 7000, 10, 5000]) {
    const kept = session({ accessToken: 'a'.repeat(length) })
    const lines = modules.sessionCookies(
      { headers: new Headers({ cookie: headerOf(cookies) }) },
      await modules.sealSession(kept),
    )
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split('; ')
      expect(pair.length).toBeLessThanOrEqual(4096)
      expect(attributes).toEqual(expect.arrayContaining(['Path=/', 'HttpOnly', 'SameSite=Lax', 'Secure']))
    }
    cookies = browserAfter(lines, cookies)
    const headers = new Headers({ cookie: headerOf(cookies) })
    expect(await modules.readSession({ headers })).toMatchObject({ accessToken: kept.accessToken })
  }
  const gone = browserAfter(
    modules.sessionCookies({ headers: new Headers({ cookie: headerOf(cookies) }) }),
    cookies,
  )
  expect([...gone.keys()].filter((name) => sessionCookie.test(name))).toEqual([])
})

test('reports all missing and wrong settings together', () => {
  expect(() => modules.readSettings({ ISSUER: 'http://localhost:4000/', AUTH_SECRET: 'short' })).toThrow(
    /ISSUER must be like .* without a slash at the end\..*API_ORIGIN is not set\..*AUTH_SECRET has fewer than 32/s,
  )
})

test('.env.example and both READMEs list exactly the settings that the site reads, with the same code', () => {
  const read = new Set<string>()
  const env = new Proxy({}, { get: (_, name) => void read.add(String(name)) })
  expect(() => modules.readSettings(env)).toThrow()
  const textOf = (file: string) => readFileSync(new URL(`../nextjs-bff/${file}`, import.meta.url), 'utf8')
  const listed = [...textOf('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name)
  expect(listed.toSorted()).toEqual([...read].toSorted())
  const outline = (file: string) => ({
    code: textOf(file).match(/^```[\s\S]*?^```$/gm),
    variables: [...textOf(file).matchAll(/^\| (`[A-Z_`, ]+`) \|/gm)].map(([, names]) => names),
    rows: textOf(file).match(/^(\||#+ )/gm),
  })
  const english = outline('README.md')
  expect(outline('README.ko.md')).toEqual(english)
  const documented = english.variables
    .join()
    .match(/[A-Z_]+/g)
    ?.filter((name) => name !== 'PORT')
  expect(documented?.toSorted()).toEqual([...read].toSorted())
})
