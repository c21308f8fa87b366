// New passwords over HTTP and on the command line: the configured length, and a form without the current one.
import { expect, test } from 'vitest'
import { randomToken } from '../../src/secrets.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer({ env: { PASSWORD_MIN_LENGTH: '20' } })

const address = () => `${Buffer.from(randomToken(6)).toString('hex')}@example.com`
/** Nineteen characters. */
const short = 'plaster gondola owl'

test('the API names the configured length and rejects a password with one character less (F2)', async () => {
  const email = address()
  const refused = await issuer.json('/api/users', { email, password: short })
  expect(refused.status).toBe(422)
  expect(refused.json).toMatchObject({
    code: 'password_too_short',
    detail: 'A password must have at least 20 characters.',
  })
  expect((await issuer.json('/api/users', { email, password: `${short}s` })).status).toBe(201)
})

test('the pages name the configured length in Korean and English (F2)', async () => {
  for (const [lang, hint, refusal] of [
    ['ko', '20자 이상', '비밀번호는 20자 이상이어야 해요.'],
    ['en', 'At least 20\u00a0characters', 'at least 20 characters'],
  ] as const) {
    const agent = issuer.browser()
    expect((await agent.get(`/register?ui_locales=${lang}`)).body).toContain(hint)
    const email = address()
    const refused = await agent.submit('/register', { email, password: short, ui_locales: lang })
    expect(refused.status).toBe(422)
    expect(refused.body).toContain(refusal)

    const user = await issuer.user()
    await agent.submit('/login/password', { login: user.email, password: user.password })
    expect((await agent.get(`/account?ui_locales=${lang}`)).body).toContain(hint)
    const change = { current: user.password, password: short, ui_locales: lang }
    const unchanged = await agent.submit('/account/password', change)
    expect(unchanged.status).toBe(422)
    expect(unchanged.body).toContain(refusal)
  }
})

test('the command line names the configured length (F2)', async () => {
  const create = issuer.app.operations['users.create']({ email: address(), password: short })
  await expect(create).rejects.toThrow('Use at least 20 characters')
})

test('an empty current password on the account page is no attempt (F4)', async () => {
  const user = await issuer.user()
  const agent = issuer.browser()
  await agent.submit('/login/password', { login: user.email, password: user.password })
  const change = (current: string) =>
    agent.submit('/account/password', { current, password: 'wipe cactus ninety plaster' })
  for (let count = 0; count < 15; count += 1) expect((await change('')).status).toBe(401)
  expect((await change(user.password)).status).toBe(303)
})
