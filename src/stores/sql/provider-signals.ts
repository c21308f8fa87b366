// The port ProviderSignals on SQL. Always SQL, also beside Redis: a signal that was answered must not be lost.
import { sql } from 'kysely'
import type { ProviderSignal, ProviderSignals } from '../../identities/signals.ts'
import type { Db } from './connection.ts'

type ClaimedRow = ProviderSignal & { position: string | number | bigint }

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
    // Rows that another worker is taking right now are passed over, not waited for.
    const { rows } = await sql<ClaimedRow>`
      with due as materialized (
        select waiting.position from provider_signals waiting
        where waiting.done_at is null and (waiting.leased_until is null or waiting.leased_until <= ${now})
          and not exists (
            select 1 from provider_signals earlier
            where earlier.done_at is null and earlier.provider = waiting.provider
              and earlier.subject = waiting.subject and earlier.position < waiting.position)
        order by waiting.position limit ${limit} for update skip locked)
      update provider_signals taken set leased_until = ${leaseUntil}
      from due where taken.position = due.position
      returning taken.position, taken.id, taken.provider, taken.subject, taken.action, taken.occurred_at,
        taken.received_at`.execute(db)
    return rows
      .sort((a, b) => Number(a.position) - Number(b.position))
      .map(({ position: _, ...signal }) => signal)
  },
  done: async (id, now) => {
    await db
      .updateTable('providerSignals')
      .set({ doneAt: now, subject: '', leasedUntil: null })
      .where('id', '=', id)
      .where('doneAt', 'is', null)
      .execute()
  },
})
