#!/bin/sh
# Does what the entry points of the official images `postgres`, `redis` and `nginx` do, as far as the tests
# and compose.yaml need it.
set -eu
if [ -z "${POSTGRES_USER:-}" ]; then
  [ $# -gt 0 ] || set -- nginx -g 'daemon off;'
  exec "$@"
fi

data=/var/lib/postgresql/data
programs=$(echo /usr/lib/postgresql/*/bin)
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups "$@"; }
for folder in "$data" /run/postgresql; do
  mkdir -p "$folder" && chown postgres:postgres "$folder" && chmod 700 "$folder"
done
if [ ! -e "$data/PG_VERSION" ]; then
  password=${POSTGRES_PASSWORD:-$(cat "${POSTGRES_PASSWORD_FILE:-}")}
  echo "$password" > "$data.password"
  chown postgres "$data.password"
  as_postgres "$programs/initdb" --username="$POSTGRES_USER" --pwfile="$data.password" --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C --no-sync --pgdata="$data" >/dev/null
  rm "$data.password"
  echo 'host all all all scram-sha-256' >> "$data/pg_hba.conf"
  # The official image also starts twice: once to create the database, then to serve.
  as_postgres "$programs/pg_ctl" --pgdata="$data" --wait --options="-c listen_addresses=''" start
  if [ "${POSTGRES_DB:-postgres}" != postgres ]; then
    PGPASSWORD=$password as_postgres psql --username="$POSTGRES_USER" --dbname=postgres \
      --command="create database $POSTGRES_DB"
  fi
  as_postgres "$programs/pg_ctl" --pgdata="$data" --wait --mode=fast stop
fi
[ "${1:-}" != postgres ] || shift
exec setpriv --reuid=postgres --regid=postgres --init-groups \
  "$programs/postgres" -D "$data" -c listen_addresses='*' "$@"
