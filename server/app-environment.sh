# What the application gets as its environment. Applied in two steps, secrets (part=secrets) before the settings
# that name them (part=settings), so that every state in between can serve.
# Values: site_user, www, part; file_configuration.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  if [ "$verb" = probe ] && [ ! -d "$www/config" ]; then
    differs "$www/config: the directory is missing"
    return 0
  fi
  configured "$part"
  if [ "$part" = settings ] && [ -e "$www/var/env" ]; then
    mode "$www/var/env" 600 "$site_user"
  fi
}
