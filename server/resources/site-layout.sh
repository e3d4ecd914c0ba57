# The site's account, who may push to it, ~/www as a virtualenv with var and releases, the site's configuration.
# Values: site_user, home (its home), www (~/www, absolute), configuration (/etc/greenpush/SITE), authorized_keys, keep;
# file_deploy_config.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  if [ "$verb" = apply ]; then
    stays_where_it_is
    may_be_a_site
  fi
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
  if [ "$verb" = apply ]; then group_is_its_own; fi
  # nginx has to get through to the socket and to static files, and no other account.
  in_home mode "$home" 710 www-data
  if [ -n "$authorized_keys" ]; then
    in_home directory "$home/.ssh" 700
    printf '%s\n' "$authorized_keys" >"$work/keys"
    in_home keys "$home/.ssh/authorized_keys" "$work/keys"
  fi
  if [ "$verb" = apply ]; then
    if ! applied "directory$tab$www" && as "$site_user" test -d "$www/bin" && ! as "$site_user" test -L "$www/bin"; then
      fail "$www is a virtualenv already" "Set the site's \`directory\` to another name in the stack file, or move it aside."
    fi
  fi
  directory "$configuration" 750 "root:$(id -gn "$site_user")"
  file_deploy_config | file "$configuration/deploy.json" 640 "root:$(id -gn "$site_user")"
  in_home directory "$www" 710 www-data
  # What is made in these two is for nginx to read, and for nobody else.
  in_home shared "$www/releases" www-data
  in_home directory "$www/releases" 2710 www-data
  in_home directory "$www/var" 710 www-data
  in_home shared "$www/var/media" www-data
  in_home directory "$www/var/media" 2750 www-data
  # nginx asks a release through its slot before it goes live.
  in_home directory "$www/slots" 710 www-data
  for folder in var/log venvs; do in_home directory "$www/$folder" 750; done
  if [ "$verb" = apply ]; then
    home_now
    tree "$www"
    from_the_version_before
  fi
  in_home link "$www/config" "$configuration"
  in_home link "$www/deploy" "$engine_folder/deploy"
  if [ "$verb" = apply ]; then
    home_now
    if ! as "$site_user" test -e "$www/bin/python"; then
      note "makes the virtualenv $www"
      deploy init || fail "the virtualenv $www was not made, see above" "Mend that, then run up again."
    fi
  fi
  if [ "$verb" = apply ] && [ -n "$authorized_keys" ]; then can_be_pushed_to; fi
  # As init has made them. Where `live` leads is the engine's.
  for part in bin lib pyvenv.cfg; do in_home link "$www/$part" "live/$part"; done
  for part in pid socket; do in_home link "$www/var/$part" "../live/var/$part"; done
}

# Earlier versions had the engine and the configuration in ~/www. What the site runs with goes along, so that it can be
# deployed to all the time.
from_the_version_before() {
  for part in secrets settings gunicorn; do
    if [ ! -e "$configuration/$part.json" ] && applied "directory$tab$www/config"; then
      # What the account put there may have no end, or never come.
      (
        account_limit=20
        as_into "$work/part" "$site_user" head -c 1000000 "$www/config/$part.json" 2>/dev/null
      ) || continue
      file "$configuration/$part.json" 640 "root:$(id -gn "$site_user")" <"$work/part"
    fi
  done
  if applied "directory$tab$www/config"; then in_home gone "$www/config"; fi
  if applied "directory$tab$www/engine"; then in_home gone "$www/engine"; fi
  if applied "file$tab$www/deploy"; then in_home gone "$www/deploy"; fi
}

# A site's folders hold its data, so that they can't simply be made elsewhere and the old ones taken away.
stays_where_it_is() {
  [ -f "$record/script" ] || return 0
  was=$(sed -n 's/^www=//p' "$record/script" | head -n 1)
  whose=$(sed -n 's/^site_user=//p' "$record/script" | head -n 1)
  [ "$was $whose" = "$www $site_user" ] || fail "the site stands in $was as $whose, and can't be moved to $www as $site_user" \
    "Set its user, home and directory back in the stack file. To move it, take it out of the file first (its data is archived on the server), run up, then describe it anew."
}

before_remove() {
  if [ "$keep" = yes ]; then archive_of_home var var; fi
}
