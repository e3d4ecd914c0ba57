# Apply a part of the site's configuration as a release, and bring the site to rest.
# Values: site_user, home, www, configuration; file_configuration.

# gp_configured PART: a part of the site's configuration, a file of root. The engine first makes a release with it, and
# accepts it if that release serves. It then prints that the file can be stored, and keeps other deploys out until it is.
gp_configured() {
  local path engine hidden
  hidden=no
  path=$configuration/$1.json
  file_configuration >"$work/configuration"
  [ "$1" != secrets ] || hidden=yes
  if [ "$verb" = apply ] && ! { [ -f "$path" ] && cmp -s "$work/configuration" "$path"; }; then
    gp_note "configures $1"
    # The engine prints into a file and not a pipe, so that `wait` gets its exit status.
    gp_deploy_into "$work/store" configure "$1" <"$work/configuration" &
    engine=$!
    until [ -s "$work/store" ] || ! kill -0 "$engine" 2>/dev/null; do sleep 0.02; done
    if [ -s "$work/store" ]; then gp_store_configuration "$1"; fi
    wait "$engine" ||
      gp_fail "the site can't serve with these $1, see above; it goes on as it was" "Fix the stack file or the application, then run up again."
  fi
  gp_store_configuration "$1"
}

gp_store_configuration() { gp_file "$configuration/$1.json" 640 "root:$(id -gn "$site_user")" <"$work/configuration"; }

# gp_recover: have the engine bring the site to rest. It changes nothing of a site at rest.
gp_recover() {
  gp_deploy recover >"$work/recover" 2>&1 ||
    gp_fail "the site can't be brought to what it should run: $(cat "$work/recover")" "Fix that and push again, or go back: ssh $site_user@$server $www/deploy rollback."
}
