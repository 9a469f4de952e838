#!/bin/sh
# Before nginx starts, runs the executable scripts of /docker-entrypoint.d in their order.
set -e

case ${1:-} in
  nginx | nginx-debug)
    for script in /docker-entrypoint.d/*.sh; do
      if [ -x "$script" ]; then
        [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$0: running $script"
        "$script"
      fi
    done
    ;;
esac

exec "$@"
