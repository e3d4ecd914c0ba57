# gunicorn in two slots, blue and green: what starts them, the right to start and stop them, the options of a release.
# Values: site_user, www, unit, manager (systemd, supervisor or direct); file_unit, file_program, file_sudoers,
# file_configuration.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  if [ "$verb" = probe ] && [ ! -d "$www/config" ]; then
    differs "$www/config: the directory is missing"
    return 0
  fi
  directory /etc/sudoers.d 755 root
  file_sudoers >"$work/sudoers"
  visudo -cqf "$work/sudoers" || fail "sudo does not take the rule for $site_user" "This is a fault of Greenpush; please report it."
  file "/etc/sudoers.d/greenpush-$name" 440 root <"$work/sudoers"
  case $manager in
    systemd)
      file_unit | file "/etc/systemd/system/$unit@.service" 644 root
      if changed; then systemctl daemon-reload; fi
      unit_enabled "$unit@blue.service" "$unit@green.service"
      ;;
    supervisor)
      unit_enabled supervisor.service
      unit_active supervisor.service
      # The engine lets supervisord take it over, a slot at a time.
      file_program | file "/etc/supervisor/conf.d/greenpush-$name.conf" 644 root
      ;;
  esac
  configured gunicorn
  if [ "$verb" = probe ] && [ -e "$www/live/start" ]; then
    as "$site_user" "$www/deploy" status >/dev/null || differs "gunicorn of the live release does not run"
  elif [ "$verb" = apply ]; then
    as "$site_user" "$www/deploy" recover >/dev/null || :
  fi
}

before_remove() {
  systemctl stop "$unit@blue.service" "$unit@green.service" 2>/dev/null || :
  if command -v supervisorctl >/dev/null; then
    supervisorctl stop "$unit-blue" "$unit-green" >/dev/null || :
  fi
  # What was started directly: gunicorn, and nothing else of that account.
  pkill -TERM -u "$site_user" -f "^$www/venvs/.*/gunicorn " || :
}

after_remove() {
  systemctl daemon-reload
  # systemd puts the instances of a template into a slice, which stays when they have gone.
  systemctl stop "system-$(systemd-escape "$unit").slice" || :
  if command -v supervisorctl >/dev/null; then supervisorctl update >/dev/null || :; fi
}
