// The port ProviderSignals on SQL. Never in Redis: an acknowledged signal must not be lost.
import { sql } from 'kysely'
import type { ProviderSignal, ProviderSignals } from '../../identities/signals.ts'
import type { Db } from './connection.ts'
import { differencesOf } from './differences.ts'

type LeasedRow = ProviderSignal & { position: string | number | bigint }

export const createSqlProviderSignals = (db: Db): ProviderSignals => ({
  enqueue: async (signal) => {
    const row = await db
      .insertInto('providerSignals')
      .values(signal)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst()
    return row === undefined ? 'duplicate' : 'enqueued'
  },
  lease: async (limit, now, leaseUntil) => {
    // Skip rows that another worker is leasing, and do not wait for them.
    const { rows } = await sql<LeasedRow>`
      with due as materialized (
        select waiting.position from provider_signals waiting
        where waiting.done_at is null and (waiting.leased_until is null or waiting.leased_until <= ${now})
          and not exists (
            select 1 from provider_signals earlier
            where earlier.done_at is null and earlier.provider = waiting.provider
              and earlier.subject = waiting.subject and earlier.position < waiting.position)
        order by waiting.position limit ${limit} ${differencesOf(db).skipLocked})
      update provider_signals set leased_until = ${leaseUntil}
      where position in (select position from due)
      returning position, id, provider, subject, action, occurred_at, received_at`.execute(db)
    return rows
      .sort((a, b) => Number(a.position) - Number(b.position))
      .map(({ position: _, ...signal }) => signal)
  },
  // The row stays to detect duplicates. The subject is personal data, so it is removed.
  done: async (id, now) => {
    await db
      .updateTable('providerSignals')
      .set({ doneAt: now, subject: '', leasedUntil: null })
      .where('id', '=', id)
      .where('doneAt', 'is', null)
      .execute()
  },
})
