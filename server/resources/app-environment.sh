# The application's environment, in two steps: secrets (part=secrets) before the settings that name them
# (part=settings), so that every state in between can serve.
# Values: site_user, home, www, configuration, part; file_configuration.

describe() {
  gp_configured "$part"
  if [ "$part" = settings ]; then live_environment; fi
}

# The classic layout's var/env is a copy of what the live release runs with, which the engine makes.
live_environment() {
  local found
  if [ "$verb" = apply ]; then
    printf 'environment\t%s\n' "$www" >"$work/live"
    found=$(gp_ask_home probe <"$work/live")
    if [ -n "$found" ]; then
      gp_note "repairs $www/var/env"
      gp_recover
    fi
  fi
  gp_in_home environment "$www"
}
