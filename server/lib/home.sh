# What lies in the home of a site's account. These functions describe it, and home.py makes it: root does nothing by path
# where another account can write.
# Values: site_user, home.

# gp_in_home WORD...: one line of the description, see home.py
gp_in_home() {
  local described word
  described=$1
  shift
  for word in "$@"; do described=$described$tab$word; done
  printf '%s\n' "$described" >>"$work/home"
}

# gp_file_in_home PATH MODE <CONTENT
gp_file_in_home() {
  local content
  # Not a counter: the right side of a pipe is a subshell, which would lose it.
  content=$(mktemp "$work/content.XXXXXX")
  cat >"$content"
  gp_in_home file "$1" "$2" "$content"
}

# gp_home_now: have home.py work through what was described so far
gp_home_now() {
  if [ -s "$work/home" ]; then
    mv "$work/home" "$work/home.now"
    gp_ask_home "$verb" <"$work/home.now"
  fi
}

# gp_ask_home VERB <DESCRIPTION
gp_ask_home() {
  local kind what next
  cat >"$work/home.asked"
  if ! gp_run_home_helper "$1"; then
    # In a probe the engine's component reports that.
    [ "$verb" != probe ] || return 0
    gp_bring_home_helper
    gp_run_home_helper "$1" || gp_fail "$engine_folder/home.py is missing" "Run up, which brings it back."
  fi
  while IFS=$tab read -r kind what next; do
    case $kind in
      note) gp_note "$what" ;;
      differs) gp_differs "$what" ;;
      fail) gp_fail "$what" "$next" ;;
    esac
  done <"$work/home.said"
  [ ! -s "$work/home.failed" ] || gp_fail "$engine_folder/home.py failed: $(tail -n 1 "$work/home.failed")" "This is a fault of Greenpush; please report it."
}

# gp_run_home_helper VERB: fail if home.py, or a part of it, is missing
gp_run_home_helper() {
  local status
  status=0
  "$engine_folder/home.py" "$1" "$site_user" "$home" "$record" \
    <"$work/home.asked" >"$work/home.said" 2>"$work/home.failed" || status=$?
  # The shell's statuses for a program that can't run, and home.py's own for a missing part.
  case $status in 126 | 127 | 69) return 1 ;; esac
}

# gp_bring_home_helper: install home.py with the engine's program, which the last apply left
gp_bring_home_helper() {
  local script
  for script in "$root"/server-engine.*/script; do
    if [ -f "$script" ]; then sh "$script" apply </dev/null; fi
  done
}

# gp_is_in_home PATH: whether the account could swap a folder of the path
gp_is_in_home() {
  [ -n "${home:-}" ] || return 1
  case $1 in
    "$home" | "$home"/*) ;;
    *) return 1 ;;
  esac
}

# gp_deploy WORD...: run the engine for this site, as its account
gp_deploy() { gp_deploy_into /dev/null "$@"; }

# gp_deploy_into FILE WORD...: the same, with its output in FILE
gp_deploy_into() {
  local printed
  printed=$1
  shift
  gp_as_into "$printed" "$site_user" env GREENPUSH_WWW="$www" "$engine_folder/deploy" "$@"
}

# gp_archive_of_home TAG FOLDER: archive a folder of www, read as the account, before it is removed. If something can't be
# read, fail before anything is removed.
gp_archive_of_home() {
  local stamp packed status
  stamp=$(date +%Y%m%d-%H%M%S)
  packed=$backups/$name-$1-$stamp.tar.gz
  gp_in_home owned "$www/$2"
  verb=apply gp_home_now
  install -d -m 0700 "$backups"
  status=0
  gp_as_into "$packed.new" "$site_user" tar -C "$home" -czS --warning=no-file-changed -- "${www#"$home"/}/$2" 2>"$work/tar" || status=$?
  case $status in
    0 | 1) ;;
    *)
      rm -f "$packed.new"
      gp_fail "$www/$2 can't be archived: $(grep -v 'Exiting with failure' "$work/tar" | tail -n 1)" \
        "Fix that, or move it to where $site_user can read it, then run this again. Nothing was removed."
      ;;
  esac
  mv "$packed.new" "$packed"
  gp_note "what was in $www/$2 is kept in $packed on $server"
}
