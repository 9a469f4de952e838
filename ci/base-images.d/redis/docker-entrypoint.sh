#!/bin/sh
# Starts redis-server as the user redis, reachable from other containers. Options or a configuration
# file may come first, as for redis-server itself; any other command is run as it is.
set -e

case ${1:-} in
  -* | *.conf) set -- redis-server "$@" ;;
esac

if [ "${1:-}" = redis-server ]; then
  shift
  file=
  case ${1:-} in
    *.conf)
      file=$1
      shift
      ;;
  esac
  # Off unless the configuration says otherwise: in a container nobody talks over loopback.
  if [ -z "$file" ] || ! grep -Eq '^[[:space:]]*protected-mode[[:space:]]' "$file"; then
    set -- --protected-mode no "$@"
  fi
  set -- redis-server ${file:+"$file"} "$@"
  if [ "$(id -u)" = 0 ]; then
    find . ! -user redis -exec chown redis '{}' +
    set -- setpriv --reuid=redis --regid=redis --clear-groups -- "$@"
  fi
  if [ "$(umask)" = 0022 ]; then umask 0077; fi
fi

exec "$@"
