// Starts the FastAPI example and a real issuer. Tests when the streams of the chat end, and the orders.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Installation, newInstallation } from '../../harness/installation.ts'
import { removeFolder, type Service, temporaryFolder } from '../../harness/process.ts'
import { ownExamples, ownPython } from './own-copy.ts'
import { install, start } from './printed-commands.ts'

const examples = ownExamples()
const PATH = ownPython()
const password = 'wipe cactus ninety plaster'

let installation: Installation
let service: Service
let folder: string

beforeAll(async () => {
  installation = await newInstallation()
  await installation.serve()
  const scopes = ['--scope', 'orders:read orders:write']
  await installation.command(['apis', 'create', `${installation.url}/api`, ...scopes])
  await installation.command(['roles', 'create', 'buyer', ...scopes])
  folder = temporaryFolder()
  const env = { PATH, ISSUER: installation.url, PEOPLE: join(folder, 'people') }
  install('fastapi', { folder: examples, env })
  service = await start('fastapi', { folder: examples, env })
})

afterAll(async () => {
  await service?.stop()
  await installation?.remove()
  removeFolder(folder)
})

/** Creates a user and returns a function that sends requests with the user's token. */
const newUser = async (email: string) => {
  const create = [
    'users',
    'create',
    '--email',
    email,
    '--role',
    'user',
    '--role',
    'buyer',
    '--password-stdin',
  ]
  expect((await installation.command(create, { input: password })).code).toBe(0)
  const response = await fetch(`${installation.url}/api/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  const { access } = (await response.json()) as { access: string }
  const authorization = `Bearer ${access}`
  return {
    logOut: () => fetch(`${installation.url}/api/logout`, { method: 'POST', headers: { authorization } }),
    send: (path: string, init: RequestInit = {}) =>
      fetch(`${service.url}${path}`, { ...init, headers: { authorization, ...init.headers } }),
    sendJson: (method: string, path: string, body: unknown) =>
      fetch(`${service.url}${path}`, {
        ...{ method, headers: { authorization, 'content-type': 'application/json' } },
        body: JSON.stringify(body),
      }),
  }
}
type User = Awaited<ReturnType<typeof newUser>>

/** Opens a stream and collects its text. `ended` is the time of its end. */
const openStream = async ({ send }: User) => {
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const response = await send('/chat', { signal: controller.signal })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const stream = { text: '', ended: undefined as number | undefined, leave: () => controller.abort() }
  const read = async () => {
    for await (const chunk of response.body ?? []) stream.text += Buffer.from(chunk).toString()
    stream.ended = performance.now()
  }
  read().catch(() => {})
  return stream
}

const until = async (condition: () => boolean, seconds = 10) => {
  const limit = performance.now() + seconds * 1000
  while (!condition()) {
    if (performance.now() > limit) throw new Error(`The condition is still false after ${seconds} s.`)
    await sleep(50)
  }
}

test('ends a stream within five seconds of the logout, also when the stream is silent (E7)', async () => {
  const user = await newUser('stream@example.com')
  const stream = await openStream(user)
  await until(() => stream.text.includes('event: history'))
  const before = performance.now()
  expect((await user.logOut()).status).toBeLessThan(300)
  await until(() => stream.ended !== undefined)
  expect((stream.ended ?? Infinity) - before).toBeLessThan(5000)
  expect((await user.send('/chat')).status).toBe(401)
})

test('sends an answer word by word to every tab of the user, and to no other user', async () => {
  const [user, other] = [await newUser('two-tabs@example.com'), await newUser('other@example.com')]
  const tabs = [await openStream(user), await openStream(user)]
  const stranger = await openStream(other)
  expect((await user.sendJson('POST', '/chat', { text: 'Hello' })).status).toBe(202)
  expect((await user.sendJson('POST', '/chat', { text: 'Hello?' })).status).toBe(409)
  for (const tab of tabs) await until(() => tab.text.split('event: word').length > 3)
  expect((await user.send('/chat', { method: 'DELETE' })).status).toBe(204)
  for (const tab of tabs) await until(() => tab.text.includes('event: state\ndata: "stopped"'))
  expect(stranger.text).not.toContain('Hello')
})

test('stops an answer when the reader left, and not when the reader comes back in time', async () => {
  const user = await newUser('left@example.com')
  const history = async () => {
    const stream = await openStream(user)
    await until(() => stream.text.includes('event: history'))
    const data = /event: history\ndata: (.*)/.exec(stream.text)?.[1] ?? '[]'
    return { stream, answer: (JSON.parse(data) as { text: string; state: string }[]).at(-1) }
  }
  const first = await openStream(user)
  await user.sendJson('POST', '/chat', { text: 'Hello' })
  await until(() => first.text.includes('event: word'))
  first.leave()
  await sleep(1000)
  const back = await history()
  expect(back.answer?.state).toBe('writing')
  back.stream.leave()
  await sleep(4500)
  const { answer } = await history()
  expect(answer?.state).toBe('stopped')
})

test('the orders of a user accept every method, and a receipt is limited', async () => {
  const [user, other] = [await newUser('orders@example.com'), await newUser('no-orders@example.com')]
  const created = await user.sendJson('POST', '/orders', { title: '연필', quantity: 2 })
  expect(created.status).toBe(201)
  const { id } = (await created.json()) as { id: string }
  expect((await user.sendJson('POST', '/orders', { title: '' })).status).toBe(422)
  expect((await user.sendJson('PATCH', `/orders/${id}`, { quantity: 3 })).status).toBe(200)
  expect((await other.sendJson('PATCH', `/orders/${id}`, { quantity: 3 })).status).toBe(404)
  const receipt = await user.send(`/orders/${id}/receipt`, { method: 'PUT', body: 'a receipt' })
  expect(await receipt.json()).toMatchObject({ quantity: 3, receipt_bytes: 9 })
  const large = await user.send(`/orders/${id}/receipt`, { method: 'PUT', body: Buffer.alloc(5_300_000) })
  expect(large.status).toBe(413)
  const file = await user.send(`/orders/${id}/receipt`)
  expect(file.headers.get('content-disposition')).toMatch(/^attachment/)
  expect(await file.text()).toBe('a receipt')
  expect((await user.send(`/orders/${id}`, { method: 'DELETE' })).status).toBe(204)
  expect(await (await user.send('/orders')).json()).toMatchObject({ orders: [] })
})
