// A server that drains: load balancers turn away from it, and it still answers every request.
import { request } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { testIssuer } from '../support/issuer.ts'

/** The `connection` header of an answer. fetch hides it. */
const connectionHeader = (url: string): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { headers: { connection: 'keep-alive' } }, (answer) => {
      answer.resume()
      resolve(answer.headers.connection)
    })
    sent.once('error', reject)
    sent.end()
  })

test('a draining server fails /readyz, answers all other requests, and closes each connection (I2)', async () => {
  const issuer = await testIssuer()
  onTestFinished(issuer.close)
  const [client, user] = [await issuer.client(), await issuer.user()]
  const { refreshToken } = await issuer.tokens(client, user)
  expect((await issuer.send('/readyz')).status).toBe(200)
  expect(await connectionHeader(`${issuer.url}/healthz`)).toBe('keep-alive')

  issuer.app.drain()

  const ready = await issuer.send('/readyz')
  expect([ready.status, ready.headers.get('retry-after'), ready.json]).toEqual([
    503,
    '2',
    { status: 'unavailable' },
  ])
  expect((await issuer.send('/healthz')).status).toBe(200)
  expect((await issuer.refresh(client, refreshToken)).status).toBe(200)
  for (const path of ['/healthz', '/readyz', '/.well-known/jwks.json', '/nothing-here'])
    expect(await connectionHeader(`${issuer.url}${path}`), path).toBe('close')
})
