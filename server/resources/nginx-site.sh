# nginx in front of the site. A configuration that nginx refuses never replaces one that it accepts.
# Values: none but the common ones; file_site is the configuration.

describe() {
  local available enabled
  available=/etc/nginx/sites-available/greenpush-$name
  enabled=/etc/nginx/sites-enabled/greenpush-$name
  file_site | gp_listening >"$work/site"
  case $verb in
    apply)
      if ! cmp -s "$work/site" "$available"; then try_site; fi
      logs_are_closed
      ;;
    probe) written_by_certbot ;;
  esac
  gp_file "$available" 644 root <"$work/site"
  gp_link "$enabled" "$available"
  if gp_changed; then
    systemctl reload-or-restart nginx
  fi
}

# logs_are_closed: nginx would make logs that everybody can read: other sites' accounts would see who visits this one
logs_are_closed() {
  local log
  for log in access error; do
    log=/var/log/nginx/$name.$log.log
    if [ ! -e "$log" ]; then install -m 640 -o www-data -g adm /dev/null "$log"; fi
    chmod o-rwx "$log"
  done
}

# written_by_certbot: warn of HTTPS that somebody has put into the file, because the next up would remove it
written_by_certbot() {
  local certificate
  certificate=$(sed -n 's/^[[:space:]]*ssl_certificate[[:space:]]*\([^;]*\);.*/\1/p' "$available" 2>/dev/null | head -n 1)
  if [ -n "$certificate" ] && ! grep -qF "$certificate" "$work/site"; then
    gp_differs "$available: serves HTTPS with $certificate, which up would remove: put its lines into sites.$name.nginx.extra to keep them"
  fi
}

# try_site: test the new file in the place of the old one, in a copy of the whole configuration
try_site() {
  gp_nginx_copy
  cp "$work/site" "$work/nginx/sites-available/greenpush-$name"
  ln -sfn "$work/nginx/sites-available/greenpush-$name" "$work/nginx/sites-enabled/greenpush-$name"
  gp_nginx_takes -c "$work/nginx/nginx.conf"
}

after_remove() {
  if systemctl is-active --quiet nginx; then systemctl reload nginx || :; fi
}
