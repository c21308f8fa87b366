// The audit log: one line per event, no injection, no change afterwards, and no effect of a failing store.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { AuditEventType, AuditRecord } from '../../src/audit.ts'
import { createAuditTrail } from '../../src/audit-trail.ts'
import { testClock } from '../support/clock.ts'
import { testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

const trailOn = (append: (records: readonly AuditRecord[]) => Promise<void>) => {
  const [lines, lost]: [AuditRecord[], number[]] = [[], []]
  const clock = testClock()
  const trail = createAuditTrail({
    clock,
    auditLog: { append, list: async () => [] },
    log: (record) => void lines.push(record),
    lost: (count) => void lost.push(count),
  })
  return { trail, lines, lost, clock }
}

const event = { type: 'logout', actor: 'user', userId: 'usr_x' } as const

test('a failing audit store loses rows and counts them, but keeps the log lines (I5)', async () => {
  const { trail, lines, lost } = trailOn(async () => {
    throw new Error('disk full')
  })
  for (let count = 0; count < 3; count += 1) trail.record(event)
  await trail.flush()
  expect(lines).toHaveLength(3)
  expect(lost.reduce((sum, count) => sum + count, 0)).toBe(3)
})

test('a hanging audit store keeps a bounded queue in memory and counts the lost events (I5)', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const batches: number[] = []
  const { trail, lines, lost } = trailOn(async (records) => {
    await promise
    batches.push(records.length)
  })
  for (let count = 0; count < 10_100; count += 1) trail.record(event)
  expect(lines).toHaveLength(10_100)
  expect(lost.length).toBeGreaterThan(0)
  resolve()
  await trail.flush()
  expect(batches.reduce((sum, count) => sum + count, 0) + lost.length).toBe(10_100)
})

const strangersTypes: readonly AuditEventType[] = [
  'login.failed',
  'login.throttled',
  'registration.throttled',
  'client.authentication_failed',
  'client.throttled',
  'webhook.refused',
]

test('a flood by strangers becomes 100 rows of each type and one that counts the rest, in ten minutes (H13)', async () => {
  const rows: AuditRecord[] = []
  const { trail, lines, clock } = trailOn(async (records) => void rows.push(...records))
  const flood = () => {
    for (const type of strangersTypes)
      for (let count = 0; count < 1000; count += 1) trail.record({ type, actor: 'user', ip: '192.0.2.1' })
  }
  flood()
  clock.advance(599)
  flood()
  expect(lines).toHaveLength(2 * 1000 * strangersTypes.length)
  clock.advance(1)
  trail.record(event)
  await trail.flush()
  for (const type of strangersTypes) {
    const stored = rows.filter((row) => row.type === type)
    expect(stored).toHaveLength(101)
    expect(stored.at(-1)).toMatchObject({ actor: 'system', reason: '1900 more events, see the log' })
  }
  expect(rows.at(-1)?.type).toBe('logout')
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
})

test('a flood by strangers pushes no other event out of the queue of a hanging store (H13, I4)', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const rows: AuditRecord[] = []
  const { trail, lost } = trailOn(async (records) => {
    await promise
    rows.push(...records)
  })
  trail.record({ type: 'user.password_changed', actor: 'user', userId: 'usr_x' })
  trail.record(event)
  for (let count = 0; count < 20_000; count += 1) trail.record({ type: 'login.throttled', actor: 'user' })
  resolve()
  await trail.flush()
  expect(rows.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['user.password_changed', 'logout', 'login.throttled']),
  )
  expect(lost).toEqual([])
})

test('the rows that count a flood are stored when the process stops (I4)', async () => {
  const rows: AuditRecord[] = []
  const { trail } = trailOn(async (records) => void rows.push(...records))
  for (let count = 0; count < 105; count += 1) trail.record({ type: 'login.failed', actor: 'user' })
  await trail.flush()
  await trail.flush()
  expect(rows).toHaveLength(101)
  expect(rows.at(-1)?.reason).toBe('5 more events, see the log')
})

test('every audit event has its own id and a time in UTC (I5)', async () => {
  const { trail, lines } = trailOn(async () => {})
  trail.record(event)
  trail.record(event)
  expect(new Set(lines.map(({ id }) => id)).size).toBe(2)
  expect(lines[0]?.at.toISOString()).toMatch(/Z$/)
})

test('request data cannot break an audit line or add a member (I5)', async () => {
  const issuer = await testIssuer({ stores: memoryStores() })
  const nasty = 'x"}\n{"audit":{"type":"login.succeeded"'
  await issuer.json('/api/token', { email: nasty, password: nasty }, { 'user-agent': 'a\tb' })
  await issuer.form('/token', { client_id: nasty, grant_type: nasty })
  const agent = issuer.browser()
  await agent.get(`/authorize?client_id=${encodeURIComponent(nasty)}`)
  for (const line of issuer.logLines) {
    expect(line.trimEnd()).not.toContain('\n')
    expect(JSON.parse(line).audit?.type).not.toBe('login.succeeded')
  }
  await issuer.close()
})

test('the stores contain no statement that changes or deletes an audit event (I5)', () => {
  const folder = new URL('../../src/stores/', import.meta.url).pathname
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  ))
    expect(readFileSync(`${folder}${name}`, 'utf8'), name).not.toMatch(
      /(updateTable|deleteFrom)\('auditEvents'\)|(update|delete from) audit_events/i,
    )
})
