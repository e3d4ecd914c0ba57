# What runs: units of systemd, and nginx's configuration.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

# unit_enabled NAME...: started at boot
unit_enabled() {
  for unit in "$@"; do
    found=$(systemctl is-enabled "$unit" 2>/dev/null || :)
    case $verb in
      apply)
        if [ "$found" = enabled ]; then
          own "enabled$tab$unit" no
        else
          own "enabled$tab$unit" yes
          note "enables $unit"
          case $found in
            masked*) systemctl --quiet unmask "$unit" && systemctl --quiet --runtime unmask "$unit" ;;
          esac
          systemctl --quiet enable "$unit"
        fi
        ;;
      probe) [ "$found" = enabled ] || differs "the unit $unit is ${found:-missing}, wanted enabled" ;;
    esac
  done
}

# unit_active NAME: running
unit_active() {
  found=$(systemctl is-active "$1" || :)
  case $verb in
    apply)
      if [ "$found" != active ]; then
        note "starts $1"
        systemctl start "$1" || fail "$1 does not start: $(systemctl status --no-pager -n 5 "$1" | tail -n 5)" "Mend that, then run up again."
      fi
      ;;
    probe)
      case $found in
        active | activating | reloading) ;;
        # A server that has just been switched on may not have come to it yet.
        *) [ "$(systemctl show --property Job --value "$1")" ] || differs "the unit $1 is $found, wanted active" ;;
      esac
      ;;
  esac
}

# nginx_copy: a copy of nginx's whole configuration in $work/nginx, for trying what is not written yet
nginx_copy() {
  rm -rf "$work/nginx"
  cp -a /etc/nginx "$work/nginx"
  sed -i "s|/etc/nginx/|$work/nginx/|g" "$work/nginx/nginx.conf"
}

# listening <CONFIGURATION: without the lines that listen on IPv6 where the server has none; nginx would not start
listening() { if [ -f /proc/net/if_inet6 ]; then cat; else grep -v 'listen \[::\]'; fi; }

# nginx_takes COMMAND...: nginx -t ends well
nginx_takes() {
  nginx -t "$@" >"$work/nginx-said" 2>&1 && return 0
  why=$(sed -n 's/.*\[emerg\] \([0-9#]*: \)\{0,1\}//p' "$work/nginx-said" | sed "s|$work/nginx/|/etc/nginx/|g" | head -n 3)
  next="Mend that, in the stack file where it comes from there, then run up again."
  case $why in
    *"duplicate default server"*)
      next="Take default_server out of that file, or set servers.$server.catchAll to false; then run up again. Nothing was changed."
      ;;
    *"unknown directive"*)
      next="Mend it in the stack file. Where it belongs to a module of nginx: add that one's package (libnginx-mod-...) to servers.$server.packages."
      ;;
  esac
  fail "nginx does not take the configuration: $why" "$next"
}
