import { expect, test } from 'vitest'
import { testIssuer } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

test('/metrics shows the age of the signing key and when it retires (D17)', async () => {
  issuer.clock.advance(3600)
  const before = await issuer.send('/metrics')
  expect(before.status).toBe(200)
  expect(before.body).toContain('dojang_signing_key_age_seconds 3600')
  expect(before.body).toContain('dojang_signing_key_retires_in_seconds Nan')
  await issuer.app.operations['keys.rotate']({})
  expect((await issuer.send('/metrics')).body).toContain('dojang_signing_key_retires_in_seconds 86400')
})

test('/metrics counts events by type and contains no user id (I3)', async () => {
  const user = await issuer.user()
  await issuer.json('/api/token', { email: user.email, password: 'not the password' })
  const { body } = await issuer.send('/metrics')
  expect(body).toContain('dojang_events_total{type="login.failed"} 1')
  expect(body).not.toContain(user.id)
})

test('/metrics shows how many mails wait, and how many could not be sent', async () => {
  const queue = issuer.stores.mailQueue
  const createdAt = issuer.clock.now()
  for (const id of ['1', '2', '3']) await queue.enqueue({ id, kind: 'test', sealed: 'x', createdAt })
  await queue.giveUp('2', createdAt, '550')
  const { body } = await issuer.send('/metrics')
  expect(body).toContain('dojang_mails{state="waiting"} 2')
  expect(body).toContain('dojang_mails{state="failed"} 1')
})

test('/metrics shows the age of the revocation feed (E7)', async () => {
  await issuer.app.revocationFeed.refresh()
  issuer.clock.advance(42)
  expect((await issuer.send('/metrics')).body).toContain('dojang_revocation_feed_age_seconds 42')
})

test('/metrics answers only direct requests on a local issuer, or requests with the configured token (I3)', async () => {
  const forwarded = await issuer.send('/metrics', { headers: { 'x-forwarded-for': '127.0.0.1' } })
  expect(forwarded.status).toBe(404)
  // A local proxy may forward without a header, so a public issuer always needs the token.
  const open = await testIssuer({ env: { ISSUER: 'https://id.example.com' } })
  expect((await open.send('/metrics')).status).toBe(404)
  await open.close()
  const token = 'a-token-for-prometheus-made-for-this-test'
  const guarded = await testIssuer({ env: { METRICS_TOKEN: token } })
  expect((await guarded.send('/metrics')).status).toBe(404)
  expect((await guarded.bearer('/metrics', token)).status).toBe(200)
  await guarded.close()
})
