-- The tables of @auth/pg-adapter that a session in a cookie needs, with the columns of this application.
create table users (
  id serial primary key,
  name varchar(255),
  email varchar(255),
  "emailVerified" timestamptz,
  image text,
  password_hash text,
  role text not null default 'user',
  active boolean not null default true
);
create table accounts (
  id serial primary key,
  "userId" integer not null references users (id),
  type varchar(255) not null,
  provider varchar(255) not null,
  "providerAccountId" varchar(255) not null,
  refresh_token text,
  access_token text,
  expires_at bigint,
  id_token text,
  scope text,
  session_state text,
  token_type text
);
