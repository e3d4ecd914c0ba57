# What lies in the home of a site's account. It is described here and brought about by home.py, which says why: root does
# nothing by path where another account can write.
# Values: site_user, home.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

# in_home WORD...: one line of the description, see home.py
in_home() {
  described=$1
  shift
  for word in "$@"; do described=$described$tab$word; done
  printf '%s\n' "$described" >>"$work/home"
}

# file_in_home PATH MODE <CONTENT
file_in_home() {
  # Not a counter, which would be lost with the shell of a pipe's right side.
  content=$(mktemp "$work/content.XXXXXX")
  cat >"$content"
  in_home file "$1" "$2" "$content"
}

# home_now: what was described so far
home_now() {
  if [ -s "$work/home" ]; then
    mv "$work/home" "$work/home.now"
    ask_home "$verb" <"$work/home.now"
  fi
}

# ask_home VERB <DESCRIPTION
ask_home() {
  have_home_helper || return 0
  "$engine_folder/home.py" "$1" "$site_user" "$home" "$record" >"$work/home.said" 2>"$work/home.failed" || :
  while IFS=$tab read -r kind what next; do
    case $kind in
      note) note "$what" ;;
      differs) differs "$what" ;;
      fail) fail "$what" "$next" ;;
    esac
  done <"$work/home.said"
  [ ! -s "$work/home.failed" ] || fail "$engine_folder/home.py failed: $(tail -n 1 "$work/home.failed")" "This is a fault of Greenpush; please report it."
}

# have_home_helper: it is there. Where somebody took it away, the engine's component says so in a probe, and its own
# program puts it back for those who need it.
have_home_helper() {
  [ ! -f "$engine_folder/home.py" ] || return 0
  [ "$verb" != probe ] || return 1
  for script in "$root"/server-engine.*/script; do
    if [ -f "$script" ]; then sh "$script" apply </dev/null; fi
  done
  [ -f "$engine_folder/home.py" ] || fail "$engine_folder/home.py is missing" "Run up, which brings it back."
}

# is_in_home PATH: whether the account could swap a folder on the way there
is_in_home() {
  # What is of no site has no home.
  case ${home:+$1} in
    "${home-}" | "${home-}"/*) [ -z "${home-}" ] || return 0 ;;
  esac
  return 1
}

# deploy WORD...: the engine, for this site, as its account
deploy() { deploy_into /dev/null "$@"; }

# deploy_into FILE WORD...: and what it prints into a file
deploy_into() {
  deploy_file=$1
  shift
  as_into "$deploy_file" "$site_user" env GREENPUSH_WWW="$www" "$engine_folder/deploy" "$@"
}

# archive_of_home TAG FOLDER: a folder of www, read as the account, is packed up before it is removed. What can't be read
# ends this, and nothing is removed.
archive_of_home() {
  stamp=$(date +%Y%m%d-%H%M%S)
  packed=/var/backups/greenpush/$name-$1-$stamp.tar.gz
  in_home owned "$www/$2"
  verb=apply home_now
  install -d -m 0700 /var/backups/greenpush
  status=0
  as_into "$packed.new" "$site_user" tar -C "$home" -czS --warning=no-file-changed -- "${www#"$home"/}/$2" 2>"$work/tar" || status=$?
  case $status in
    0 | 1) ;;
    *)
      rm -f "$packed.new"
      fail "$www/$2 can't be archived: $(grep -v 'Exiting with failure' "$work/tar" | tail -n 1)" \
        "Mend that, or move it to where $site_user can read it, then run this again. Nothing was removed."
      ;;
  esac
  mv "$packed.new" "$packed"
  note "what was in $www/$2 is kept in $packed on $server"
}
