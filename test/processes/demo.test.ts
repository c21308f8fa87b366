// `npm run demo` as a new user runs it: the start, all clicks, the end, and nothing left afterwards.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page as Tab } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Browser, browser, type Page } from '../../harness/browser.ts'
import { chromiumIsMissing, launchChromium, visitor } from '../../harness/chromium.ts'
import { removeFolder, temporaryFolder } from '../../harness/process.ts'
import { seriousFaultsOf } from '../support/axe.ts'
import { faultsOf } from '../support/measure-page.ts'
import { type RunningDemo, startDemo } from '../support/running-demo.ts'

// Processes are slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const folder = temporaryFolder()
/** Every process of a demo appends the hosts that it connects to. */
const connections = join(folder, 'connections')
const notes = join(folder, 'note-connections.mjs')

let demo: RunningDemo
let second: RunningDemo

beforeAll(async () => {
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
  const noting = { TMPDIR: folder, NODE_OPTIONS: `--import=${notes}` }
  ;[demo, second] = await Promise.all([startDemo(noting), startDemo(noting)])
  expect(demo.greeting).toContain(`${demo.kakao}/connections`)
})
afterAll(async () => {
  await Promise.all([demo?.stop('SIGTERM'), second?.stop('SIGTERM')])
  removeFolder(folder)
})

/** The texts of the steps that have a tick. */
const doneIn = (page: string): string[] =>
  [...page.matchAll(/<li class="done">(?:<span>)?([^<]+)/g)].map(([, text = '']) => text)

/** The tabs of one browser, with separate cookies for each origin. */
const tabs = () => {
  const known = new Map<string, Browser>()
  const at = (origin: string): Browser => {
    const one = known.get(origin) ?? browser(origin)
    known.set(origin, one)
    return one
  }
  return {
    at,
    /** Follows redirects across origins to the next page. `through` may change each address. */
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

test('the demo ends the session after a disconnect at Kakao and connects only to this machine', async () => {
  const { at, land } = tabs()
  const shop = at(demo.shop)
  expect((await shop.get('/')).body).toContain('action="/sign-in"')
  const login = await land(await shop.submit('/sign-in', {}))
  const request = /name="request" value="([^"]+)"/.exec(login.body)?.[1] ?? ''
  const person = '2718281828'
  const inside = await land(await at(demo.issuer).submit('/login/kakao', { request }), (address) => {
    if (address.origin === demo.kakao) address.searchParams.set('person', person)
    return address
  })
  expect(inside.body).toContain('Welcome, 이서준')
  expect(doneIn(inside.body)).toEqual(['Signed in with Kakao', 'Kakao'])
  expect(doneIn((await land(await shop.submit('/refresh', {}))).body)).toContain('Get new tokens')
  expect(inside.body).toContain('usr_')
  expect((await shop.get('/status')).body).toContain('"ended":false')

  const disconnected = await at(demo.kakao).submit('/connections', { person })
  expect(disconnected.body).toContain('Lee Seojun (이서준) is disconnected.')
  expect(disconnected.body).not.toContain('could not be told')
  await vi.waitFor(async () => expect((await shop.get('/status')).body).toContain('"ended":true'), {
    timeout: 60_000,
    interval: 200,
  })
  const after = await shop.get('/')
  expect(after.body).toContain('The session has ended')
  expect(after.body).toContain('because you disconnected the shop at Kakao')
  expect(doneIn(after.body).slice(-2)).toEqual([
    'Disconnect the shop at Kakao',
    'Watch this page: it signs you out within seconds',
  ])
  expect(after.body).toContain('invalid_grant')

  const hosts = [...new Set(readFileSync(connections, 'utf8').trim().split('\n'))]
  expect(hosts).toContain('127.0.0.1')
  expect(hosts.filter((host) => !['127.0.0.1', '::1', 'localhost', 'a file'].includes(host))).toEqual([])
})

test('the demo ticks a sign-in with Naver as such, and says that Naver tells nobody about a disconnection', async () => {
  const { at, land } = tabs()
  const shop = at(demo.shop)
  const start = await shop.get('/')
  expect(start.body).toContain('Naver')
  expect(doneIn(start.body)).toEqual([])
  const login = await land(await shop.submit('/sign-in', {}))
  const request = /name="request" value="([^"]+)"/.exec(login.body)?.[1] ?? ''
  const inside = await land(await at(demo.issuer).submit('/login/naver', { request }), (address) => {
    if (address.pathname === '/oauth2.0/authorize') address.searchParams.set('person', 'pK4d2gRyl3Zc8Sa1bMx0')
    return address
  })
  expect(doneIn(inside.body)).toEqual(['Signed in with Naver', 'Naver'])
  expect(inside.body).toContain('Naver tells nobody about a disconnection')
  expect(inside.body).not.toContain('/connections')
})

test.skipIf(chromiumIsMissing)(
  'the shop page on a phone shows the end of the session without a reload, and every page of the demo fits',
  async () => {
    const chromium = await launchChromium()
    const phone = { viewport: { width: 360, height: 740 }, colorScheme: 'dark', locale: 'ko-KR' } as const
    const { page, complaints } = await visitor(chromium, phone)
    const look = async (tab: Tab = page) =>
      expect.soft([...(await faultsOf(tab)), ...(await seriousFaultsOf(tab))], tab.url()).toEqual([])
    page.setDefaultTimeout(60_000)
    const press = (name: string | RegExp) => page.getByRole('button', { name }).click()
    await page.goto(demo.shop)
    await look()
    await press('도장으로 로그인')
    await press('카카오로 계속하기')
    await look()
    await press(/김민지/)
    await look()
    await press('동의하고 계속하기')
    await page.getByRole('heading', { name: '김민지 님, 어서 오세요' }).waitFor()
    await page.getByText('minji@example.com').waitFor()
    await look()

    const [atKakao] = await Promise.all([
      page.waitForEvent('popup'),
      page.getByRole('link', { name: /카카오에서 끊기/ }).click(),
    ])
    await look(atKakao)
    await atKakao.getByRole('button', { name: '김민지 연결 끊기' }).click()
    await atKakao.getByRole('status').getByText('김민지 님의 연결을 끊었어요.').waitFor()
    await page.getByRole('heading', { name: '세션이 끝났어요' }).waitFor()
    await page.getByText('도장이 리프레시 토큰을 거부했어요').waitFor()
    await look()
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThan(1400)
    expect(complaints).toEqual([])
    await chromium.close()
  },
)

test('two demos that start together take different ports, and Ctrl+C ends one and deletes its files', async () => {
  const addresses = [demo, second].flatMap(({ shop, issuer, kakao }) => [shop, issuer, kakao])
  expect(new Set(addresses).size).toBe(6)
  expect(readdirSync(second.files)).toEqual(expect.arrayContaining(['data', 'dojang.log', 'keys']))
  expect(await second.stop('SIGINT')).toBe(0)
  expect(existsSync(second.files)).toBe(false)
  await expect(fetch(`${second.issuer}/healthz`)).rejects.toThrow()
})
