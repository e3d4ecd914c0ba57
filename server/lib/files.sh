# Files, folders and links that belong to root. Nothing here works in a site's home: see lib/home.sh.

# gp_kind_of PATH: what it is, in words
gp_kind_of() {
  if [ -L "$1" ]; then
    echo "a link to $(readlink "$1")"
  elif [ -d "$1" ]; then
    echo "a directory"
  elif [ -f "$1" ]; then
    echo "a file"
  else
    echo "neither a file nor a directory"
  fi
}

# gp_set_state PATH MODE OWNER:GROUP: the owner of a link's target stays
gp_set_state() {
  chown -h "$3" "$1"
  chmod "$2" "$1"
}

# gp_owned_by OWNER[:GROUP]: set the caller's `owner` to OWNER:GROUP; without GROUP the group has the owner's name
gp_owned_by() {
  case $1 in
    *:*) owner=$1 ;;
    *) owner=$1:$1 ;;
  esac
}

# gp_directory PATH MODE OWNER
gp_directory() {
  local owner
  case $verb in
    apply)
      if [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then gp_make_room "$1"; fi
      if [ ! -d "$1" ]; then
        gp_own "directory$tab$1" yes
        gp_inherit mode "$1"
        gp_note "makes $1"
        mkdir -p "$1"
        gp_owned_by "$3"
        gp_set_state "$1" "$2" "$owner"
      else
        gp_own "directory$tab$1" no
        gp_mode "$1" "$2" "$3"
      fi
      gp_own "replaced$tab$1" no
      ;;
    probe)
      if [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then
        gp_differs "$1: is $(gp_kind_of "$1"), wanted a directory"
      elif [ -d "$1" ]; then
        gp_mode "$1" "$2" "$3"
      else
        gp_differs "$1: the directory is missing"
      fi
      ;;
  esac
}

# gp_mode PATH MODE OWNER: of something that exists
gp_mode() {
  local owner found
  gp_owned_by "$3"
  case $verb in
    apply)
      gp_inherit mode "$1"
      found=$(stat -c '%a %U:%G' "$1")
      if [ "$found" != "$2 $owner" ]; then
        # What an apply made has no earlier mode to go back to. Of several earlier modes, the first is kept.
        if ! grep -qsxF -e "directory$tab$1" -e "file$tab$1" -e "replaced$tab$1" "$record/made.new" &&
          ! grep -qsF -e "mode$tab$1$tab" "$record/made.new"; then
          gp_own "mode$tab$1$tab$found" yes
        fi
        gp_note "$1: mode and owner were $found, now $2 $owner"
        gp_set_state "$1" "$2" "$owner"
      fi
      ;;
    probe)
      printf '%s\t%s\t%s\n' "$2" "$owner" "$1" >>"$work/states"
      ;;
  esac
}

# gp_compare_modes: compare all modes that a probe has collected, with one stat
gp_compare_modes() {
  local mode owner path
  [ -s "$work/states" ] || return 0
  set --
  while IFS=$tab read -r mode owner path; do set -- "$@" "$path"; done <"$work/states"
  stat --printf '%a\t%U:%G\t%n\n' -- "$@" 2>/dev/null >"$work/found" || :
  awk -F '\t' '
    NR == FNR { mode[$3] = $1; owner[$3] = $2; next }
    !($3 in mode) { next }
    $1 != mode[$3] { print $3 ": mode is " mode[$3] ", wanted " $1 }
    $2 != owner[$3] { print $3 ": belongs to " owner[$3] ", wanted " $2 }
  ' "$work/found" "$work/states" | gp_differ_each
}

# gp_file PATH MODE OWNER <CONTENT
gp_file() {
  local wanted
  wanted=$work/wanted
  cat >"$wanted"
  case $verb in
    apply)
      if [ -e "$1" ] && [ ! -f "$1" ]; then gp_make_room "$1"; fi
      if [ ! -e "$1" ] && [ ! -L "$1" ]; then
        if ! gp_applied "replaced$tab$1" && ! grep -qsxF -e "replaced$tab$1" "$record/made.new"; then
          gp_own "file$tab$1" yes
        fi
        gp_inherit mode "$1"
        gp_note "writes $1"
        gp_replace "$1" "$2" "$3" <"$wanted"
      elif [ -L "$1" ] || ! cmp -s "$wanted" "$1"; then
        if ! gp_applied "file$tab$1"; then
          gp_keep "$1"
          gp_own "replaced$tab$1" yes
        fi
        gp_own "file$tab$1" no
        gp_inherit mode "$1"
        gp_note "changes $1"
        gp_replace "$1" "$2" "$3" <"$wanted"
      else
        gp_own "file$tab$1" no
        gp_mode "$1" "$2" "$3"
      fi
      gp_own "replaced$tab$1" no
      ;;
    probe)
      if [ -L "$1" ] || { [ -e "$1" ] && [ ! -f "$1" ]; }; then
        gp_differs "$1: is $(gp_kind_of "$1"), wanted a file"
      elif [ ! -f "$1" ]; then
        gp_differs "$1: the file is missing"
      else
        cmp -s "$wanted" "$1" || gp_differs "$1: $(gp_first_difference "$1" "$wanted")"
        gp_mode "$1" "$2" "$3"
      fi
      ;;
  esac
}

# gp_first_difference IS WANTED: the first line that is not as wanted, in words; with hidden=yes without its content
hidden=no
gp_first_difference() {
  if [ "$hidden" = yes ]; then
    echo "the content was changed"
    return
  fi
  awk -v is="$1" '
    function said(line) { return "\"" (length(line) > 160 ? substr(line, 1, 157) "..." : line) "\"" }
    BEGIN { while ((getline line < is) > 0) found[++count] = line }
    { wanted[FNR] = $0 }
    END {
      for (at = 1; at <= FNR && at <= count && found[at] == wanted[at]; at++);
      if (at > FNR && at > count) print "the end of the last line differs"
      else if (at > FNR || at < count && found[at + 1] == wanted[at]) print "line " at " " said(found[at]) " was added"
      else if (at > count || at < FNR && found[at] == wanted[at + 1]) print "line " at " " said(wanted[at]) " is missing"
      else print "line " at " is " said(found[at]) ", wanted " said(wanted[at])
    }' "$2"
}

# gp_files FOLDER MODE OWNER: `gp_file` for many files, whose names and texts are on stdin as tail(1) prints them. A probe
# compares all of them at once, and one by one only if something differs.
gp_files() {
  local parts file at
  cat >"$work/files"
  parts=$(sed -n 's/^==> \(.*\) <==$/\1/p' "$work/files")
  # shellcheck disable=SC2086 # a list of names
  if [ "$verb" = probe ] && (cd "$1" && tail -n +1 $parts) 2>/dev/null | cmp -s - "$work/files" &&
    [ -z "$(find "$1" -type l)" ]; then
    for file in $parts; do gp_mode "$1/$file" "$2" "$3"; done
    return 0
  fi
  # Into numbered files, because a name may have a folder in it. tail prints an empty line before each name.
  awk -v to="$work/files." '
    /^==> .* <==$/ { if (out) close(out); count++; out = to count; printf "" >out; held = 0; next }
    held { print line >out }
    { line = $0; held = 1 }
    END { if (held) print line >out }
  ' "$work/files"
  at=0
  for file in $parts; do
    at=$((at + 1))
    gp_file "$1/$file" "$2" "$3" <"$work/files.$at"
  done
}

# gp_has_sum FILE SUM: whether it is there, with this SHA-256
gp_has_sum() { [ -f "$1" ] && [ "$(sha256sum <"$1")" = "$2  -" ]; }

# gp_part NAME <TEXT: one of several files in a text as tail(1) prints them
gp_part() {
  awk -v name="$1" '
    /^==> .* <==$/ { if (found) { held = 0; exit } found = $2 == name; next }
    found { if (held) print line; line = $0; held = 1 }
    END { if (held) print line }
  '
}

# gp_replace PATH MODE OWNER <CONTENT: in one rename
gp_replace() {
  local owner
  [ -d "${1%/*}" ] || mkdir -p "${1%/*}"
  gp_owned_by "$3"
  install -m 600 /dev/null "$1.greenpush"
  cat >"$1.greenpush"
  gp_set_state "$1.greenpush" "$2" "$owner"
  mv -fT "$1.greenpush" "$1"
}

# gp_link PATH TARGET
gp_link() {
  local found
  found=$(readlink "$1" || :)
  case $verb in
    apply)
      if [ -e "$1" ] && [ ! -L "$1" ]; then gp_make_room "$1"; fi
      # Noted before the link: remove undoes the last line first, so it deletes the link and then restores this.
      gp_own "replaced$tab$1" no
      if [ -z "$found" ]; then gp_own "link$tab$1" yes; else gp_own "link$tab$1" no; fi
      if [ "$found" != "$2" ]; then
        gp_note "links $1 to $2"
        # In one rename, so that the link is never missing.
        ln -sfn "$2" "$1.greenpush"
        mv -fT "$1.greenpush" "$1"
      fi
      ;;
    probe)
      if [ -z "$found" ] && [ -e "$1" ]; then
        gp_differs "$1: is $(gp_kind_of "$1"), wanted a link to $2"
      elif [ -z "$found" ]; then
        gp_differs "$1: the link to $2 is missing"
      elif [ "$found" != "$2" ]; then
        gp_differs "$1: links to $found, wanted $2"
      fi
      ;;
  esac
}

# gp_set_aside PATH: remove what the system has there. Restored by remove.
gp_set_aside() {
  case $verb in
    apply)
      if [ -e "$1" ] || [ -L "$1" ]; then
        gp_keep "$1"
        gp_own "replaced$tab$1" yes
        gp_note "puts $1 aside"
        rm -f "$1"
      else
        gp_own "replaced$tab$1" no
      fi
      ;;
    probe) if [ -e "$1" ] || [ -L "$1" ]; then gp_differs "$1: is there again, wanted away"; fi ;;
  esac
}

# gp_absent PATH WHY: delete what would override ours, for example a drop-in of systemd's. Not restored by remove.
gp_absent() {
  [ -e "$1" ] || [ -L "$1" ] || return 0
  case $verb in
    apply)
      gp_note "removes $1, which $2"
      rm -rf "$1"
      ;;
    probe) gp_differs "$1: $2, wanted away" ;;
  esac
}

# gp_tree PATH: if this component made the folder, remove deletes it with all that is in it. Otherwise remove deletes only
# what the component put there.
gp_tree() {
  if [ "$verb" = apply ] && grep -qxF -e "directory$tab$1" "$record/made.new"; then gp_own "tree$tab$1" yes; fi
}
