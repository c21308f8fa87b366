// Mails that tell a user about a change of the account, and about a sign-in from a new device.
import { expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { mailKindsTo, mailsTo } from '../support/mailbox.ts'
import { signedInAs, through, useUpstream } from '../support/upstream.ts'

const upstream = useUpstream()
const { people } = upstream

const address = () => `n${Buffer.from(randomToken(9)).toString('hex')}@example.com`
const password = 'wipe cactus ninety plaster'

/** A user who is signed in, and whose browser is known. */
const signedIn = async (facts: { emailVerified?: boolean; locale?: string } = {}) => {
  const { issuer } = upstream
  const user = await issuer.user({ email: address(), ...facts })
  issuer.clock.advance(1)
  const agent = issuer.browser()
  await agent.submit('/login/password', { login: user.email, password: user.password })
  /** The kinds of the notices after the one about this browser. */
  const notices = async () => (await mailKindsTo(issuer, user.email)).filter((kind) => kind !== 'new_device')
  return { issuer, user, agent, notices }
}

test('a changed password sends a notice in the language of the user, and a refused one does not (F18)', async () => {
  const { issuer, user, agent, notices } = await signedIn({ locale: 'ko-KR' })
  await agent.submit('/account/password', { current: 'not it', password })
  expect(await notices()).toEqual([])
  await agent.submit('/account/password', { current: user.password, password })
  expect(await notices()).toEqual(['password_changed'])
  expect((await mailsTo(issuer, user.email)).at(-1)).toMatchObject({ locale: 'ko' })
})

test('a linked and an unlinked provider send a notice that names the provider (F18)', async () => {
  const { issuer, user, agent, notices } = await signedIn()
  const subject = people.naver()
  await through(agent, 'naver', subject, { purpose: 'link' })
  expect(await notices()).toEqual(['provider_linked'])
  await agent.submit('/account/identities/unlink', { provider: 'naver', subject })
  expect(await notices()).toEqual(['provider_linked', 'provider_unlinked'])
  expect((await mailsTo(issuer, user.email)).at(-1)).toMatchObject({ provider: 'Naver', locale: 'en' })
})

test('a provider that is linked by a sign-in sends a notice to the owner (F18)', async () => {
  const { issuer } = upstream
  const email = `${address().split('@')[0]}@gmail.com`
  await issuer.user({ email })
  await through(issuer.browser(), 'google', people.google({ email }))
  expect(await mailKindsTo(issuer, email)).toContain('provider_linked')
})

test('a deleted account sends a notice, although the user is gone when it is sent (F18)', async () => {
  const { agent, notices } = await signedIn()
  await agent.submit('/account/delete', { sure: 'yes' })
  expect(await notices()).toEqual(['account_deleted'])
})

test('a password set by an admin and a deletion by an admin send notices (F18)', async () => {
  const { issuer } = upstream
  const user = await issuer.user({ email: address() })
  await issuer.app.operations['users.set-password']({ user: user.id, password })
  await issuer.app.operations['users.delete']({ user: user.id })
  expect(await mailKindsTo(issuer, user.email)).toEqual(['password_changed', 'account_deleted'])
})

test('an identity that an import adds sends a notice (F18)', async () => {
  const { issuer, user, notices } = await signedIn()
  const identities = [{ provider: 'kakao', subject: people.kakao() }]
  const lines = [{ line: 1, record: { email: user.email, email_verified: true, identities } }]
  await issuer.app.operations['users.import']({ lines, addIdentities: true })
  expect(await notices()).toEqual(['provider_linked'])
})

test('an unverified address gets no notice, because it may belong to someone else (F18)', async () => {
  const { issuer, user, agent } = await signedIn({ emailVerified: false })
  await agent.submit('/account/password', { current: user.password, password })
  await agent.submit('/account/delete', { sure: 'yes' })
  expect(await mailsTo(issuer, user.email)).toEqual([])
})

test('the first sign-in on a browser sends a notice with its address and name, and the second does not (F18)', async () => {
  const { issuer, user, agent } = await signedIn()
  const signIn = (on: typeof agent, headers = {}) =>
    on.submit('/login/password', { login: user.email, password: user.password }, headers)
  await signIn(agent)
  expect(await mailKindsTo(issuer, user.email)).toEqual(['new_device'])
  await signIn(issuer.browser(), { 'user-agent': 'Mozilla/5.0 Firefox/140.0' })
  const mails = await mailsTo(issuer, user.email)
  expect(mails).toHaveLength(2)
  expect(mails[1]).toMatchObject({
    kind: 'new_device',
    ip: '127.0.0.1',
    userAgent: 'Mozilla/5.0 Firefox/140.0',
  })
})

test('a failed sign-in sends no notice (F18)', async () => {
  const { issuer } = upstream
  const user = await issuer.user({ email: address() })
  await issuer.browser().submit('/login/password', { login: user.email, password })
  await issuer.json('/api/token', { email: user.email, password })
  expect(await mailsTo(issuer, user.email)).toEqual([])
})

test('an app without its device token sends a notice at /api/token, and with the token it does not (F18)', async () => {
  const { issuer } = upstream
  const user = await issuer.user({ email: address() })
  const { email } = user
  const logIn = (members = {}) => issuer.json('/api/token', { email, password: user.password, ...members })
  const first = await logIn()
  await logIn({ device_token: first.json.device_token })
  expect(await mailKindsTo(issuer, email)).toEqual(['new_device'])
})

test('a sign-in through a provider counts as a device, and the one that creates the account is no news (F18)', async () => {
  const { issuer } = upstream
  const email = `${address().split('@')[0]}@gmail.com`
  const subject = people.google({ email })
  const agent = issuer.browser()
  await through(agent, 'google', subject)
  expect(await signedInAs(agent)).toBeDefined()
  issuer.clock.advance(60)
  await through(agent, 'google', subject)
  expect(await mailKindsTo(issuer, email)).toEqual([])
  await through(issuer.browser(), 'google', subject)
  expect(await mailKindsTo(issuer, email)).toEqual(['new_device'])
})

test('a mail that cannot be queued after a sign-in does not stop the sign-in (F18)', async () => {
  const { issuer } = upstream
  const user = await issuer.user({ email: address() })
  issuer.clock.advance(1)
  const { enqueue } = issuer.stores.mailQueue
  issuer.stores.mailQueue.enqueue = () => Promise.reject(new Error('no space'))
  try {
    const agent = issuer.browser()
    const done = await agent.submit('/login/password', { login: user.email, password: user.password })
    expect(done.status).toBe(303)
    await issuer.app.afterAnswer.settle()
  } finally {
    issuer.stores.mailQueue.enqueue = enqueue
  }
  expect(issuer.logLines.join()).toContain('work after an answer failed')
})
