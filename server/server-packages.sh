# What the server needs from its distribution, and what all sites of a server share of nginx.
# Values: packages_wanted, the names, in one string.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

# port_free NUMBER: nobody but nginx listens there
port_free() {
  holder=$(ss -Hltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (process \2)/p' | grep -v '^nginx ' | head -n 1 || :)
  [ -z "$holder" ] || fail "port $1 is taken by $holder" "nginx needs it: stop that program or move it to another port, then run up again."
}

describe() {
  # Debian's nginx leaves its welcome page.
  left_by_package directory /var/www
  left_by_package directory /var/www/html
  left_by_package file /var/www/html/index.nginx-debian.html
  if [ "$verb" = apply ]; then port_free 80; fi
  # shellcheck disable=SC2086 # a list of names
  packages $packages_wanted
  # A host name that no site has is refused, and Debian's welcome page would answer it instead.
  absent /etc/nginx/sites-enabled/default
  file_refuse | file /etc/nginx/conf.d/greenpush-refuse.conf 644 root
  file_maps | file /etc/nginx/conf.d/greenpush-maps.conf 644 root
  if changed; then
    nginx_takes
    systemctl reload-or-restart nginx
  fi
  unit_enabled nginx.service
  unit_active nginx.service
}

after_remove() {
  if systemctl is-active --quiet nginx; then systemctl reload-or-restart nginx || :; fi
}
