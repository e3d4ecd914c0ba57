# gunicorn in two slots, blue and green: the units, the right to start and stop them, the options of a release.
# Values: site_user, www, unit; file_unit, file_sudoers, file_configuration.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  if [ "$verb" = probe ] && [ ! -d "$www/config" ]; then
    differs "$www/config: the directory is missing"
    return 0
  fi
  file_unit | file "/etc/systemd/system/$unit@.service" 644 root
  if [ "$changed" = yes ]; then systemctl daemon-reload; fi
  unit_enabled "$unit@blue.service" "$unit@green.service"
  directory /etc/sudoers.d 755 root
  file_sudoers >"$work/sudoers"
  visudo -cqf "$work/sudoers" || fail "sudo does not take the rule for $site_user" "This is a fault of Greenpush; please report it."
  file "/etc/sudoers.d/greenpush-$name" 440 root <"$work/sudoers"
  configured gunicorn
  if [ "$verb" = probe ] && [ -e "$www/live/start" ]; then
    as "$site_user" "$www/deploy" status >/dev/null || differs "gunicorn of the live release does not run"
  elif [ "$verb" = apply ]; then
    as "$site_user" "$www/deploy" recover >/dev/null || :
  fi
}

before_remove() {
  systemctl stop "$unit@blue.service" "$unit@green.service" 2>/dev/null || :
}

after_remove() {
  systemctl daemon-reload
  # systemd puts the instances of a template into a slice, which stays when they have gone.
  systemctl stop "system-$(systemd-escape "$unit").slice" || :
}
