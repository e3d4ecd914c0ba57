# nginx before the site: a configuration that nginx doesn't take never replaces one that it does.
# Values: none but the common ones; file_site is the configuration.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  available=/etc/nginx/sites-available/greenpush-$name
  enabled=/etc/nginx/sites-enabled/greenpush-$name
  if [ "$verb" = apply ]; then
    file_site >"$work/site"
    if ! cmp -s "$work/site" "$available"; then try_site; fi
  fi
  file_site | file "$available" 644 root
  link "$enabled" "$available"
  if changed; then
    own_logs
    systemctl reload-or-restart nginx
  fi
}

# nginx would make them for all to read: other sites' accounts would learn who visits this one, and where.
own_logs() {
  for log in /var/log/nginx/$name.access.log /var/log/nginx/$name.error.log; do
    if [ ! -e "$log" ]; then install -m 640 -o www-data -g adm /dev/null "$log"; fi
    chmod o= "$log"
  done
}

# Try the new file in the place of the old in a copy of the whole configuration.
try_site() {
  cp -a /etc/nginx "$work/nginx"
  cp "$work/site" "$work/nginx/sites-available/greenpush-$name"
  ln -sfn "$work/nginx/sites-available/greenpush-$name" "$work/nginx/sites-enabled/greenpush-$name"
  sed -i "s|/etc/nginx/|$work/nginx/|g" "$work/nginx/nginx.conf"
  nginx_takes -c "$work/nginx/nginx.conf"
}

after_remove() {
  if systemctl is-active --quiet nginx; then systemctl reload nginx || :; fi
}
