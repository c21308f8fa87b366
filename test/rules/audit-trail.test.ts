// The audit log: one line per event, no injection, no change afterwards, and no effect of a failing store.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type AuditRecord, createAuditTrail } from '../../src/audit.ts'
import { testClock } from '../support/clock.ts'
import { testIssuer } from '../support/issuer.ts'
import { memoryStores } from '../support/memory/memory-stores.ts'

const trailOn = (append: (records: readonly AuditRecord[]) => Promise<void>) => {
  const [lines, lost]: [AuditRecord[], number[]] = [[], []]
  const trail = createAuditTrail({
    clock: testClock(),
    auditLog: { append, list: async () => [] },
    log: (record) => void lines.push(record),
    lost: (count) => void lost.push(count),
  })
  return { trail, lines, lost }
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
