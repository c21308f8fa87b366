// The admin operations that send a link to a user, or verify the address without one.
import { expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { auditEvents } from '../support/audit-events.ts'
import { testIssuer } from '../support/issuer.ts'
import { linkTo, mailsTo } from '../support/mailbox.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()
const password = 'wipe cactus ninety plaster'

test('an admin sends a link for a new password, which the user opens (F19, I4)', async () => {
  const user = await issuer.user()
  expect(await issuer.app.operations['users.send-reset']({ user: user.id })).toEqual({
    id: user.id,
    email: user.email,
  })
  const agent = issuer.browser()
  await agent.follow(await agent.get(await linkTo(issuer, user.email, 'reset_password')))
  expect((await agent.submit('/reset-password', { password })).status).toBe(303)
  const events = auditEvents(issuer, user.id)
  expect(events).toContainEqual(expect.objectContaining({ type: 'password_reset.requested', actor: 'admin' }))
})

test('an admin resends a confirmation only while the address is not verified (F19, I4)', async () => {
  const user = await issuer.user({ emailVerified: false })
  await issuer.app.operations['users.resend-confirmation']({ user: user.email })
  const agent = issuer.browser()
  await agent.follow(await agent.get(await linkTo(issuer, user.email, 'confirm_email')))
  expect((await agent.submit('/confirm-email', {})).status).toBe(303)
  expect((await issuer.stores.users.find(user.id))?.emailVerified).toBe(true)
  await expect(issuer.app.operations['users.resend-confirmation']({ user: user.id })).rejects.toThrow(
    'already verified',
  )
})

test('an admin verifies an address without a mail, and it is audited (I4)', async () => {
  const user = await issuer.user({ emailVerified: false })
  expect(await issuer.app.operations['users.verify-email']({ user: user.id })).toMatchObject({
    email_verified: true,
  })
  await issuer.app.operations['users.verify-email']({ user: user.id })
  expect(auditEvents(issuer, user.id)).toEqual([
    expect.objectContaining({ type: 'email.confirmed', actor: 'admin' }),
  ])
  expect(await mailsTo(issuer, user.email)).toEqual([])
})

test('a user who is disabled or has no address gets no link, and the error says why', async () => {
  const [disabled, nameless] = [await issuer.user(), await issuer.user({ username: `u${randomToken(4)}x` })]
  await issuer.app.operations['users.disable']({ user: disabled.id })
  await issuer.stores.users.change(nameless.id, { email: null }, issuer.clock.now())
  const send = issuer.app.operations['users.send-reset']
  await expect(send({ user: disabled.id })).rejects.toThrow('is disabled')
  await expect(send({ user: nameless.id })).rejects.toThrow('has no e-mail address')
})

test('an installation without mail refuses to send a link and names the settings', async () => {
  const silent = await testIssuer({ env: { ISSUER: 'https://id.example.com' } })
  const user = await silent.user()
  await expect(silent.app.operations['users.send-reset']({ user: user.id })).rejects.toThrow('SMTP_URL')
  await silent.close()
})
