// Reads every row of every table to see what remains of a user who deleted their account.

import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kakaoPerson } from '../../fakes/kakao-people.ts'
import { openEmptySqlite } from '../../harness/empty-database.ts'
import type { SqlDatabase } from '../../src/stores/sql/connection.ts'
import { createSqlExpiringStores, createSqlLastingStores } from '../../src/stores/sql/sql-stores.ts'
import { through } from '../support/upstream.ts'
import { type WebhookIssuer, webhookIssuer } from '../support/webhook-issuer.ts'

let database: SqlDatabase
let issuer: WebhookIssuer
beforeAll(async () => {
  database = await openEmptySqlite()
  issuer = await webhookIssuer({
    stores: {
      ...createSqlLastingStores(database.db),
      ...createSqlExpiringStores(database.db),
      changes: database.changes,
    },
  })
})
afterAll(async () => {
  await issuer.stop()
  await database.close()
})

/** The tables that have a row with this text. */
const tablesWith = async (text: string): Promise<string[]> => {
  await issuer.app.auditTrail.flush()
  const { rows: tables } = await sql<{ name: string }>`
    select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by 1`.execute(
    database.db,
  )
  const found: string[] = []
  for (const { name } of tables) {
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(database.db)
    if (rows.some((row) => JSON.stringify(row).includes(text))) found.push(name)
  }
  return found
}

test('a deleted account leaves no personal data, and its opaque id only where tokens need it (I11)', async () => {
  const subject = '8675309000'
  const [email, name] = ['leaving-person@kakao.example', '떠나는사람']
  issuer.kakao.people.push(kakaoPerson({ id: Number(subject), nickname: name, email }))
  const agent = issuer.browser()
  await through(agent, 'kakao', subject)
  const { userId = '' } = (await issuer.stores.identities.find('kakao', subject)) ?? {}
  const client = await issuer.client({ firstParty: false })
  await issuer.stores.consents.grant({
    userId,
    clientId: client.id,
    scopes: client.scopes,
    grantedAt: issuer.clock.now(),
  })
  await issuer.tokens(client, { id: userId, email, password: '' }, {}, agent)
  await issuer.kakao.sendEvent(issuer.address('/webhooks/kakao/events'), {
    type: 'account-enabled',
    person: subject,
  })
  await issuer.app.signals.tick()
  expect(await tablesWith(email)).toContain('users')
  expect(await tablesWith(subject)).toEqual(['identities'])
  expect(await tablesWith(userId)).toContain('consents')

  expect((await agent.submit('/account/delete', { sure: 'yes' })).status).toBe(200)
  expect(await tablesWith(subject)).toEqual(['disconnect_requests'])
  await issuer.app.disconnectRequestWork.tick()
  for (const text of [email, name, subject]) expect(await tablesWith(text), text).toEqual([])
  // The mail about the deletion waits in `mails`. Its content is encrypted, and the row goes when it is sent.
  const opaque = ['audit_events', 'authorization_codes', 'blacklist', 'mails', 'refresh_families']
  expect(await tablesWith(userId)).toEqual(opaque)
})
