// The admin operations on APIs: the texts of scopes for the consent page.
import { describe, expect, test } from 'vitest'
import type { OperationName } from '../../src/admin/operations.ts'
import { callOperation } from '../support/call-operation.ts'
import { useIssuer } from '../support/use-issuer.ts'

const issuer = useIssuer()

const run = (name: OperationName, input?: object) =>
  callOperation(issuer.app.operations, name, input) as Promise<Record<string, unknown>>

let count = 0
const api = async (members: object = {}) => {
  count += 1
  const audience = `https://api-${count}.example`
  const created = await run('apis.create', { audience, scopes: ['orders:read', 'orders:write'], ...members })
  const update = (change: object) => run('apis.update', { audience, ...change })
  return { created, update }
}

const read = { scopeKo: ['orders:read=주문 내역 보기'], scopeEn: ['orders:read=See your orders'] }
const readTexts = { 'orders:read': { ko: '주문 내역 보기', en: 'See your orders' } }

describe('the texts of scopes', () => {
  test('are stored for both languages, and stay when other settings change', async () => {
    const { created, update } = await api(read)
    expect(created.scope_texts).toEqual(readTexts)
    expect((await update({ name: 'Shop' })).scope_texts).toEqual(readTexts)
    const write = { scopeKo: ['orders:write=주문하기'], scopeEn: ['orders:write=Place orders'] }
    expect((await update(write)).scope_texts).toEqual({
      ...readTexts,
      'orders:write': { ko: '주문하기', en: 'Place orders' },
    })
  })

  test('of one language can be changed alone, once both exist', async () => {
    const { update } = await api(read)
    const change = { scopeEn: ['orders:read=Look at your orders = all of them'] }
    expect((await update(change)).scope_texts).toEqual({
      'orders:read': { ko: '주문 내역 보기', en: 'Look at your orders = all of them' },
    })
  })

  test('go with their scope, and with --clear scope-texts', async () => {
    const { update } = await api(read)
    expect((await update({ scopes: ['orders:write'] })).scope_texts).toEqual({})
    const other = await api(read)
    expect((await other.update({ clear: ['scopes'] })).scope_texts).toEqual({})
    const third = await api(read)
    expect((await third.update({ clear: ['scope-texts'] })).scope_texts).toEqual({})
  })

  test.each([
    [{ scopeKo: ['orders:read=보기'] }, /"orders:read" has no text in English\. Give it with "scopeEn"/],
    [{ scopeEn: ['orders:read=See'] }, /"orders:read" has no text in Korean\. Give it with "scopeKo"/],
    [{ scopeKo: ['news:read=보기'], scopeEn: ['news:read=See'] }, /The API has no scope "news:read"/],
    [{ scopeKo: ['orders:read'] }, /Write "orders:read" as SCOPE=TEXT/],
    [{ scopeKo: ['=보기'] }, /as SCOPE=TEXT/],
    [{ scopeEn: ['orders:read= '] }, /must have 1 to 100 characters/],
    [{ scopeEn: ['orders:read=\u200b'] }, /one of them visible/],
    [{ scopeEn: [`orders:read=${'x'.repeat(101)}`] }, /must have 1 to 100 characters/],
    [{ scopeEn: ['orders:read=See \u202esredro'] }, /none that controls the direction of text/],
  ])('%j is refused, and the API keeps its texts', async (change, message) => {
    const { update } = await api()
    await expect(update(change)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(message),
    })
    expect((await update({})).scope_texts).toEqual({})
  })
})
