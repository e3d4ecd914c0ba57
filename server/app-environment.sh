# What the application gets as its environment. Applied in two steps, secrets (part=secrets) before the settings
# that name them (part=settings), so that every state in between can serve.
# Values: site_user, www, part; file_configuration.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  configured "$part"
  # Where `live` leads to a release that is not, gunicorn's component says so.
  if [ "$part" = settings ] && grep -qs '"state": "live"' "$www/live/release.json"; then live_environment; fi
}

# The seed's var/env is a copy of what the live release runs with, which the engine makes.
live_environment() {
  env=$www/var/env
  if [ -L "$env" ] || [ ! -f "$env" ] || ! cmp -s "$www/live/env" "$env"; then
    case $verb in
      apply)
        note "writes $env"
        if [ -d "$env" ] && [ ! -L "$env" ]; then rm -rf "$env"; fi
        recover
        ;;
      probe)
        if [ -f "$env" ] && [ ! -L "$env" ]; then
          differs "$env: the content was changed"
        else
          differs "$env: the file is missing"
        fi
        return 0
        ;;
    esac
  fi
  mode "$env" 600 "$site_user"
}
