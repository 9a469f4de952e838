#!/bin/sh
# Fills the templates with the environment: /etc/nginx/templates/NAME.template becomes
# /etc/nginx/conf.d/NAME. Only variables that are set are filled in; nginx's own stay.
set -e

templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
output=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
[ -d "$templates" ] || exit 0

# awk prints names only: values may hold anything.
# shellcheck disable=SC2016 # envsubst wants the names as ${NAME}
defined=$(awk 'BEGIN { for (name in ENVIRON) if (name ~ /^[A-Za-z_][A-Za-z0-9_]*$/) printf "${%s} ", name }')
find "$templates" -follow -type f -name "*$suffix" -print | while IFS= read -r template; do
  name=${template#"$templates"/}
  made=$output/${name%"$suffix"}
  mkdir -p "$(dirname "$made")"
  envsubst "$defined" <"$template" >"$made"
done
