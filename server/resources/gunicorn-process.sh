# gunicorn in two slots, blue and green: what starts them, the right to start and stop them, the options of a release.
# Values: site_user, home, www, configuration, unit, manager (systemd, supervisor or direct), branch (so that a change of it
# runs this step: the new branch may have been pushed already); file_unit, file_program, file_sudoers_systemd,
# file_sudoers_supervisor, file_sudoers_python, file_configuration.

describe() {
  local before each status
  gp_directory /etc/sudoers.d 755 root
  # Until a release with the new manager is live, the engine also needs the right to use the old one.
  before=$manager
  if [ "$verb" = apply ] && [ -f "$record/script" ]; then before=$(sed -n 's/^manager=//p' "$record/script" | head -n 1); fi
  if [ "$before" != "$manager" ]; then may_start "$before" "$manager"; else may_start "$manager"; fi
  case $manager in
    systemd)
      file_unit | sandboxed | gp_file "/etc/systemd/system/$unit@.service" 644 root
      for each in "$unit@" "$unit@blue" "$unit@green"; do
        gp_absent "/etc/systemd/system/$each.service.d" "overrides the unit of gunicorn"
        gp_absent "/run/systemd/system/$each.service.d" "overrides the unit of gunicorn"
      done
      for each in "/etc/systemd/system/$unit@blue.service" "/etc/systemd/system/$unit@green.service"; do
        # A link there is a masked unit.
        if [ ! -L "$each" ]; then gp_absent "$each" "overrides the unit of gunicorn"; fi
      done
      if gp_changed; then systemctl daemon-reload; fi
      gp_unit_enabled "$unit@blue.service" "$unit@green.service"
      ;;
    supervisor)
      gp_unit_enabled supervisor.service
      gp_unit_active supervisor.service
      # The engine lets supervisord take it over, a slot at a time.
      file_program | gp_file "/etc/supervisor/conf.d/greenpush-$name.conf" 644 root
      ;;
  esac
  gp_configured gunicorn
  case $verb in
    apply)
      gp_recover
      may_start "$manager"
      ;;
    # Into a file and not a pipe, which a process of the account could hold open.
    probe)
      status=0
      (
        ulimit -f 200
        gp_deploy_into "$work/looked" look </dev/null 2>/dev/null
      ) || status=$?
      case $status in
        # The statuses of timeout(1). If the engine can't run, site-layout or server-engine reports why.
        124 | 137) gp_differs "the engine has not looked at $www within $account_limit s" ;;
      esac
      head -n 20 "$work/looked" | gp_differ_each
      ;;
  esac
}

# sandboxed <UNIT: drop what no unit can have on this server, for example if it is a container. An apply tries that out, and
# a probe uses the result.
sandboxed() {
  if [ "$verb" = apply ]; then
    rm -f "$record/no-private-users"
    systemd-run --quiet --wait --collect -p User=nobody -p PrivateUsers=true -p ProtectProc=invisible /bin/true >/dev/null 2>&1 ||
      : >"$record/no-private-users"
  fi
  if [ -e "$record/no-private-users" ]; then grep -v '^PrivateUsers='; else cat; fi
}

# may_start MANAGER...: sudo's rule for these managers
may_start() {
  local each
  {
    printf '# %s may start and stop the two slots of %s, have a Python installed, and nothing else. Made by Greenpush.\n' "$site_user" "$name"
    for each in "$@"; do
      case $each in
        systemd) file_sudoers_systemd ;;
        supervisor) file_sudoers_supervisor ;;
      esac
    done
    file_sudoers_python
  } >"$work/sudoers"
  [ "$verb" = probe ] || visudo -cqf "$work/sudoers" || gp_fail "sudo does not take the rule for $site_user" "This is a fault of Greenpush; please report it."
  gp_file "/etc/sudoers.d/greenpush-$name" 440 root <"$work/sudoers"
}

before_remove() {
  systemctl stop "$unit@blue.service" "$unit@green.service" 2>/dev/null || :
  if command -v supervisorctl >/dev/null; then
    supervisorctl -c /etc/supervisor/supervisord.conf stop "$unit-blue" "$unit-green" >/dev/null || :
  fi
  # With the manager `direct`: stop gunicorn, and nothing else of that account.
  pkill -TERM -u "$site_user" -f " $www/releases/[0-9]*/gunicorn " || :
}

after_remove() {
  systemctl daemon-reload
  # systemd puts the instances of a template into a slice, which outlives them.
  systemctl stop "system-$(systemd-escape "$unit").slice" || :
  if command -v supervisorctl >/dev/null; then supervisorctl -c /etc/supervisor/supervisord.conf update >/dev/null || :; fi
}
