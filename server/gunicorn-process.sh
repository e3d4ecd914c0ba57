# gunicorn in two slots, blue and green: what starts them, the right to start and stop them, the options of a release.
# Values: site_user, www, unit, manager (systemd, supervisor or direct); file_unit, file_program, file_sudoers,
# file_configuration.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  directory /etc/sudoers.d 755 root
  file_sudoers >"$work/sudoers"
  [ "$verb" = probe ] || visudo -cqf "$work/sudoers" || fail "sudo does not take the rule for $site_user" "This is a fault of Greenpush; please report it."
  file "/etc/sudoers.d/greenpush-$name" 440 root <"$work/sudoers"
  case $manager in
    systemd)
      file_unit | file "/etc/systemd/system/$unit@.service" 644 root
      for each in "$unit@" "$unit@blue" "$unit@green"; do
        none "/etc/systemd/system/$each.service.d" "overrides the unit of gunicorn"
        none "/run/systemd/system/$each.service.d" "overrides the unit of gunicorn"
      done
      for each in "/etc/systemd/system/$unit@blue.service" "/etc/systemd/system/$unit@green.service"; do
        # A link there is a masked unit.
        if [ ! -L "$each" ]; then none "$each" "overrides the unit of gunicorn"; fi
      done
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
  case $verb in
    apply) recover ;;
    # What keeps the engine itself from running is the layout's to say.
    probe) as "$site_user" "$www/deploy" look 2>/dev/null | while read -r line; do differs "$line"; done ;;
  esac
}

before_remove() {
  systemctl stop "$unit@blue.service" "$unit@green.service" 2>/dev/null || :
  if command -v supervisorctl >/dev/null; then
    supervisorctl stop "$unit-blue" "$unit-green" >/dev/null || :
  fi
  # What was started directly: gunicorn, and nothing else of that account.
  pkill -TERM -u "$site_user" -f " $www/releases/[0-9]*/gunicorn " || :
}

after_remove() {
  systemctl daemon-reload
  # systemd puts the instances of a template into a slice, which stays when they have gone.
  systemctl stop "system-$(systemd-escape "$unit").slice" || :
  if command -v supervisorctl >/dev/null; then supervisorctl update >/dev/null || :; fi
}
