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
  if [ "$verb" = apply ]; then
    # nginx would make them readable for every account of the server.
    for log in access error; do
      log=/var/log/nginx/$name.$log.log
      if [ ! -e "$log" ]; then install -m 640 -o www-data -g adm /dev/null "$log"; fi
      chmod o-rwx "$log"
    done
  fi
  file_site | file "$available" 644 root
  link "$enabled" "$available"
  if changed; then systemctl reload-or-restart nginx; fi
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
