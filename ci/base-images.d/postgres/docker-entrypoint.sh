#!/usr/bin/env bash
# Makes a database on the first start, then runs the server as the user postgres.
#
# POSTGRES_PASSWORD (needed, or POSTGRES_HOST_AUTH_METHOD=trust), POSTGRES_USER, POSTGRES_DB,
# POSTGRES_INITDB_ARGS; the first four also as NAME_FILE. *.sh, *.sql and *.sql.gz of
# /docker-entrypoint-initdb.d run once, in their order, while the server listens on its socket only.
set -Eeuo pipefail

# NAME from the environment, or from the file that NAME_FILE names, or the default.
setting() {
  local name=$1 default=${2:-} file=${1}_FILE
  if [[ -n ${!name:-} && -n ${!file:-} ]]; then
    echo >&2 "error: both $name and $file are set, and only one may be"
    exit 1
  fi
  if [[ -n ${!name:-} ]]; then
    export "$name=${!name}"
  elif [[ -n ${!file:-} ]]; then
    export "$name=$(<"${!file}")"
  else
    export "$name=$default"
  fi
  unset "$file"
}

refuse_without_password() {
  [[ -z $POSTGRES_PASSWORD && $POSTGRES_HOST_AUTH_METHOD != trust ]] || return 0
  cat >&2 <<'TEXT'
Error: Database is uninitialized and superuser password is not specified.
       Set POSTGRES_PASSWORD to a non-empty value for the superuser, for example
       "-e POSTGRES_PASSWORD=password" on "docker run".
       POSTGRES_HOST_AUTH_METHOD=trust allows all connections without a password; do not use it
       where anyone else can connect.
TEXT
  exit 1
}

query() {
  PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$POSTGRES_USER" "$@"
}

make_database() {
  local arguments=()
  read -ra arguments <<<"${POSTGRES_INITDB_ARGS:-}"
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") "${arguments[@]}"
  printf '\nhost all all all %s\n' \
    "${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption)}" >>"$PGDATA/pg_hba.conf"
}

run_scripts() {
  local script
  for script in /docker-entrypoint-initdb.d/*; do
    case $script in
      *.sh)
        echo "$0: running $script"
        # shellcheck source=/dev/null
        if [[ -x $script ]]; then "$script"; else . "$script"; fi
        ;;
      *.sql)
        echo "$0: running $script"
        query --dbname "$POSTGRES_DB" -f "$script"
        ;;
      *.sql.gz)
        echo "$0: running $script"
        gunzip -c "$script" | query --dbname "$POSTGRES_DB"
        ;;
      '/docker-entrypoint-initdb.d/*') ;;
      *) echo "$0: ignoring $script" ;;
    esac
  done
}

first_start() {
  refuse_without_password
  make_database
  # psql must not be asked for the password while the scripts run.
  export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
  pg_ctl -D "$PGDATA" -o "$(printf '%q ' "$@" -c listen_addresses= -p "${PGPORT:-5432}")" -w start
  if [[ $POSTGRES_DB != postgres ]]; then
    query --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
  fi
  run_scripts
  pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGPASSWORD
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

[[ ${1:-} != -* ]] || set -- postgres "$@"

if [[ ${1:-} == postgres ]]; then
  mkdir -p "$PGDATA"
  if [[ $(id -u) == 0 ]]; then
    chmod 700 "$PGDATA"
    mkdir -p /var/run/postgresql
    find "$PGDATA" /var/run/postgresql ! -user postgres -exec chown postgres '{}' +
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- env HOME=/var/lib/postgresql \
      "${BASH_SOURCE[0]}" "$@"
  fi
  if [[ ! -s $PGDATA/PG_VERSION ]]; then
    setting POSTGRES_PASSWORD
    setting POSTGRES_USER postgres
    setting POSTGRES_DB "$POSTGRES_USER"
    setting POSTGRES_INITDB_ARGS
    : "${POSTGRES_HOST_AUTH_METHOD:=}"
    first_start "${@:2}"
  fi
fi

exec "$@"
