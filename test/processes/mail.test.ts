// A server process that is killed at any step of a delivery loses no mail.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Installation, newInstallation, type Served } from '../../harness/installation.ts'
import { type MailServer, type MailStep, startMailServer } from '../../harness/mail-server.ts'
import { systemClock } from '../../src/clock.ts'
import { loadLocalKeyEncryptionKey } from '../../src/encryption/local-key-file.ts'
import { createRecordSealing } from '../../src/encryption/sealing.ts'
import { createComposeMail } from '../../src/mail/compose.ts'
import { openSql, type SqlDatabase } from '../../src/stores/sql/connection.ts'
import { insertMail } from '../../src/stores/sql/mail-queue.ts'

let installation: Installation
let mailServer: MailServer
let database: SqlDatabase
let served: Served
/** At this step the server process is killed. `accept`: the mail server then accepts the message. */
let killAt: { step: MailStep; accept: boolean } | undefined
let killed = Promise.withResolvers<void>()

const kill = async (step: MailStep) => {
  if (killAt?.step !== step) return
  const { accept } = killAt
  killAt = undefined
  await served.stop('SIGKILL')
  killed.resolve()
  if (!accept) throw new Error('The client is gone.')
}

const start = async () => {
  killed = Promise.withResolvers()
  served = await installation.serve()
}

const enqueue = async (to: string) => {
  const sealing = createRecordSealing(
    await loadLocalKeyEncryptionKey(join(installation.folder, 'keys')),
    'mail',
  )
  const mail = createComposeMail({ sealing, clock: systemClock })({ kind: 'test', to, locale: 'ko' })
  await insertMail(database.db, mail)
  return mail.id
}

/** The end of a lease, for which no test waits. */
const endLeases = () =>
  database.db
    .updateTable('mails')
    .set({ dueAt: new Date(0) })
    .execute()
const rows = () => database.db.selectFrom('mails').select('id').execute()
const copiesFor = (to: string) => mailServer.mails.filter((mail) => mail.to.includes(to))

beforeAll(async () => {
  mailServer = await startMailServer({ beforeAnswer: kill })
  installation = await newInstallation({
    SMTP_URL: `smtp://127.0.0.1:${mailServer.port}`,
    MAIL_FROM: 'Example <no-reply@example.com>',
  })
  database = await openSql({ dataDir: join(installation.folder, 'data') })
}, 120_000)
afterAll(async () => {
  await database?.close()
  await installation?.remove()
  await mailServer?.close()
})

test('a mail arrives once, although the server is killed after the lease and before the acceptance', async () => {
  const id = await enqueue('kim@example.com')
  // The lease is stored at the first of these steps. At the second one the whole message was sent.
  for (const step of ['connection', 'message'] as const) {
    killAt = { step, accept: false }
    await start()
    await killed.promise
    expect(await rows(), step).toEqual([{ id }])
    expect(copiesFor('kim@example.com'), step).toEqual([])
    await endLeases()
  }
  await start()
  const mail = await mailServer.next('kim@example.com')
  expect(mail.headers['message-id']).toBe(`<${id}@example.com>`)
  await expect.poll(rows, { timeout: 20_000 }).toEqual([])
  expect(copiesFor('kim@example.com').length).toBe(1)
  expect(served.output()).not.toContain('kim@')
}, 60_000)

test('a mail arrives twice with the same Message-ID if the server is killed after the mail was accepted', async () => {
  killAt = { step: 'message', accept: true }
  const id = await enqueue('lee@example.com')
  await killed.promise
  expect(await rows()).toEqual([{ id }])
  await endLeases()
  await start()
  await expect.poll(rows, { timeout: 20_000 }).toEqual([])
  const copies = copiesFor('lee@example.com')
  expect(copies.map(({ headers }) => headers['message-id'])).toEqual(Array(2).fill(`<${id}@example.com>`))
}, 60_000)
