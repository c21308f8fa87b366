// Mails reach a real mail server, and the faults of the server become codes that name no address.
import { execFileSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../harness/free-port.ts'
import { type MailServer, type MailServerOptions, startMailServer } from '../../harness/mail-server.ts'
import { onPath, removeFolder, temporaryFolder } from '../../harness/process.ts'
import { createRecordSealing } from '../../src/encryption/sealing.ts'
import { createComposeMail, type Mail } from '../../src/mail/compose.ts'
import type { DeliveryFailed } from '../../src/mail/message.ts'
import { createSmtp, type SmtpServer } from '../../src/mail/smtp.ts'
import { everyMail } from '../support/every-mail.ts'
import { type TestIssuer, testIssuer } from '../support/issuer.ts'

const password = 'smtp-canary-passw0rd'
const keyEncryptionKeys = [randomBytes(32)]
const sealing = createRecordSealing(keyEncryptionKeys, 'mail')
let issuer: TestIssuer
let mailServer: MailServer
/** Set by a test. The server refuses the next messages with it. */
let refusal: { code: number; text: string } | undefined

beforeAll(async () => {
  mailServer = await startMailServer({
    login: { user: 'dojang', password },
    refuseRecipient: (address) =>
      address.startsWith('nobody') ? { code: 550, text: `5.1.1 <${address}> unknown` } : undefined,
    refuseMessage: () => refusal,
  })
  issuer = await testIssuer({
    keyEncryptionKeys,
    env: {
      SMTP_URL: `smtp://dojang:${password}@127.0.0.1:${mailServer.port}`,
      MAIL_FROM: '한강 서점 <no-reply@books.example>',
    },
  })
})
afterAll(async () => {
  await issuer.close()
  await mailServer.close()
})

/** Queues a mail as a flow of the issuer does. Returns its id. */
const enqueue = async (mail: Partial<Mail>, at: TestIssuer = issuer): Promise<string> => {
  const compose = createComposeMail({ sealing, clock: at.clock })
  const queued = compose({ kind: 'test', to: 'a@example.com', locale: 'ko', ...mail } as Mail)
  await at.stores.mailQueue.enqueue(queued)
  return queued.id
}
const send = () => issuer.app.mailWork?.tick()

test('a mail arrives with its sender, its subject, both texts and a stable Message-ID', async () => {
  const id = await enqueue({ kind: 'reset_password', to: 'kim@example.com', path: '/x?t=1', minutes: 30 })
  await send()
  const { from, to, headers, text, html } = await mailServer.next('kim@example.com')
  expect([from, to]).toEqual(['no-reply@books.example', ['kim@example.com']])
  expect(headers).toMatchObject({
    from: '한강 서점 <no-reply@books.example>',
    to: 'kim@example.com',
    subject: '[한강 서점] 비밀번호 재설정 안내',
    'message-id': `<${id}@books.example>`,
    'auto-submitted': 'auto-generated',
    date: issuer.clock.now().toUTCString().replace('GMT', '+0000'),
  })
  for (const part of [text, html]) expect(part).toContain(`${issuer.url}/x?t=1`)
  expect(text).toContain('한강 서점 계정의 비밀번호 재설정 요청을 받았어요.')
})

test.each(['ko', 'en'] as const)('every kind of mail arrives in %s', async (locale) => {
  const address = `${randomUUID()}@example.com`
  const mails = everyMail(locale, address)
  for (const mail of mails) await enqueue(mail)
  await send()
  const arrived = mailServer.mails.filter(({ to }) => to.includes(address))
  expect(arrived.length).toBe(mails.length)
  expect(new Set(arrived.map(({ headers }) => headers.subject)).size).toBe(mails.length)
  expect(await issuer.stores.mailQueue.list(1)).toEqual([])
})

test('no address, link or password of the mail server is in a log line or an audit row (H9)', async () => {
  const canary = { to: 'canary-user@canary-mail.example', path: '/reset?token=canary-link' } as const
  await enqueue({ kind: 'reset_password', minutes: 30, ...canary })
  await enqueue({ kind: 'reset_password', minutes: 30, ...canary, to: `nobody.${canary.to}` })
  await send()
  for (const code of [450, 554]) {
    refusal = { code, text: `<${canary.to}> is not welcome: ${canary.path}` }
    await enqueue({ kind: 'reset_password', minutes: 30, ...canary })
    await send()
  }
  refusal = undefined
  await issuer.app.auditTrail.flush()
  const rows = JSON.stringify(await issuer.stores.auditLog.list({ limit: 1000 }))
  const queue = JSON.stringify(await issuer.stores.mailQueue.list(100))
  expect(rows).toContain('mail.sent')
  expect(rows).toContain('reset_password: EENVELOPE 550 5.1.1')
  expect(queue).toContain('EMESSAGE 450')
  expect(queue).toContain('EMESSAGE 554')
  for (const place of [issuer.logLines.join('\n'), rows, queue])
    expect(place).not.toMatch(/canary-user|canary-mail|canary-link|canary-passw0rd/)
})

const hasOpenssl = onPath('openssl') !== undefined

/** A certificate for 127.0.0.1 that signs itself. */
const createCertificate = () => {
  const folder = temporaryFolder()
  onTestFinished(() => removeFolder(folder))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const subject = ['-subj', '/CN=mail', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', ...options, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

describe('a mail server that works or fails', () => {
  const message = {
    id: 'id',
    to: 'a@example.com',
    subject: 's',
    text: 't',
    html: 'h',
    composedAt: new Date(0),
  }

  /** Delivers one message to a server with these options. Returns the failure. */
  const failureAt = async (options: MailServerOptions, settings: Partial<SmtpServer> = {}) => {
    const server = await startMailServer(options)
    onTestFinished(() => server.close())
    const { deliver, check } = createSmtp({
      server: {
        host: '127.0.0.1',
        port: server.port,
        implicitTls: false,
        requireTls: false,
        ...settings,
      },
      from: { address: 'no-reply@books.example' },
    })
    const failed = deliver(message).then(
      () => undefined,
      (error: DeliveryFailed) => `${error.fault}: ${error.message}`,
    )
    return { failed: await failed, mails: server.mails, logins: server.logins, check }
  }

  test('a server without TLS gets no message and no password if TLS is required', async () => {
    const { failed, mails, logins } = await failureAt(
      { login: { user: 'u', password: 'p' } },
      { requireTls: true, login: { user: 'u', password: 'p' } },
    )
    expect(failed).toMatch(/^server: ETLS/)
    expect([mails, logins]).toEqual([[], []])
  })

  test.each([true, false])(
    'a server with an untrusted certificate gets no message (TLS at once: %s)',
    async (implicit) => {
      const { failed, mails } = await failureAt(
        // Without a key the test server uses a certificate that nobody trusts.
        { tls: { implicit } },
        { implicitTls: implicit, requireTls: true },
      )
      expect(failed).toMatch(/^server: E(TLS|SOCKET|CONNECTION)/)
      expect(mails).toEqual([])
    },
  )

  test.skipIf(!hasOpenssl)(
    'a server with a trusted certificate gets the message, by both kinds of TLS',
    async () => {
      const trusted = getCACertificates('default')
      const { key, cert } = createCertificate()
      setDefaultCACertificates([...trusted, cert])
      onTestFinished(() => setDefaultCACertificates(trusted))
      for (const implicit of [true, false]) {
        const { failed, mails } = await failureAt(
          { tls: { implicit, key, cert }, login: { user: 'u', password: 'p' } },
          { implicitTls: implicit, requireTls: true, login: { user: 'u', password: 'p' } },
        )
        expect(failed).toBeUndefined()
        expect(mails.length).toBe(1)
      }
    },
  )

  test('a wrong login is a fault of the server, so that no mail becomes a dead letter', async () => {
    const { failed, check } = await failureAt(
      { login: { user: 'u', password: 'p' } },
      { login: { user: 'u', password: 'other' } },
    )
    expect(failed).toBe('server: EAUTH 535')
    await expect(check()).rejects.toThrow('EAUTH 535')
  })

  test.each([
    [450, 'retry: EENVELOPE 450'],
    [421, 'server: ECONNECTION 421'],
    [550, 'message: EENVELOPE 550'],
  ] as const)('a recipient that is refused with %i is the fault %j', async (code, fault) => {
    const { failed } = await failureAt({ refuseRecipient: () => ({ code, text: 'no' }) })
    expect(failed).toBe(fault)
  })

  test('a refused sender is a fault of the server, so that no mail becomes a dead letter', async () => {
    const { failed } = await failureAt({ refuseSender: () => ({ code: 550, text: 'not yours' }) })
    expect(failed).toBe('server: EENVELOPE 550')
  })

  test('a port without a server is a fault of the server', async () => {
    const { failed } = await failureAt({}, { port: await freePort() })
    expect(failed).toBe('server: ESOCKET ECONNREFUSED')
  })
})

test('a mail server that does not answer delays no request', async () => {
  // It accepts the connection and says nothing.
  const silent: Server = createServer()
  const connected = new Promise<void>((resolve) => silent.once('connection', () => resolve()))
  const port = await freePort()
  await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve))
  const slow = await testIssuer({
    keyEncryptionKeys,
    env: { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'no-reply@books.example' },
  })
  onTestFinished(async () => {
    await slow.close()
    silent.close()
  })
  await enqueue({}, slow)
  let isSending = true
  const work = slow.app.mailWork?.tick().finally(() => {
    isSending = false
  })
  await connected
  const user = await slow.user()
  for (const path of ['/readyz', '/login', '/metrics']) expect((await slow.send(path)).status, path).toBe(200)
  expect((await slow.json('/api/token', { email: user.email, password: user.password })).status).toBe(200)
  expect(isSending).toBe(true)
  silent.close()
  void work
})
