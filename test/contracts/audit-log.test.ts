import { expect, test } from 'vitest'
import type { AuditRecord } from '../../src/audit.ts'
import { randomToken } from '../../src/secrets.ts'
import { newUserId } from '../../src/users/user.ts'
import { testClock } from '../support/clock.ts'
import { atOnce, onLastingBackends } from './lasting-backends.ts'

const now = testClock().now()

const aRecord = (members: Partial<AuditRecord> = {}): AuditRecord => ({
  id: randomToken(16),
  at: now,
  type: 'login.succeeded',
  actor: 'user',
  ...members,
})

onLastingBackends('audit log', (stores) => {
  test('an audit record is returned exactly as it was stored, and absent members stay absent', async () => {
    const userId = newUserId()
    const full = aRecord({
      at: new Date(now.getTime() + 1),
      userId,
      clientId: 'web',
      sessionId: `${userId}.x`,
      familyId: randomToken(16),
      keyId: randomToken(),
      ip: '2001:db8::1',
      requestId: 'req-1',
      reason: "it's so\nnew line",
    })
    const bare = aRecord({ userId })
    await stores('auditLog').append([bare, full])
    expect(await stores('auditLog').list({ userId, limit: 10 })).toStrictEqual([full, bare])
  })

  test('audit records are listed newest first, and those of one moment in reverse order of arrival', async () => {
    const userId = newUserId()
    const [old, one, two, newest] = [-1, 0, 0, 1].map((offset) =>
      aRecord({ userId, at: new Date(now.getTime() + offset) }),
    )
    if (!old || !one || !two || !newest) throw new Error('The test needs four records.')
    await stores('auditLog').append([newest, one])
    await stores('auditLog').append([])
    await stores('auditLog').append([two, old])
    expect(await stores('auditLog').list({ userId, limit: 3 })).toStrictEqual([newest, two, one])
  })

  test('audit records are listed by type, by user, or by both', async () => {
    const userId = newUserId()
    const [login, logout] = [aRecord({ userId }), aRecord({ userId, type: 'logout' })]
    await stores('auditLog').append([login, logout, aRecord({ type: 'logout' })])
    const list = stores('auditLog').list
    expect(await list({ userId, type: 'logout', limit: 10 })).toStrictEqual([logout])
    expect(await list({ type: 'logout', limit: 10 })).toHaveLength(2)
    expect(await list({ userId: newUserId(), limit: 10 })).toEqual([])
  })

  test('20 concurrent appends of 10 records store each record once', async () => {
    const userId = newUserId()
    const records = Array.from({ length: 10 }, () => aRecord({ userId }))
    await atOnce(20, (index) => stores('auditLog').append(records.slice(index % 10, (index % 10) + 1)))
    const ids = (await stores('auditLog').list({ userId, limit: 100 })).map(({ id }) => id)
    expect(ids.sort()).toEqual(records.map(({ id }) => id).sort())
  })

  test('ten thousand audit records are stored in one append', async () => {
    const userId = newUserId()
    await stores('auditLog').append(Array.from({ length: 10_000 }, () => aRecord({ userId })))
    expect(await stores('auditLog').list({ userId, limit: 20_000 })).toHaveLength(10_000)
  })
})
