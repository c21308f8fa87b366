import { expect, test } from 'vitest'
import { openEmptySqlite } from '../../harness/empty-database.ts'
import { newEmailLink } from '../../src/email-links/email-link.ts'
import { randomToken } from '../../src/secrets.ts'
import { createSqlExpiringStores, createSqlLastingStores, tidy } from '../../src/stores/sql/sql-stores.ts'
import { aCode, aFamily, aLinkConfirmation, aSession, at, aUser } from './records.ts'

test('tidy deletes expired records, keeps codes one hour longer and keeps audit events', async () => {
  const { db, close } = await openEmptySqlite()
  const { sessions, refreshTokens, authorizationCodes, usedOnce, linkConfirmations, blacklist, throttle } =
    createSqlExpiringStores(db)
  const { auditLog, emailLinks, users } = createSqlLastingStores(db)
  const end = { expiresAt: at(100) }
  const budget = { key: randomToken(), burst: 1, refillSeconds: 100 }
  const [session, family] = [aSession(end), aFamily(end)]
  const [code, confirmation] = [aCode(end), aLinkConfirmation(end)]
  const user = aUser({ email: 'kim@example.com' })
  const { link } = newEmailLink('confirm_email', user, 'kim@example.com', { now: () => at(100 - 3600) })
  const kept = async () => ({
    session: (await sessions.find(session.id)) !== undefined,
    family: (await refreshTokens.find(family.id)) !== undefined,
    used: await usedOnce.isUsed('request:x'),
    code: (await authorizationCodes.find(code.codeHash)) !== undefined,
    budget: (await db.selectFrom('throttleBudgets').select('key').execute()).length > 0,
    network: (await db.selectFrom('knownNetworks').select('network').execute()).length > 0,
    confirmation: (await linkConfirmations.find(confirmation.idHash)) !== undefined,
    link: (await emailLinks.find(link.tokenHash)) !== undefined,
    blacklist: (await db.selectFrom('blacklist').select('value').execute()).length > 0,
    audit: (await auditLog.list({ limit: 10 })).length > 0,
  })
  await sessions.start(session, 10)
  await refreshTokens.start(family)
  await usedOnce.use('request:x', at(0), end.expiresAt)
  await authorizationCodes.issue(code)
  await throttle.take({ budgets: [budget] }, at(0))
  await throttle.settle({ remember: { userId: session.userId, network: 'x', until: at(100) } }, at(0))
  await linkConfirmations.request(confirmation)
  await users.create(user)
  await emailLinks.issue(link, { id: 'x', kind: 'test', sealed: 'x', createdAt: at(0) })
  await blacklist.add({ kind: 'jti', value: 'x', revokedAt: at(0), ...end })
  await auditLog.append([{ id: randomToken(), at: at(0), type: 'logout', actor: 'user' }])

  const all = await kept()
  expect(Object.values(all).every((each) => each)).toBe(true)
  await tidy(db, at(99))
  expect(await kept()).toEqual(all)
  await tidy(db, at(100))
  const none = Object.fromEntries(Object.keys(all).map((name) => [name, false]))
  expect(await kept()).toEqual({ ...none, code: true, audit: true })
  await tidy(db, at(100 + 3600))
  expect(await kept()).toEqual({ ...none, audit: true })
  await close()
})

test('tidy deletes a provider signal 90 days after it was done, and keeps one that is not done', async () => {
  const { db, close } = await openEmptySqlite()
  const { providerSignals } = createSqlLastingStores(db)
  const signal = (id: string) => ({
    id,
    provider: 'kakao',
    subject: id,
    action: 'end_sessions' as const,
    occurredAt: at(0),
    receivedAt: at(0),
  })
  for (const id of ['done', 'waiting']) await providerSignals.enqueue(signal(id))
  await providerSignals.done('done', at(10))
  const kept = () => db.selectFrom('providerSignals').select(['id', 'subject']).orderBy('id').execute()

  await tidy(db, at(10 + 90 * 86_400 - 1))
  expect(await kept()).toEqual([
    { id: 'done', subject: '' },
    { id: 'waiting', subject: 'waiting' },
  ])
  await tidy(db, at(10 + 90 * 86_400))
  expect(await kept()).toEqual([{ id: 'waiting', subject: 'waiting' }])
  await close()
})

test('tidy deletes a dead letter 30 days after the last attempt, and keeps a mail that waits', async () => {
  const { db, close } = await openEmptySqlite()
  const { mailQueue } = createSqlLastingStores(db)
  for (const id of ['waiting', 'dead'])
    await mailQueue.enqueue({ id, kind: 'test', sealed: 'x', createdAt: at(0) })
  await mailQueue.giveUp('dead', at(100), '550')
  const kept = async () => (await mailQueue.list(10)).map(({ id }) => id)
  await tidy(db, at(99 + 30 * 86_400))
  expect(await kept()).toEqual(['dead', 'waiting'])
  await tidy(db, at(100 + 30 * 86_400))
  expect(await kept()).toEqual(['waiting'])
  await close()
})
