// Users, roles, and the roles of each user. Keys are compared byte by byte (collate "C"),
// so that the order is the same on every server.
import { type Kysely, sql } from 'kysely'

export const up = async (db: Kysely<unknown>): Promise<void> => {
  await sql`
    create table users (
      id text collate "C" primary key,
      email text collate "C",
      email_verified boolean not null,
      username text,
      username_key text collate "C",
      name text,
      locale text,
      password_hash text,
      claims jsonb not null,
      onboarded boolean not null,
      disabled_at timestamptz,
      tokens_valid_after timestamptz,
      created_at timestamptz not null,
      updated_at timestamptz not null
    )`.execute(db)
  // PostgreSQL checks unique indexes in this order. If both clash, the e-mail address is reported.
  await sql`create unique index users_email_key on users (email)`.execute(db)
  await sql`create unique index users_username_key on users (username_key)`.execute(db)
  await sql`create table roles (name text collate "C" primary key, scopes jsonb not null)`.execute(db)
  await sql`
    create table user_roles (
      user_id text collate "C" not null references users on delete cascade,
      role text collate "C" not null references roles on delete cascade,
      position integer not null,
      primary key (user_id, role)
    )`.execute(db)
  await sql`create index user_roles_role on user_roles (role)`.execute(db)
  await sql`insert into roles (name, scopes) values ('user', '[]')`.execute(db)
}
