# The site's account, who may push to it, ~/www as a virtualenv with var and releases, the deploy engine.
# Values: site_user, home (its home), www (~/www, absolute), authorized_keys, keep; file_deploy_config.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  if [ "$verb" = apply ]; then stays_where_it_is; fi
  user "$site_user"
  if [ "$verb" = probe ] && ! id "$site_user" >/dev/null 2>&1; then return 0; fi
  has=$(getent passwd "$site_user" | cut -d : -f 6)
  [ "$has" = "$home" ] || fail "the home of $site_user is $has" "Set the site's \`home\` to it in the stack file."
  # nginx has to get through to the socket and to static files.
  mode "$home" 711 "$site_user"
  if [ -n "$authorized_keys" ]; then
    directory "$home/.ssh" 700 "$site_user"
    authorized
  fi
  directory "$www" 755 "$site_user"
  tree "$www"
  directory "$www/var" 755 "$site_user"
  directory "$www/var/media" 755 "$site_user"
  directory "$www/config" 700 "$site_user"
  file_engine | file "$www/deploy" 755 "$site_user"
  file_deploy_config | file "$www/config/deploy.json" 644 "$site_user"
  if [ "$verb" = apply ] && [ ! -e "$www/bin/python" ]; then
    note "makes the virtualenv $www"
    as "$site_user" "$www/deploy" init || fail "the virtualenv $www was not made, see above" "Mend that, then run up again."
  fi
  for part in bin lib pyvenv.cfg; do
    if [ "$verb" = probe ] && [ ! -e "$www/$part" ]; then differs "$www/$part: is missing"; fi
  done
}

# A site's folders hold its data, so that they can't simply be made elsewhere and the old ones taken away.
stays_where_it_is() {
  [ -f "$record/script" ] || return 0
  was=$(sed -n 's/^www=//p' "$record/script" | head -n 1)
  whose=$(sed -n 's/^site_user=//p' "$record/script" | head -n 1)
  [ "$was $whose" = "$www $site_user" ] || fail "the site stands in $was as $whose, and can't be moved to $www as $site_user" \
    "Set its user, home and directory back in the stack file. To move it, take it out of the file first (its data is archived on the server), run up, then describe it anew."
}

# Keys that were there before stay, and so does what somebody adds beside ours.
authorized() {
  keys=$home/.ssh/authorized_keys
  printf '%s\n' "$authorized_keys" >"$work/keys"
  as "$site_user" cat "$keys" >"$work/present" 2>/dev/null || :
  grep -vxFf "$work/present" "$work/keys" >"$work/new" || :
  while read -r key; do
    case $verb in
      apply) note "lets the key ${key##* } push" ;;
      probe) differs "$keys: the key ${key##* } is missing" ;;
    esac
  done <"$work/new"
  if [ "$verb" = apply ]; then
    [ -e "$keys" ] || own "file$tab$keys" yes
    own "file$tab$keys" no
    while read -r key; do
      if grep -qxF -e "$key" "$work/new"; then own "key$tab$keys$tab$key" yes; else own "key$tab$keys$tab$key" no; fi
    done <"$work/keys"
    if [ -s "$work/new" ]; then
      cat "$work/present" "$work/new" >"$work/wanted"
      wanted=$work/wanted
      write_as "$keys" 600 "$site_user"
    fi
  fi
}

before_remove() {
  if [ "$keep" = yes ] && [ -d "$www/var" ]; then archive var "$www/var"; fi
}
