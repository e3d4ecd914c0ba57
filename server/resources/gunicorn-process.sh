# gunicorn in two slots, blue and green: what starts them, the right to start and stop them, the options of a release.
# Values: site_user, home, www, configuration, unit, manager (systemd, supervisor or direct), branch (what runs: where the
# stack names another one, that may have been pushed already); file_unit, file_program, file_sudoers_systemd,
# file_sudoers_supervisor, file_sudoers_python, file_configuration.

describe() {
  gp_directory /etc/sudoers.d 755 root
  # The release that is live may have another manager until the one that has this is.
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
    # What keeps the engine itself from running is the layout's to say. Into a file and not a pipe, which something that
    # the account left could hold open.
    probe)
      status=0
      (
        ulimit -f 200
        gp_deploy_into "$work/looked" look </dev/null 2>/dev/null
      ) || status=$?
      case $status in
        # As timeout(1) has it. What else keeps the engine from looking, its own component says.
        124 | 137) gp_differs "the engine has not looked at $www within $account_limit s" ;;
      esac
      head -n 20 "$work/looked" | gp_differ_each
      ;;
  esac
}

# sandboxed <UNIT: without what this server's kernel lets no unit have, as one that is a container itself. An apply tries
# it, and a probe goes by what it found.
sandboxed() {
  if [ "$verb" = apply ]; then
    rm -f "$record/no-private-users"
    systemd-run --quiet --wait --collect -p User=nobody -p PrivateUsers=true -p ProtectProc=invisible /bin/true >/dev/null 2>&1 ||
      : >"$record/no-private-users"
  fi
  if [ -e "$record/no-private-users" ]; then grep -v '^PrivateUsers='; else cat; fi
}

# may_start MANAGER...: sudo's rule, of these managers alone
may_start() {
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
  # What was started directly: gunicorn, and nothing else of that account.
  pkill -TERM -u "$site_user" -f " $www/releases/[0-9]*/gunicorn " || :
}

after_remove() {
  systemctl daemon-reload
  # systemd puts the instances of a template into a slice, which stays when they have gone.
  systemctl stop "system-$(systemd-escape "$unit").slice" || :
  if command -v supervisorctl >/dev/null; then supervisorctl -c /etc/supervisor/supervisord.conf update >/dev/null || :; fi
}
