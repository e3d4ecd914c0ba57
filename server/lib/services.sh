# systemd units, and nginx's configuration.

# gp_unit_enabled NAME...: started at boot
gp_unit_enabled() {
  local service found
  for service in "$@"; do
    found=$(systemctl is-enabled "$service" 2>/dev/null || :)
    case $verb in
      apply)
        if [ "$found" = enabled ]; then
          gp_own "enabled$tab$service" no
        else
          gp_own "enabled$tab$service" yes
          gp_note "enables $service"
          case $found in
            masked*) systemctl --quiet unmask "$service" && systemctl --quiet --runtime unmask "$service" ;;
          esac
          systemctl --quiet enable "$service"
        fi
        ;;
      probe) [ "$found" = enabled ] || gp_differs "the unit $service is ${found:-missing}, wanted enabled" ;;
    esac
  done
}

# gp_unit_active NAME: running
gp_unit_active() {
  local found
  found=$(systemctl is-active "$1" || :)
  case $verb in
    apply)
      if [ "$found" != active ]; then
        gp_note "starts $1"
        systemctl start "$1" || gp_fail "$1 does not start: $(systemctl status --no-pager -n 5 "$1" | tail -n 5)" "Fix that, then run up again."
      fi
      ;;
    probe)
      case $found in
        active | activating | reloading) ;;
        # A server that has just started may not have reached this unit yet.
        *) [ "$(systemctl show --property Job --value "$1")" ] || gp_differs "the unit $1 is $found, wanted active" ;;
      esac
      ;;
  esac
}

# gp_lock_nginx: one component at a time. Who tests a copy of the configuration, or has nginx read it, must not meet a file
# that another is about to write or to remove.
gp_lock_nginx() {
  exec 7>"$locks/nginx"
  flock -w 900 7 || gp_fail "another step changed nginx's configuration for 15 minutes" "Let it end, then run up again."
}

# gp_nginx_copy: a copy of nginx's whole configuration in $work/nginx, to test a file before it is written
gp_nginx_copy() {
  rm -rf "$work/nginx"
  cp -a "$nginx_folder" "$work/nginx"
  sed -i "s|$nginx_folder/|$work/nginx/|g" "$work/nginx/nginx.conf"
}

# gp_listening <CONFIGURATION: what this server can listen on. Without IPv6, or an nginx that knows HTTP/3, nginx would not
# start; and HTTP/2 has other words before 1.25.1.
gp_listening() {
  if [ -f /proc/net/if_inet6 ]; then cat; else grep -av 'listen \[::\]'; fi >"$work/listening"
  if ! grep -q '^ *listen 443 ssl' "$work/listening"; then
    cat "$work/listening"
  elif gp_nginx_is_before 1.25.1; then
    gp_without_http3 | sed '/^ *http2 on;$/d; s/^\( *listen [^ ]*443 ssl\)\([^;]*\);$/\1 http2\2;/'
  elif nginx -V 2>&1 | grep -q -e --with-http_v3_module && gp_http3_is_spread; then
    cat "$work/listening"
  else
    gp_without_http3
  fi
}

gp_without_http3() { sed '/^ *listen .*443 quic/d; /^ *add_header Alt-Svc .h3=/d' "$work/listening"; }

# gp_http3_is_spread: whether this configuration, or the one that refuses other names, has the line that all others need
gp_http3_is_spread() { grep -qs ' quic reuseport' "$work/listening" "$nginx_folder/conf.d/greenpush-refuse.conf"; }

gp_nginx_is_before() {
  local version
  version=$(nginx -v 2>&1 | sed -n 's|^nginx version: [^/]*/\([0-9.]*\).*|\1|p')
  [ -n "$version" ] && dpkg --compare-versions "$version" lt "$1"
}

# gp_nginx_takes OPTION...: fail unless nginx -t accepts the configuration
gp_nginx_takes() {
  local why next
  nginx -t "$@" >"$work/nginx-said" 2>&1 && return 0
  why=$(sed -n 's/.*\[emerg\] \([0-9#]*: \)\{0,1\}//p' "$work/nginx-said" | sed "s|$work/nginx/|$nginx_folder/|g" | head -n 3)
  next="Fix that, in the stack file if it comes from there, then run up again."
  case $why in
    *"duplicate default server"*)
      next="Take default_server out of that file, or set servers.$server.catchAll to false; then run up again. Nothing was changed."
      ;;
    *"unknown directive"*)
      next="Fix that, in the stack file if it comes from there, then run up again. If it belongs to a module of nginx, add the module's package (libnginx-mod-...) to servers.$server.packages."
      ;;
  esac
  gp_fail "nginx does not take the configuration: $why" "$next"
}
