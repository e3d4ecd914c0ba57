# Files, folders and links of root's own as they have to be. Nothing here goes below a site's home: see lib/home.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

# kind_of PATH: in words
kind_of() {
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

# set_state PATH MODE OWNER:GROUP: of the path itself, should it be a link
set_state() {
  chown -h "$3" "$1"
  chmod "$2" "$1"
}

# owned_by OWNER: sets owner to OWNER:GROUP; it is root with its own group, or what is said
owned_by() {
  case $1 in
    *:*) owner=$1 ;;
    *) owner=$1:$1 ;;
  esac
}

# directory PATH MODE OWNER
directory() {
  case $verb in
    apply)
      if [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then make_room "$1"; fi
      if [ ! -d "$1" ]; then
        own "directory$tab$1" yes
        inherit mode "$1"
        note "makes $1"
        mkdir -p "$1"
        owned_by "$3"
        set_state "$1" "$2" "$owner"
      else
        own "directory$tab$1" no
        mode "$1" "$2" "$3"
      fi
      own "replaced$tab$1" no
      ;;
    probe)
      if [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then
        differs "$1: is $(kind_of "$1"), wanted a directory"
      elif [ -d "$1" ]; then
        mode "$1" "$2" "$3"
      else
        differs "$1: the directory is missing"
      fi
      ;;
  esac
}

# mode PATH MODE OWNER: of something that is there
mode() {
  owned_by "$3"
  case $verb in
    apply)
      inherit mode "$1"
      found=$(stat -c '%a %U:%G' "$1")
      if [ "$found" != "$2 $owner" ]; then
        # What was made by us has no mode of before to go back to, and what has one keeps the first.
        if ! grep -qsxF -e "directory$tab$1" -e "file$tab$1" -e "replaced$tab$1" "$record/made.new" &&
          ! grep -qsF -e "mode$tab$1$tab" "$record/made.new"; then
          own "mode$tab$1$tab$found" yes
        fi
        note "$1: mode and owner were $found, now $2 $owner"
        set_state "$1" "$2" "$owner"
      fi
      ;;
    probe) printf '%s\t%s\t%s\n' "$2" "$owner" "$1" >>"$work/states" ;;
  esac
}

# compare_modes: of all that a probe has come by, in one look
compare_modes() {
  [ -s "$work/states" ] || return 0
  cut -f 3 "$work/states" | tr '\n' '\0' | xargs -0 stat --printf '%a\t%U:%G\t%n\n' 2>/dev/null >"$work/found" || :
  awk -F '\t' '
    NR == FNR { mode[$3] = $1; owner[$3] = $2; next }
    !($3 in mode) { next }
    $1 != mode[$3] { print $3 ": mode is " mode[$3] ", wanted " $1 }
    $2 != owner[$3] { print $3 ": belongs to " owner[$3] ", wanted " $2 }
  ' "$work/found" "$work/states" | while read -r line; do differs "$line"; done
}

# file PATH MODE OWNER <CONTENT
file() {
  wanted=$work/wanted
  cat >"$wanted"
  case $verb in
    apply)
      if [ -e "$1" ] && [ ! -f "$1" ]; then make_room "$1"; fi
      if [ ! -e "$1" ] && [ ! -L "$1" ]; then
        if ! applied "replaced$tab$1" && ! grep -qsxF -e "replaced$tab$1" "$record/made.new"; then
          own "file$tab$1" yes
        fi
        inherit mode "$1"
        note "writes $1"
        write_as "$1" "$2" "$3"
      elif [ -L "$1" ] || ! cmp -s "$wanted" "$1"; then
        if ! applied "file$tab$1"; then
          keep "$1"
          own "replaced$tab$1" yes
        fi
        own "file$tab$1" no
        inherit mode "$1"
        note "changes $1"
        write_as "$1" "$2" "$3"
      else
        own "file$tab$1" no
        mode "$1" "$2" "$3"
      fi
      own "replaced$tab$1" no
      ;;
    probe)
      if [ -L "$1" ] || { [ -e "$1" ] && [ ! -f "$1" ]; }; then
        differs "$1: is $(kind_of "$1"), wanted a file"
      elif [ ! -f "$1" ]; then
        differs "$1: the file is missing"
      else
        cmp -s "$wanted" "$1" || differs "$1: $(first_difference "$1" "$wanted")"
        mode "$1" "$2" "$3"
      fi
      ;;
  esac
}

# first_difference IS WANTED: the first line that is not as wanted, in words; of what is hidden=yes no word
hidden=no
first_difference() {
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

# files FOLDER MODE OWNER: `file` for each of many, whose names and texts come on stdin as tail(1) prints them, and
# `directory` with mode 755 for their folders, of which each has a file of its own. A probe that finds all of them right
# looks at them once and not one by one.
files() {
  cat >"$work/files"
  parts=$(sed -n 's/^==> \(.*\) <==$/\1/p' "$work/files")
  for folder in $(printf '%s\n' "$parts" | sed -n 's|/[^/]*$||p' | sort -u); do directory "$1/$folder" 755 "$3"; done
  # shellcheck disable=SC2086 # a list of names
  if [ "$verb" = probe ] && (cd "$1" && tail -n +1 $parts) 2>/dev/null | cmp -s - "$work/files" &&
    [ -z "$(find "$1" -type l)" ]; then
    for part in $parts; do mode "$1/$part" "$2" "$3"; done
    return 0
  fi
  # The empty line before a name is tail's.
  awk -v to="$work/files." '
    /^==> .* <==$/ { if (out) close(out); name = $2; gsub("/", "!", name); out = to name; printf "" >out; held = 0; next }
    held { print line >out }
    { line = $0; held = 1 }
    END { if (held) print line >out }
  ' "$work/files"
  for part in $parts; do
    file "$1/$part" "$2" "$3" <"$work/files.$(printf '%s' "$part" | tr / '!')"
  done
}

# write_as PATH MODE OWNER: $wanted becomes PATH in one rename
write_as() {
  [ -d "${1%/*}" ] || mkdir -p "${1%/*}"
  owned_by "$3"
  install -m 600 "$wanted" "$1.greenpush"
  set_state "$1.greenpush" "$2" "$owner"
  mv -fT "$1.greenpush" "$1"
}

# link PATH TARGET
link() {
  found=$(readlink "$1" || :)
  case $verb in
    apply)
      if [ -e "$1" ] && [ ! -L "$1" ]; then make_room "$1"; fi
      if [ -z "$found" ]; then own "link$tab$1" yes; else own "link$tab$1" no; fi
      own "replaced$tab$1" no
      if [ "$found" != "$2" ]; then
        note "links $1 to $2"
        # In one rename: whoever follows it finds the one or the other.
        ln -sfn "$2" "$1.greenpush"
        mv -fT "$1.greenpush" "$1"
      fi
      ;;
    probe)
      if [ -z "$found" ] && [ -e "$1" ]; then
        differs "$1: is $(kind_of "$1"), wanted a link to $2"
      elif [ -z "$found" ]; then
        differs "$1: the link to $2 is missing"
      elif [ "$found" != "$2" ]; then
        differs "$1: links to $found, wanted $2"
      fi
      ;;
  esac
}

# absent PATH: something of the system that has to step aside while we are here
absent() {
  case $verb in
    apply)
      if [ -e "$1" ] || [ -L "$1" ]; then
        keep "$1"
        own "replaced$tab$1" yes
        note "puts $1 aside"
        rm -f "$1"
      else
        own "replaced$tab$1" no
      fi
      ;;
    probe) if [ -e "$1" ] || [ -L "$1" ]; then differs "$1: is there again, wanted away"; fi ;;
  esac
}

# none PATH WHY: something that undoes what we put there, and is nobody's own thing
none() {
  [ -e "$1" ] || [ -L "$1" ] || return 0
  case $verb in
    apply)
      note "removes $1, which $2"
      rm -rf "$1"
      ;;
    probe) differs "$1: $2, wanted away" ;;
  esac
}

# tree PATH: a folder whose whole content goes with it when the component goes
# that made the folder. Where it was there before, only what we put into it goes.
tree() {
  if [ "$verb" = apply ] && grep -qxF -e "directory$tab$1" "$record/made.new"; then own "tree$tab$1" yes; fi
}
