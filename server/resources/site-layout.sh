# The site's account, its push keys, ~/www as a virtualenv with var and releases, and the site's configuration.
# Values: site_user, home (its home), www (~/www, absolute), configuration (/etc/greenpush/SITE), authorized_keys, keep;
# file_deploy_config.

describe() {
  local folder part
  if [ "$verb" = apply ]; then
    stays_where_it_is
    gp_may_be_a_site
  fi
  gp_user "$site_user" "$home"
  if [ "$verb" = probe ] && ! id "$site_user" >/dev/null 2>&1; then return 0; fi
  if [ ! -d "$home" ]; then
    if [ "$verb" = probe ]; then
      gp_differs "$home: the directory is missing"
      return 0
    fi
    gp_note "makes $home"
    install -d -o "$site_user" -g "$(id -gn "$site_user")" "$home"
  fi
  if [ "$verb" = apply ]; then gp_group_is_its_own; fi
  # nginx has to reach the socket and static files; no other account has to.
  gp_in_home mode "$home" 710 www-data
  if [ -n "$authorized_keys" ]; then
    gp_in_home directory "$home/.ssh" 700
    printf '%s\n' "$authorized_keys" >"$work/keys"
    gp_in_home keys "$home/.ssh/authorized_keys" "$work/keys"
  fi
  if [ "$verb" = apply ]; then
    if ! gp_applied "directory$tab$www" && gp_as "$site_user" test -d "$www/bin" && ! gp_as "$site_user" test -L "$www/bin"; then
      gp_fail "$www is a virtualenv already" "Set the site's \`directory\` to another name in the stack file, or move it aside."
    fi
  fi
  gp_directory "$configuration" 750 "root:$(id -gn "$site_user")"
  file_deploy_config | gp_file "$configuration/deploy.json" 640 "root:$(id -gn "$site_user")"
  gp_in_home directory "$www" 710 www-data
  # Files that are made in these two get nginx's group, and others can't read them.
  gp_in_home shared "$www/releases" www-data
  gp_in_home directory "$www/releases" 2710 www-data
  gp_in_home directory "$www/var" 710 www-data
  gp_in_home shared "$www/var/media" www-data
  gp_in_home directory "$www/var/media" 2750 www-data
  # nginx reaches a release through its slot before it goes live.
  gp_in_home directory "$www/slots" 710 www-data
  for folder in var/log venvs cache; do gp_in_home directory "$www/$folder" 750; done
  if [ "$verb" = apply ]; then
    gp_home_now
    gp_tree "$www"
    from_the_version_before
  fi
  gp_in_home link "$www/config" "$configuration"
  gp_in_home link "$www/deploy" "$engine_folder/deploy"
  if [ "$verb" = apply ]; then
    gp_home_now
    if ! gp_as "$site_user" test -e "$www/bin/python"; then
      gp_note "makes the virtualenv $www"
      gp_deploy init || gp_fail "the virtualenv $www was not made, see above" "Fix that, then run up again."
    fi
  fi
  if [ "$verb" = apply ] && [ -n "$authorized_keys" ]; then gp_can_be_pushed_to; fi
  # `deploy init` made these links. The engine decides where `live` leads.
  for part in bin lib pyvenv.cfg; do gp_in_home link "$www/$part" "live/$part"; done
  for part in pid socket; do gp_in_home link "$www/var/$part" "../live/var/$part"; done
}

# Earlier versions had the engine and the configuration in ~/www. The configuration moves, so that deploys work all the
# time.
from_the_version_before() {
  local part
  for part in secrets settings gunicorn; do
    if [ ! -e "$configuration/$part.json" ] && gp_applied "directory$tab$www/config"; then
      # The account may have put something there that is endless, or that blocks.
      (
        account_limit=20
        gp_as_into "$work/part" "$site_user" head -c 1000000 "$www/config/$part.json" 2>/dev/null
      ) || continue
      gp_file "$configuration/$part.json" 640 "root:$(id -gn "$site_user")" <"$work/part"
    fi
  done
  if gp_applied "directory$tab$www/config"; then gp_in_home gone "$www/config"; fi
  if gp_applied "directory$tab$www/engine"; then gp_in_home gone "$www/engine"; fi
  if gp_applied "file$tab$www/deploy"; then gp_in_home gone "$www/deploy"; fi
}

# stays_where_it_is: fail if the site would move: its folders hold data, so they can't be made elsewhere and removed here
stays_where_it_is() {
  local was whose
  [ -f "$record/script" ] || return 0
  was=$(sed -n 's/^www=//p' "$record/script" | head -n 1)
  whose=$(sed -n 's/^site_user=//p' "$record/script" | head -n 1)
  [ "$was $whose" = "$www $site_user" ] || gp_fail "the site stands in $was as $whose, and can't be moved to $www as $site_user" \
    "Set its user, home and directory back in the stack file. To move it, take it out of the file first (its data is archived on the server), run up, then describe it anew."
}

before_remove() {
  if [ "$keep" = yes ]; then gp_archive_of_home var var; fi
}
