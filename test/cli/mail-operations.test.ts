// mail list, retry and test, and the findings of doctor about mails, with a real mail server.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../harness/free-port.ts'
import { type MailServer, startMailServer } from '../../harness/mail-server.ts'
import { createRecordSealing } from '../../src/encryption/sealing.ts'
import { createComposeMail } from '../../src/mail/compose.ts'
import { type TestIssuer, type TestIssuerOptions, testIssuer } from '../support/issuer.ts'

const MAIL_FROM = 'Example <no-reply@example.com>'
const keyEncryptionKeys = [randomBytes(32)]

const startIssuer = async (options: TestIssuerOptions): Promise<TestIssuer> => {
  const issuer = await testIssuer({ keyEncryptionKeys, ...options })
  onTestFinished(() => issuer.close())
  return issuer
}

const enqueue = async ({ clock, stores }: TestIssuer, to: string): Promise<string> => {
  const compose = createComposeMail({ sealing: createRecordSealing(keyEncryptionKeys, 'mail'), clock })
  const mail = compose({ kind: 'password_changed', to, locale: 'en', userId: 'usr_1' })
  await stores.mailQueue.enqueue(mail)
  return mail.id
}

const events = async ({ stores }: TestIssuer) =>
  (await stores.auditLog.list({ limit: 100 })).map(({ type, actor, reason }) => ({ type, actor, reason }))

const mailFindings = async ({ app }: TestIssuer) =>
  (await app.operations['doctor.report']()).filter(({ check }) => check.startsWith('mail'))

let server: MailServer
let refuses = false
beforeAll(async () => {
  server = await startMailServer({
    login: { user: 'dojang', password: 'right' },
    refuseRecipient: () => (refuses ? { code: 550, text: '5.7.1 refused' } : undefined),
  })
})
afterAll(() => server.close())

const withServer = (password = 'right') =>
  startIssuer({ env: { SMTP_URL: `smtp://dojang:${password}@127.0.0.1:${server.port}`, MAIL_FROM } })

describe('mail test', () => {
  test('mail test sends one mail at once, in the language of the terminal, and is audited', async () => {
    const issuer = await withServer()
    const tested = await issuer.app.operations['mail.test']({ address: 'kim@example.com', language: 'ko' })
    expect(tested).toEqual({ outcome: 'sent' })
    expect((await server.next('kim@example.com')).headers.subject).toBe('[Example] 시험 메일')
    expect(await events(issuer)).toEqual([{ type: 'mail.tested', actor: 'admin', reason: 'accepted' }])
  })

  test('mail test says why the mail server refused, and what to check', async () => {
    const issuer = await withServer('wrong')
    const address = 'kim@example.com'
    await expect(issuer.app.operations['mail.test']({ address, language: 'en' })).rejects.toThrow(
      'The mail server did not accept the mail (EAUTH 535). Check the user and the password in SMTP_URL.',
    )
    expect(await events(issuer)).toEqual([{ type: 'mail.tested', actor: 'admin', reason: 'EAUTH 535' }])
  })

  test('mail test shows its mail at /dev/mail on a local issuer without a mail server', async () => {
    const issuer = await startIssuer({})
    const tested = await issuer.app.operations['mail.test']({ address: 'kim@example.com', language: 'en' })
    expect(tested).toEqual({ outcome: 'queued', page: `${issuer.url}/dev/mail` })
    await issuer.app.mailWork?.tick()
    expect((await issuer.send('/dev/mail')).body).toContain('Test email from 127.0.0.1')
  })

  test('mail test refuses without a mail server, and an address that is none', async () => {
    const open = await startIssuer({ env: { ISSUER: 'https://id.example.com' } })
    const { 'mail.test': mailTest } = open.app.operations
    await expect(mailTest({ address: 'kim@example.com', language: 'en' })).rejects.toThrow(/Set SMTP_URL/)
    for (const address of ['kim', 'a@example.com, b@example.com', 'a@example.com\r\nBcc: b@example.com'])
      await expect(mailTest({ address, language: 'en' })).rejects.toThrow(/must be an e-mail address/)
    expect(await open.stores.mailQueue.list(1)).toEqual([])
  })
})

describe('mail list and mail retry', () => {
  test('mail list shows a dead letter with codes and no address, and mail retry sends it', async () => {
    const issuer = await withServer()
    const { operations } = issuer.app
    refuses = true
    const id = await enqueue(issuer, 'lee@example.com')
    await issuer.app.mailWork?.tick()
    refuses = false
    const listed = await operations['mail.list']()
    expect(listed).toMatchObject([
      { id, kind: 'password_changed', user: 'usr_1', state: 'failed', attempts: 1, due_at: null },
    ])
    expect(listed[0]?.last_error).toBe('EENVELOPE 550 5.7.1')
    expect(JSON.stringify(listed)).not.toContain('lee@')

    expect(await operations['mail.retry']({ id })).toEqual({ retried: 1 })
    await expect(operations['mail.retry']({ id })).rejects.toThrow(/There is no dead letter/)
    await issuer.app.mailWork?.tick()
    expect((await server.next('lee@example.com')).headers.subject).toBe(
      'Your password at Example was changed',
    )
    expect(await operations['mail.list']()).toEqual([])
    expect(await events(issuer)).toContainEqual({ type: 'mail.retried', actor: 'admin', reason: id })
  })

  test('mail retry --all makes every dead letter due, and mail retry needs an id or --all', async () => {
    const issuer = await withServer()
    const { operations } = issuer.app
    refuses = true
    for (const name of ['a', 'b', 'c']) await enqueue(issuer, `${name}@example.com`)
    await issuer.app.mailWork?.tick()
    refuses = false
    expect(await operations['mail.retry']({ all: true })).toEqual({ retried: 3 })
    expect(await issuer.stores.mailQueue.state()).toMatchObject({ waiting: 3, failed: 0 })
    for (const input of [{}, { id: 'x', all: true }])
      await expect(operations['mail.retry'](input)).rejects.toThrow(/either/)
  })
})

describe('doctor', () => {
  test('doctor finds a mail server that accepts the login', async () => {
    expect(await mailFindings(await withServer())).toEqual([
      { check: 'mail', status: 'ok', message: 'The mail server answers and accepts the login.' },
    ])
  })

  test.each([
    ['a wrong password', () => withServer('wrong'), /EAUTH 535/, /user and the password/],
    [
      'no server at the port',
      async () => startIssuer({ env: { SMTP_URL: `smtp://127.0.0.1:${await freePort()}`, MAIL_FROM } }),
      /ECONNREFUSED/,
      /host and the port/,
    ],
  ])(
    'doctor reports %s as a fault, with advice and without a secret',
    async (_what, start, message, advice) => {
      const [finding] = await mailFindings(await start())
      expect(finding).toMatchObject({
        status: 'fault',
        message: expect.stringMatching(message),
        advice: expect.stringMatching(advice),
      })
      expect(JSON.stringify(finding)).not.toContain('wrong')
    },
  )

  test.each([
    ['https://id.example.com', 'No mail server is configured, so nothing that needs a mail is offered.'],
    ['http://localhost:4000', /shows its mails at http:\/\/localhost:4000\/dev\/mail/],
  ])('doctor says what happens to mails without a mail server at %s', async (ISSUER, message) => {
    const [finding] = await mailFindings(await startIssuer({ env: { ISSUER } }))
    expect(finding?.status).toBe('note')
    expect(finding?.message).toMatch(message)
  })

  test('doctor warns about dead letters, and about mails that wait for more than ten minutes', async () => {
    const issuer = await withServer()
    refuses = true
    for (const name of ['a', 'b']) await enqueue(issuer, `${name}@example.com`)
    await issuer.app.mailWork?.tick()
    refuses = false
    await enqueue(issuer, 'c@example.com')
    issuer.clock.advance(599)
    expect((await mailFindings(issuer)).slice(1)).toEqual([
      {
        check: 'mail queue',
        status: 'warning',
        message: '2 mails were not sent, and are not tried again.',
        advice: 'See "dojang mail list". Repair the cause, then run "dojang mail retry --all".',
      },
    ])
    issuer.clock.advance(1)
    expect((await mailFindings(issuer)).at(-1)?.message).toBe('1 mail waits, the oldest for 10 min.')
  })
})
