// The time of an answer does not tell whether an address has an account. The store is slow here, so that work
// that depends on the account would show.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { type Answer, type TestIssuer, testIssuer } from '../support/issuer.ts'
import { mailServer } from '../support/mailbox.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

const slowMs = 60
const password = 'wipe cactus ninety plaster'

const slow =
  <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
  async (...args: Args): Promise<Result> => {
    await new Promise((resolve) => setTimeout(resolve, slowMs))
    return call(...args)
  }

let issuer: TestIssuer
beforeAll(async () => {
  const stores = memoryStores()
  const { emailLinks, mailQueue, users } = stores
  issuer = await testIssuer({
    stores: {
      ...stores,
      emailLinks: { ...emailLinks, issue: slow(emailLinks.issue) },
      mailQueue: { ...mailQueue, enqueue: slow(mailQueue.enqueue) },
      users: { ...users, findByLogin: slow(users.findByLogin) },
    },
    env: { TRUSTED_PROXIES: '127.0.0.1', ...mailServer },
  })
})
afterAll(() => issuer.close())

const address = () => `t${Buffer.from(randomToken(9)).toString('hex')}@example.com`

let networks = 0
const network = () => {
  networks += 1
  return { 'x-forwarded-for': `198.18.${networks >> 8}.${networks & 255}` }
}

const requests: [name: string, send: (email: string) => Promise<Answer>][] = [
  [
    '/forgot-password',
    (email) => issuer.form('/forgot-password', { email }, { origin: issuer.url, ...network() }),
  ],
  ['/api/password/forgot', (email) => issuer.json('/api/password/forgot', { email }, network())],
  ['/api/email/resend', (email) => issuer.json('/api/email/resend', { email }, network())],
  [
    '/register',
    (email) => issuer.form('/register', { email, password }, { origin: issuer.url, ...network() }),
  ],
  ['/api/users', (email) => issuer.json('/api/users', { email, password }, network())],
]

const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0

test.each(requests)(
  'the time of the answer of %s does not depend on the account, because the work follows it (F6)',
  async (name, send) => {
    const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
    for (let round = 0; round < 20; round += 1) {
      const kind = round % 2 === 0 ? 'known' : 'unknown'
      const email = address()
      if (kind === 'known') await issuer.user({ email, emailVerified: false })
      const start = performance.now()
      expect((await send(email)).status).toBeLessThan(400)
      times[kind].push(performance.now() - start)
    }
    const medians = { known: median(times.known), unknown: median(times.unknown) }
    console.info(name, 'medians in ms', medians)
    expect(Math.abs(medians.known - medians.unknown)).toBeLessThan(slowMs / 2)
  },
)
