// Users, roles, and the roles of each user. Keys are compared byte by byte (collate "C"),
// so that the order is the same on every server.
import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  const { flag, json, key, time } = columnTypes(db)
  await sql`
    create table users (
      id ${key} primary key,
      email ${key},
      email_verified ${flag} not null,
      username text,
      username_key ${key},
      name text,
      locale text,
      password_hash text,
      claims ${json} not null,
      onboarded ${flag} not null,
      disabled_at ${time},
      tokens_valid_after ${time},
      created_at ${time} not null,
      updated_at ${time} not null
    )`.execute(db)
  // PostgreSQL checks unique indexes in this order. If both clash, the e-mail address is reported.
  await sql`create unique index users_email_key on users (email)`.execute(db)
  await sql`create unique index users_username_key on users (username_key)`.execute(db)
  await sql`create table roles (name ${key} primary key, scopes ${json} not null)`.execute(db)
  await sql`
    create table user_roles (
      user_id ${key} not null references users on delete cascade,
      role ${key} not null references roles on delete cascade,
      position integer not null,
      primary key (user_id, role)
    )`.execute(db)
  await sql`create index user_roles_role on user_roles (role)`.execute(db)
  await sql`insert into roles (name, scopes) values ('user', '[]')`.execute(db)
}
