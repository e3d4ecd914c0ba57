# The server's packages, and the part of nginx's configuration that all sites of a server share.
# Values: packages_wanted, the names, in one string; catch_all (yes or no); open_files, how many files nginx may hold open;
# file_refuse, file_maps, file_names, file_pages, file_open_files.

shared=/etc/nginx/conf.d

# port_free NUMBER: fail if another program than nginx listens there
port_free() {
  local holder
  holder=$(ss -Hltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (process \2)/p' | grep -v '^nginx ' | head -n 1 || :)
  [ -z "$holder" ] || gp_fail "port $1 is taken by $holder" "nginx needs it: stop that program or move it to another port, then run up again."
}

describe() {
  # The purge of Debian's nginx leaves its welcome page.
  gp_left_by_package directory /var/www
  gp_left_by_package directory /var/www/html
  gp_left_by_package file /var/www/html/index.nginx-debian.html
  if [ "$verb" = apply ]; then
    port_free 80
    no_foreign_default
  fi
  # shellcheck disable=SC2086 # a list of names
  gp_packages $packages_wanted
  if [ "$verb" = apply ]; then
    gp_lock_nginx
    is_debians_nginx
    try_shared
  fi
  # Debian's welcome page would answer host names that no site has.
  gp_set_aside /etc/nginx/sites-enabled/default
  if [ "$catch_all" = yes ]; then file_refuse | gp_listening | gp_file "$shared/greenpush-refuse.conf" 644 root; fi
  file_maps | gp_file "$shared/greenpush-maps.conf" 644 root
  file_pages | gp_file "$shared/greenpush-pages.conf" 644 root
  if names_are_ours; then file_names | gp_file "$shared/greenpush-names.conf" 644 root; fi
  gp_directory "$units/nginx.service.d" 755 root
  file_open_files | gp_file "$units/nginx.service.d/greenpush.conf" 644 root
  if gp_changed; then
    systemctl daemon-reload
    may_open_files
    systemctl reload-or-restart nginx
  fi
  gp_unit_enabled nginx.service
  gp_unit_active nginx.service
}

# no_foreign_default: fail unless sites-enabled/default is Debian's welcome page, which Greenpush sets aside
no_foreign_default() {
  local default packaged
  default=/etc/nginx/sites-enabled/default
  if [ ! -e "$default" ] || gp_applied "replaced$tab$default"; then return 0; fi
  packaged=$(dpkg-query -W -f '${Conffiles}\n' nginx-common nginx 2>/dev/null | awk '$1 == "/etc/nginx/sites-available/default" { print $2 }')
  case " $(echo "$packaged" | tr '\n' ' ') " in
    *" $(md5sum <"$default" | cut -d ' ' -f 1) "*) ;;
    *) gp_fail "$default is a site of this server's own" "Greenpush removes Debian's welcome page, which has that name. Give the site another name there (mv), then run up again." ;;
  esac
}

is_debians_nginx() {
  grep -qE '^[[:space:]]*include[[:space:]]+/etc/nginx/sites-enabled/' /etc/nginx/nginx.conf ||
    gp_fail "/etc/nginx/nginx.conf does not include /etc/nginx/sites-enabled, as that of nginx.org's package" \
      "Take the distribution's nginx, or add \`include /etc/nginx/sites-enabled/*;\` to the http block and let its user be www-data."
  grep -qE '^[[:space:]]*user[[:space:]]+www-data[[:space:];]' /etc/nginx/nginx.conf ||
    gp_fail "nginx does not run as www-data (user in /etc/nginx/nginx.conf), the account that may read sites" "Set \`user www-data;\` there, then run up again."
}

# may_open_files: give the running nginx what systemd gives it at its next start; its next processes inherit that
may_open_files() {
  local process most
  process=$(systemctl show --property MainPID --value nginx)
  if [ "${process:-0}" = 0 ]; then return 0; fi
  most=$(prlimit --pid "$process" --nofile --raw --noheadings --output HARD)
  case $most in
    unlimited) most=$open_files ;;
    *) if [ "$most" -gt "$open_files" ]; then most=$open_files; fi ;;
  esac
  prlimit --pid "$process" --nofile="$most:"
}

# names_are_ours: whether no other file limits the length of server names, because nginx allows that setting once
names_are_ours() {
  [ -d /etc/nginx ] || return 1
  ! grep -rqsE '^[[:space:]]*server_names_hash_bucket_size' /etc/nginx --include='*.conf' --exclude='greenpush-*'
}

# try_shared: test the shared files before one of them is written
try_shared() {
  gp_nginx_copy
  rm -f "$work/nginx/sites-enabled/default" "$work/nginx/conf.d/greenpush-refuse.conf" "$work/nginx/conf.d/greenpush-names.conf"
  if [ "$catch_all" = yes ]; then file_refuse | gp_listening >"$work/nginx/conf.d/greenpush-refuse.conf"; fi
  file_maps >"$work/nginx/conf.d/greenpush-maps.conf"
  file_pages >"$work/nginx/conf.d/greenpush-pages.conf"
  if names_are_ours; then file_names >"$work/nginx/conf.d/greenpush-names.conf"; fi
  gp_nginx_takes -c "$work/nginx/nginx.conf"
}

after_remove() {
  if systemctl is-active --quiet nginx; then systemctl reload-or-restart nginx || :; fi
}
