# The journal taken back, line by line.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

# undo LINE: take back one line of the journal
undo() {
  kind=${1%%"$tab"*}
  what=${1#*"$tab"}
  case $kind in
    directory) rmdir "$what" 2>/dev/null || : ;;
    tree)
      # A finished virtualenv's folders are read-only.
      if [ -d "$what" ]; then find "$what" -type d ! -perm -u+w -exec chmod u+w {} + && rm -rf "$what"; fi
      ;;
    file | link) rm -f "$what" ;;
    replaced)
      kept=$record/kept/$(printf '%s' "$what" | tr / :)
      # A folder that is gone was a package's, which is gone too: a remove before this one was cut off after that.
      if { [ -e "$kept" ] || [ -L "$kept" ]; } && [ -d "${what%/*}" ]; then
        rm -rf "$what"
        cp -a "$kept" "$what"
      fi
      ;;
    mode)
      state=${what#*"$tab"}
      what=${what%%"$tab"*}
      if [ -e "$what" ]; then set_state "$what" "${state%% *}" "${state#* }"; fi
      ;;
    user)
      if id "$what" >/dev/null 2>&1; then
        pkill -KILL -u "$what" || :
        userdel --remove "$what" >/dev/null 2>&1 || userdel --force --remove "$what" >/dev/null 2>&1 || :
      fi
      ;;
    key) undo_key "${what%%"$tab"*}" "${what#*"$tab"}" ;;
    shell) usermod --shell "${what#*"$tab"}" "${what%%"$tab"*}" 2>/dev/null || : ;;
    setting) undo_setting "${what%%"$tab"*}" "${what#*"$tab"}" ;;
    enabled) systemctl --quiet disable "$what" 2>/dev/null || : ;;
    package) printf '%s\n' "$what" >>"$work/packages" ;;
  esac
}

# undo_key FILE KEY: that key alone
undo_key() {
  [ -f "$1" ] || return 0
  holder=$(stat -c %U "$1")
  wanted=$work/wanted
  as "$holder" grep -vxF -e "$2" "$1" >"$wanted" || :
  write_as "$1" 600 "$holder"
}

# archive TAG PATH...: what holds data is packed up before it is removed
archive() {
  stamp=$(date +%Y%m%d-%H%M%S)
  packed=/var/backups/greenpush/$name-$1-$stamp.tar.gz
  shift
  install -d -m 0700 /var/backups/greenpush
  tar -czf "$packed.new" --ignore-failed-read --warning=no-file-changed -- "$@" || [ "$?" = 1 ]
  mv "$packed.new" "$packed"
  note "what was in $* is kept in $packed on $server"
}
