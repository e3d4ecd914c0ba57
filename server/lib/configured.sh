# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

# configured PART: a part of the site's configuration, root's own, which the deploy engine takes only as a release that
# serves. It tells when to store it, and keeps other deploys out until it is.
configured() {
  path=$configuration/$1.json
  file_configuration >"$work/configuration"
  [ "$1" != secrets ] || hidden=yes
  if [ "$verb" = apply ] && ! { [ -f "$path" ] && cmp -s "$work/configuration" "$path"; }; then
    note "configures $1"
    # Nobody has the engine's words but this loop, so that its end is the engine's.
    deploy_into "$work/store" configure "$1" <"$work/configuration" &
    engine=$!
    until [ -s "$work/store" ] || ! kill -0 "$engine" 2>/dev/null; do sleep 0.02; done
    if [ -s "$work/store" ]; then store_configuration "$1"; fi
    wait "$engine" ||
      fail "the site can't serve with these $1, see above; it goes on as it was" "Mend the stack file or the application, then run up again."
  fi
  store_configuration "$1"
}

store_configuration() { file "$configuration/$1.json" 640 "root:$(id -gn "$site_user")" <"$work/configuration"; }

# Have the engine bring the site to rest, which changes nothing of one that is.
recover() {
  deploy recover >"$work/recover" 2>&1 ||
    fail "the site can't be brought to what it should run: $(cat "$work/recover")" "Mend that and push again, or go back: ssh $site_user@$server $www/deploy rollback."
}
