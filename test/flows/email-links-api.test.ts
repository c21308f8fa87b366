// The first-party API for links in mails.
import { expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { testIssuer } from '../support/issuer.ts'
import { linkTo, mailKindsTo, mailsTo, tokenOf } from '../support/mailbox.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer({ env: { TRUSTED_PROXIES: '127.0.0.1' } })

const address = () => `a${Buffer.from(randomToken(9)).toString('hex')}@example.com`
const password = 'wipe cactus ninety plaster'

let networks = 0
const network = () => {
  networks += 1
  return { 'x-forwarded-for': `192.0.${networks >> 8}.${networks & 255}` }
}

const call = (path: string, body: object, headers = {}) =>
  issuer.json(path, body, { ...network(), ...headers })

const person = async (facts: { emailVerified?: boolean } = {}) => {
  const user = await issuer.user({ email: address(), ...facts })
  const logIn = (secret = user.password, email = user.email) =>
    call('/api/token', { email, password: secret })
  return { ...user, logIn }
}

test('a request for a link answers 202 for every address, and only an account gets a mail (F5)', async () => {
  const [known, unknown] = [(await person()).email, address()]
  const answers = []
  for (const path of ['/api/password/forgot', '/api/email/resend'])
    for (const email of [known, unknown]) {
      const { status, body } = await call(path, { email })
      answers.push([status, body])
    }
  expect(answers).toEqual(Array(4).fill([202, '{}']))
  expect(await mailKindsTo(issuer, known)).toEqual(['reset_password'])
  expect(await mailsTo(issuer, unknown)).toEqual([])
})

test('a token of a link sets a new password once, and ends every session and token (E4, F19)', async () => {
  const user = await person()
  const { refresh, access } = (await user.logIn()).json
  await call('/api/password/forgot', { email: user.email })
  const token = tokenOf(await linkTo(issuer, user.email, 'reset_password'))
  const weak = await call('/api/password/reset', { token, password: 'password1234567' })
  expect([weak.status, weak.json.code]).toEqual([422, 'password_common'])
  const set = await call('/api/password/reset', { token, password })
  expect([set.status, set.json]).toEqual([200, { device_token: expect.any(String) }])
  expect((await call('/api/token/refresh', { refresh })).status).toBe(401)
  expect((await issuer.bearer('/api/users/me', String(access))).status).toBe(401)
  expect((await user.logIn(password)).status).toBe(200)
  const again = await call('/api/password/reset', { token, password: 'another cactus ninety plaster' })
  expect([again.status, again.json.code]).toEqual([400, 'invalid_link'])
})

test('a token of a link confirms an address, and only for its own purpose (F19)', async () => {
  const user = await person({ emailVerified: false })
  await call('/api/email/resend', { email: user.email })
  const token = tokenOf(await linkTo(issuer, user.email, 'confirm_email'))
  for (const [path, body] of [
    ['/api/password/reset', { token, password }],
    ['/api/email/change/confirm', { token }],
  ] as const)
    expect((await call(path, body)).json.code).toBe('invalid_link')
  expect((await call('/api/email/confirm', { token })).status).toBe(204)
  expect((await issuer.stores.users.find(user.id))?.emailVerified).toBe(true)
  expect((await call('/api/email/confirm', { token })).status).toBe(400)
})

test('a new address needs a fresh sign-in and a link, and the old address gets a notice (F18, F19)', async () => {
  const user = await person()
  const email = address()
  const { access, refresh } = (await user.logIn()).json
  const authorization = { authorization: `Bearer ${access}` }
  expect((await call('/api/email/change', { email })).status).toBe(401)
  issuer.clock.advance(301)
  const late = await call('/api/email/change', { email }, authorization)
  expect([late.status, late.json.code]).toEqual([403, 'reauthentication_required'])

  const fresh = (await user.logIn()).json.access
  const asked = await call('/api/email/change', { email }, { authorization: `Bearer ${fresh}` })
  expect(asked.status).toBe(202)
  const token = tokenOf(await linkTo(issuer, email, 'confirm_new_email'))
  expect((await call('/api/email/change/confirm', { token, other_sessions: 'x' })).status).toBe(400)
  expect((await call('/api/email/change/confirm', { token })).status).toBe(204)
  expect((await user.logIn(user.password, email)).status).toBe(200)
  expect(await mailKindsTo(issuer, user.email)).toContain('email_changed')
  expect((await call('/api/token/refresh', { refresh })).status).toBe(401)
})

test('malformed bodies get 400 or 422, and too many requests get 429 with Retry-After', async () => {
  for (const body of [{}, { email: 7 }, []])
    expect((await call('/api/password/forgot', body)).status).toBe(400)
  expect((await call('/api/password/forgot', { email: 'x' })).json.code).toBe('email_invalid')
  for (const path of ['/api/password/reset', '/api/email/confirm', '/api/email/change/confirm'])
    expect((await call(path, { token: 'x\\u0000', password })).status).toBe(400)
  const email = address()
  for (let count = 0; count < 3; count += 1) await call('/api/password/forgot', { email })
  const refused = await call('/api/password/forgot', { email })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1200'])
})

test('a page of an origin that no client registered cannot ask for a mail (G3)', async () => {
  const user = await person()
  const refused = await call(
    '/api/password/forgot',
    { email: user.email },
    { origin: 'https://evil.example' },
  )
  expect([refused.status, refused.json.code]).toEqual([403, 'origin_not_registered'])
  expect(await mailsTo(issuer, user.email)).toEqual([])
})

test('an issuer that sends no mail answers 404 mail_not_configured', async () => {
  const silent = await testIssuer({ env: { ISSUER: 'https://id.example.com' } })
  for (const path of ['/api/password/forgot', '/api/email/confirm', '/api/email/change/'])
    expect((await silent.json(path, { email: address() })).json).toMatchObject({
      status: 404,
      code: 'mail_not_configured',
    })
  await silent.close()
})
