// npm run demo, as a newcomer uses it: starts, says what to click, the whole path of clicks, ends and leaves nothing.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Browser, browser, type Page } from '../support/browser.ts'
import { removeFolder, temporaryFolder } from '../support/process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = temporaryFolder()
/** Where every process of the demo notes whom it connected to. */
const connections = join(folder, 'connections')

let demo: ChildProcess
let exit: Promise<number | null>
let said = ''

beforeAll(async () => {
  const notes = join(folder, 'note-connections.mjs')
  writeFileSync(connections, '')
  writeFileSync(
    notes,
    `import { appendFileSync } from 'node:fs'
import { Socket } from 'node:net'
const { connect } = Socket.prototype
Socket.prototype.connect = function (...args) {
  const [options] = [args[0]].flat()
  appendFileSync(${JSON.stringify(connections)}, (options?.path ? 'a file' : (options?.host ?? 'localhost')) + '\\n')
  return connect.apply(this, args)
}
`,
  )
  demo = spawn(process.execPath, [join(root, 'demo/main.ts')], {
    cwd: root,
    env: { PATH: process.env.PATH, TMPDIR: folder, NODE_OPTIONS: `--import=${notes}`, LANG: 'ko_KR.UTF-8' },
  })
  exit = new Promise((resolve) => demo.once('close', resolve))
  await new Promise<void>((resolve, reject) => {
    for (const stream of [demo.stdout, demo.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (said.includes('Ctrl+C')) resolve()
      })
    exit.then((code) => reject(new Error(`the demo ended with ${code}: ${said}`)))
  })
})
afterAll(async () => {
  demo.kill('SIGKILL')
  await exit
  removeFolder(folder)
})

/** A browser's tabs: cookies per origin is enough for these. */
const tabs = () => {
  const known = new Map<string, Browser>()
  const at = (origin: string): Browser => {
    const one = known.get(origin) ?? browser(origin)
    known.set(origin, one)
    return one
  }
  return {
    at,
    /** Follows redirects, wherever they lead, to the next page; `through` may change an address on the way. */
    land: async (page: Page, through: (address: URL) => URL = (address) => address): Promise<Page> => {
      let current = page
      while (current.location !== undefined) {
        const { origin, pathname, search } = through(current.location)
        current = await at(origin).get(`${pathname}${search}`)
      }
      return current
    },
  }
}

test('signed in with Kakao, disconnected there, and the session is dead; nothing but this machine was asked', async () => {
  const [shopUrl = '', kakaoUrl = ''] = [...said.matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].map(String)
  const log = /\S+dojang\.log/.exec(said)?.[0] ?? ''
  expect(said).toContain(`${kakaoUrl}/connections`)
  expect(existsSync(log)).toBe(true)

  const { at, land } = tabs()
  const shop = at(shopUrl)
  expect((await shop.get('/')).body).toContain('action="/sign-in"')
  const login = await land(await shop.submit('/sign-in', {}))
  const request = /name="request" value="([^"]+)"/.exec(login.body)?.[1] ?? ''
  const issuerUrl = /(http:\S+?)\/ {3}기록/.exec(said)?.[1] ?? ''
  const person = '2718281828'
  const inside = await land(await at(issuerUrl).submit('/login/kakao', { request }), (address) => {
    if (address.origin === kakaoUrl) address.searchParams.set('person', person)
    return address
  })
  expect(inside.body).toContain('Welcome, 이서준')
  expect(inside.body).toContain('usr_')
  expect((await shop.get('/status')).body).toContain('"ended":false')

  const disconnected = await at(kakaoUrl).submit('/connections', { person })
  expect(disconnected.body).toContain('이서준 님의 연결을 끊었어요.')
  expect(disconnected.body).not.toContain('알리지는 못했어요')
  await vi.waitFor(async () => expect((await shop.get('/status')).body).toContain('"ended":true'), {
    ...{ timeout: 20_000, interval: 200 },
  })
  const after = await shop.get('/')
  expect(after.body).toContain('The session is over')
  expect(after.body).toContain('invalid_grant')

  demo.kill('SIGINT')
  expect(await exit).toBe(0)
  expect(existsSync(log)).toBe(false)
  const hosts = new Set(readFileSync(connections, 'utf8').trim().split('\n'))
  const elsewhere = [...hosts].filter((host) => !['127.0.0.1', '::1', 'localhost', 'a file'].includes(host))
  expect(elsewhere).toEqual([])
  expect(hosts).toContain('127.0.0.1')
})
