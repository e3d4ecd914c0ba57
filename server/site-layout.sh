# The site's account, who may push to it, ~/www as a virtualenv with var and releases, the deploy engine.
# Values: site_user, home (its home), www (~/www, absolute), authorized_keys, keep; file_deploy_config, file_engine and
# file_engine_modules.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  if [ "$verb" = apply ]; then stays_where_it_is; fi
  user "$site_user" "$home"
  if [ "$verb" = probe ] && ! id "$site_user" >/dev/null 2>&1; then return 0; fi
  if [ ! -d "$home" ]; then
    if [ "$verb" = probe ]; then
      differs "$home: the directory is missing"
      return 0
    fi
    note "makes $home"
    install -d -o "$site_user" -g "$(id -gn "$site_user")" "$home"
  fi
  # nginx has to get through to the socket and to static files.
  mode "$(readlink -f "$home")" 711 "$site_user"
  if [ -n "$authorized_keys" ]; then
    directory "$home/.ssh" 700 "$site_user"
    authorized
  fi
  if [ "$verb" = apply ] && ! applied "directory$tab$www" && [ -d "$www/bin" ] && [ ! -L "$www/bin" ]; then
    fail "$www is a virtualenv already" "Set the site's \`directory\` to another name in the stack file, or move it aside."
  fi
  directory "$www" 755 "$site_user"
  tree "$www"
  for folder in releases slots var var/log var/media venvs; do directory "$www/$folder" 755 "$site_user"; done
  directory "$www/config" 700 "$site_user"
  directory "$www/engine" 755 "$site_user"
  file_engine_modules | files "$www/engine" 644 "$site_user"
  file_engine | file "$www/deploy" 755 "$site_user"
  file_deploy_config | file "$www/config/deploy.json" 644 "$site_user"
  if [ "$verb" = apply ] && [ ! -e "$www/bin/python" ]; then
    note "makes the virtualenv $www"
    as "$site_user" "$www/deploy" init || fail "the virtualenv $www was not made, see above" "Mend that, then run up again."
  fi
  # As init has made them. Where `live` leads is the engine's.
  for part in bin lib pyvenv.cfg; do link "$www/$part" "live/$part" "$site_user"; done
  for part in pid socket; do link "$www/var/$part" "../live/var/$part" "$site_user"; done
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
  if [ "$verb" = apply ] && [ -d "$keys" ] && [ ! -L "$keys" ]; then make_room "$keys"; fi
  printf '%s\n' "$authorized_keys" >"$work/keys"
  # As that user what is copied; what is only compared can be read also where a mode was changed.
  case $verb in
    apply) as "$site_user" cat "$keys" >"$work/present" 2>/dev/null || : ;;
    probe) cat "$keys" >"$work/present" 2>/dev/null || : ;;
  esac
  grep -vxFf "$work/present" "$work/keys" >"$work/new" || :
  while read -r key; do
    case $verb in
      apply) note "lets the key ${key##* } push" ;;
      probe) differs "$keys: the key ${key##* } is missing" ;;
    esac
  done <"$work/new"
  case $verb in
    apply)
      [ -e "$keys" ] || own "file$tab$keys" yes
      own "file$tab$keys" no
      own "replaced$tab$keys" no
      while read -r key; do
        if grep -qxF -e "$key" "$work/new"; then own "key$tab$keys$tab$key" yes; else own "key$tab$keys$tab$key" no; fi
      done <"$work/keys"
      if [ -s "$work/new" ] || [ -L "$keys" ]; then
        cat "$work/present" "$work/new" >"$work/wanted"
        wanted=$work/wanted
        write_as "$keys" 600 "$site_user"
      else
        mode "$keys" 600 "$site_user"
      fi
      ;;
    probe)
      if [ -L "$keys" ]; then
        differs "$keys: is $(kind_of "$keys"), wanted a file"
      elif [ -f "$keys" ]; then
        mode "$keys" 600 "$site_user"
      fi
      ;;
  esac
}

before_remove() {
  if [ "$keep" = yes ] && [ -d "$www/var" ]; then archive var "$www/var"; fi
}
