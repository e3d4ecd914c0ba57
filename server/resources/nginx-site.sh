# nginx before the site: a configuration that nginx doesn't take never replaces one that it does.
# Values: none but the common ones; file_site is the configuration.

describe() {
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

# logs_are_closed: nginx would make them for all to read: other sites' accounts would learn who visits this one, and where
logs_are_closed() {
  for log in access error; do
    log=/var/log/nginx/$name.$log.log
    if [ ! -e "$log" ]; then install -m 640 -o www-data -g adm /dev/null "$log"; fi
    chmod o-rwx "$log"
  done
}

# written_by_certbot: HTTPS that somebody has put into the file would go with the next up
written_by_certbot() {
  certificate=$(sed -n 's/^[[:space:]]*ssl_certificate[[:space:]]*\([^;]*\);.*/\1/p' "$available" 2>/dev/null | head -n 1)
  if [ -n "$certificate" ] && ! grep -qF "$certificate" "$work/site"; then
    gp_differs "$available: serves HTTPS with $certificate, which up would take away: put its lines into sites.$name.nginx.extra to keep them"
  fi
}

# Try the new file in the place of the old in a copy of the whole configuration.
try_site() {
  gp_nginx_copy
  cp "$work/site" "$work/nginx/sites-available/greenpush-$name"
  ln -sfn "$work/nginx/sites-available/greenpush-$name" "$work/nginx/sites-enabled/greenpush-$name"
  gp_nginx_takes -c "$work/nginx/nginx.conf"
}

after_remove() {
  if systemctl is-active --quiet nginx; then systemctl reload nginx || :; fi
}
