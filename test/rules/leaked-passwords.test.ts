// The lookup of leaked passwords against a real server on loopback that can misbehave.
import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { AuditEvent } from '../../src/audit.ts'
import { createIsLeaked, leakedPasswordsTimeoutMs } from '../../src/passwords/leaked.ts'
import { type RangeService, rangeService, sha1Of } from '../support/range-service.ts'

const password = 'wipe cactus ninety plaster'
const sender = { ip: '192.0.2.7', requestId: 'request-1' }

let service: RangeService
let events: AuditEvent[] = []
const isLeaked = (text: string, timeoutMs?: number) =>
  createIsLeaked({
    url: service.url,
    audit: (event) => void events.push(event),
    ...(timeoutMs !== undefined && { timeoutMs }),
  })(text, sender)

beforeAll(async () => {
  service = await rangeService()
})
afterEach(() => {
  service.misbehave = undefined
  service.requests.length = 0
  events = []
})
afterAll(() => service.close())

test('the lookup sends five characters of the hash, asks for padding, and finds a leaked password (F3)', async () => {
  expect(await isLeaked(password)).toBe(false)
  service.leak(password)
  expect(await isLeaked(password)).toBe(true)
  expect(await isLeaked(`${password}!`)).toBe(false)
  expect(await isLeaked(password.toUpperCase())).toBe(false)
  expect(events).toEqual([])

  const [first] = service.requests
  expect(first).toMatchObject({ path: `/pwned/range/${sha1Of(password).slice(0, 5)}`, padded: true })
  for (const { path, headers } of service.requests) {
    expect(path).toMatch(/\/range\/[0-9A-F]{5}$/)
    expect(JSON.stringify(headers).toUpperCase()).not.toContain(sha1Of(password).slice(5))
  }
})

test('a line of padding with the count 0 does not count as a leak (F3)', async () => {
  service.leak('ferment eyebrow sulphur mantis', 0)
  expect(await isLeaked('ferment eyebrow sulphur mantis')).toBe(false)
})

test('without a configured service the lookup sends no request (F3)', async () => {
  const off = createIsLeaked({ audit: (event) => void events.push(event) })
  expect(await off(password, sender)).toBe(false)
  expect(service.requests).toEqual([])
  // A lookup that failed would let the password pass too, with an event.
  expect(events).toEqual([])
})

const hashLine = `${sha1Of(password).slice(5)}:9`
const misbehaviours: [string, (response: ServerResponse) => void, reason: string][] = [
  ['answers 500', (response) => response.writeHead(500).end(hashLine), 'status 500'],
  ['answers 429', (response) => response.writeHead(429, { 'retry-after': '2' }).end(), 'status 429'],
  [
    'redirects',
    (response) => response.writeHead(302, { location: `${service.url}/range/00000` }).end(),
    'status 302',
  ],
  ['answers HTML', (response) => response.end('<!doctype html><p>Welcome'), 'malformed answer'],
  ['adds a broken line', (response) => response.end(`${hashLine}\r\nnonsense`), 'malformed answer'],
  ['answers nothing', (response) => response.end(), 'empty answer'],
  ['answers a huge body', (response) => response.end(`${hashLine}\r\n`.repeat(20_000)), 'answer too large'],
  ['closes the connection', (response) => response.destroy(), 'no answer'],
  [
    'closes the connection inside the body',
    (response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write(hashLine, () => response.destroy())
    },
    'no answer',
  ],
]

test.each(misbehaviours)(
  'a service that %s lets the password pass and leaves an audit event without the hash (F3, H9)',
  async (_, misbehave, reason) => {
    service.leak(password)
    service.misbehave = misbehave
    expect(await isLeaked(password)).toBe(false)
    expect(events).toEqual([{ type: 'password.leak_check_failed', actor: 'system', ...sender, reason }])
    // A redirect is not followed.
    expect(service.requests).toHaveLength(1)
  },
)

test.each([
  ['never answers', () => {}],
  ['stops inside the body', (response: ServerResponse) => void response.writeHead(200).write(hashLine)],
] as const)('a service that %s delays a registration by at most a second (F3)', async (_, misbehave) => {
  expect(leakedPasswordsTimeoutMs).toBe(1000)
  service.misbehave = misbehave
  expect(await isLeaked(password, 40)).toBe(false)
  expect(events).toMatchObject([{ type: 'password.leak_check_failed', reason: 'timeout' }])
})

test('a service that cannot be reached lets the password pass (F3)', async () => {
  const gone = await rangeService()
  await gone.close()
  const ask = createIsLeaked({ url: gone.url, audit: (event) => void events.push(event) })
  expect(await ask(password, sender)).toBe(false)
  expect(events).toMatchObject([{ reason: 'no answer' }])
})
