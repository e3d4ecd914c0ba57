# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

# configured PART: a part of the site's configuration, which the deploy engine takes only as a release that serves
configured() {
  path=$www/config/$1.json
  file_configuration >"$work/configuration"
  case $verb in
    apply)
      if [ -L "$path" ] || { [ -e "$path" ] && [ ! -f "$path" ]; }; then make_room "$path"; fi
      if ! cmp -s "$work/configuration" "$path"; then
        note "configures $1"
        as "$site_user" "$www/deploy" configure "$1" <"$work/configuration" ||
          fail "the site can't serve with these $1, see above; it goes on as it was" "Mend the stack file or the application, then run up again."
      fi
      mode "$path" 600 "$site_user"
      ;;
    probe)
      if [ -L "$path" ] || { [ -e "$path" ] && [ ! -f "$path" ]; }; then
        differs "$path: is $(kind_of "$path"), wanted a file"
      elif [ ! -f "$path" ]; then
        differs "$path: the file is missing"
      else
        [ "$1" != secrets ] || hidden=yes
        cmp -s "$work/configuration" "$path" || differs "$path: $(first_difference "$path" "$work/configuration")"
        mode "$path" 600 "$site_user"
      fi
      ;;
  esac
}

# Have the engine bring the site to rest, which changes nothing of one that is.
recover() {
  as "$site_user" "$www/deploy" recover >"$work/recover" 2>&1 ||
    fail "the live release can't be brought back: $(cat "$work/recover")" "Push again, or go back: ssh $site_user@$server $www/deploy rollback."
}
