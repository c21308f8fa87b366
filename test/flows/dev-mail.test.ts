import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { expect, test } from 'vitest'
import { createRecordSealing } from '../../src/encryption/sealing.ts'
import { createComposeMail } from '../../src/mail/compose.ts'
import { everyMail } from '../support/every-mail.ts'
import { testIssuer } from '../support/issuer.ts'
import { useIssuer } from '../support/use-issuer.ts'

const keyEncryptionKeys = [randomBytes(32)]
const issuer = useIssuer({ keyEncryptionKeys })

/** Queues and sends one mail of each kind. Returns the ids. */
const sendEveryMail = async (): Promise<string[]> => {
  const compose = createComposeMail({
    sealing: createRecordSealing(keyEncryptionKeys, 'mail'),
    clock: issuer.clock,
  })
  const mails = everyMail('ko', 'kim@example.com').map(compose)
  for (const mail of mails) await issuer.stores.mailQueue.enqueue(mail)
  await issuer.app.mailWork?.tick()
  return mails.map(({ id }) => id)
}

/** Sends a request with a Host header, which `fetch` does not allow. */
const statusFor = (path: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(issuer.url)
    request({ hostname, port, path, headers: { host } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .on('error', reject)
      .end()
  })

test('a local issuer without a mail server lists its mails and shows each one in a frame', async () => {
  const ids = await sendEveryMail()
  const list = await issuer.send('/dev/mail?ui_locales=ko')
  expect(list.status).toBe(200)
  expect(list.body).toContain('[127.0.0.1')
  for (const id of ids) {
    expect(list.body).toContain(`href="/dev/mail/${id}?ui_locales=ko"`)
    const page = await issuer.send(`/dev/mail/${id}`)
    expect(page.status).toBe(200)
    expect(page.body).toContain(
      `src="/dev/mail/${id}/html" sandbox="allow-top-navigation-by-user-activation"`,
    )
    expect(page.headers.get('content-security-policy')).toContain("frame-src 'self'")
  }
  expect(await issuer.stores.mailQueue.list(1)).toEqual([])
})

test('the HTML of a mail at /dev/mail runs no script, loads nothing and stays in its frame (G9)', async () => {
  const [id] = await sendEveryMail()
  const { status, headers, body } = await issuer.send(`/dev/mail/${id}/html`)
  expect(status).toBe(200)
  expect(body).toContain('<base target="_top">')
  const policy = headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain('sandbox allow-top-navigation-by-user-activation')
  expect(policy).toContain("frame-ancestors 'self'")
  expect(policy).not.toContain('allow-scripts')
  expect(policy).not.toContain('allow-same-origin')
  expect(headers.get('cache-control')).toBe('no-store')
})

test('/dev/mail keeps the newest 50 mails', async () => {
  let newest = ''
  for (let count = 0; count < 5; count += 1) newest = (await sendEveryMail()).at(-1) ?? ''
  const { body } = await issuer.send('/dev/mail')
  expect(body.match(/<li>/g)?.length).toBe(50)
  expect(body).toContain(newest)
})

test('/dev/mail answers only direct requests to the name of the issuer', async () => {
  const [id] = await sendEveryMail()
  const { host } = new URL(issuer.url)
  for (const path of ['/dev/mail', `/dev/mail/${id}`, `/dev/mail/${id}/html`]) {
    expect(await statusFor(path, host), path).toBe(200)
    expect(await statusFor(path, 'evil.example'), path).toBe(404)
    for (const name of ['x-forwarded-for', 'forwarded'])
      expect((await issuer.send(path, { headers: { [name]: 'for=127.0.0.1' } })).status, path).toBe(404)
  }
  expect((await issuer.send('/dev/mail/unknown')).status).toBe(404)
  expect((await issuer.send('/dev/mail', { method: 'POST' })).status).toBe(405)
})

test.each([
  ['a public issuer', { ISSUER: 'https://id.example.com' }],
  ['an issuer with a mail server', { SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM: 'a@b.example' }],
])('%s has no page /dev/mail', async (_what, env: Record<string, string>) => {
  const other = await testIssuer({ env })
  expect((await other.send('/dev/mail')).status).toBe(404)
  expect(other.app.mailWork !== undefined).toBe(env.ISSUER === undefined)
  await other.close()
})
