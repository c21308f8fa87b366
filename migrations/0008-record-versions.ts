// Counts the changes of records that processes keep in memory. Triggers count, so that no write is forgotten:
// neither one of an older version nor one by hand. On PostgreSQL they also notify the listening processes.
import { type Kysely, sql } from 'kysely'
import { columnTypes, isSqlite } from './column-types.ts'

const tables = { apis: 'apis', clients: 'clients', keys: 'signing_keys' }

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { key, whole } = columnTypes(db)
  await sql`create table record_versions (topic ${key} primary key, version ${whole} not null)`.execute(db)
  if (!isSqlite(db))
    await sql`
      create function count_record_change() returns trigger language plpgsql as $$
      declare counted bigint;
      begin
        update record_versions set version = version + 1 where topic = tg_argv[0] returning version into counted;
        perform pg_notify('dojang_changes', tg_argv[0] || ' ' || counted);
        return null;
      end $$`.execute(db)
  for (const [topic, table] of Object.entries(tables)) {
    const [name, on] = [sql.lit(topic), sql.table(table)]
    await sql`insert into record_versions (topic, version) values (${name}, 0)`.execute(db)
    if (!isSqlite(db)) {
      await sql`
        create trigger count_change after insert or update or delete on ${on}
        for each statement execute function count_record_change(${name})`.execute(db)
      continue
    }
    for (const event of ['insert', 'update', 'delete'])
      await sql`
        create trigger ${sql.id(`count_${topic}_${event}`)} after ${sql.raw(event)} on ${on} begin
          update record_versions set version = version + 1 where topic = ${name};
        end`.execute(db)
  }
}
