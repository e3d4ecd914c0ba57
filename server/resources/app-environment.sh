# What the application gets as its environment. Applied in two steps, secrets (part=secrets) before the settings
# that name them (part=settings), so that every state in between can serve.
# Values: site_user, home, www, configuration, part; file_configuration.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  configured "$part"
  if [ "$part" = settings ]; then live_environment; fi
}

# The classic layout's var/env is a copy of what the live release runs with, which the engine makes.
live_environment() {
  if [ "$verb" = apply ]; then
    printf 'environment\t%s\n' "$www" >"$work/live"
    found=$(ask_home probe <"$work/live")
    if [ -n "$found" ]; then
      note "mends $www/var/env"
      recover
    fi
  fi
  in_home environment "$www"
}
