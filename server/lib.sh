# What the component scripts are made of: a script describes what has to be there, and the verb decides what
# happens with the description.
#
#   apply   brings it about, and notes in a journal what was made, so that only that is taken away again
#   probe   only looks: prints a line for each thing that is not as the last apply left it
#   remove  undoes the journal, the last thing first
#
# A component's record lies in /var/lib/greenpush/COMPONENT.NAME: `script` (this very program with its values; `applying`
# until its apply has come to its end), `made` (the journal), `kept/` (what was there before), `generation` (see
# docs/drift.md).
# Values (set above): component, name, server, stack, generation. A script sets describe(); it may set before_remove().
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

set -eu
umask 022
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
# An SSH session that is no login may lack the administrator's folders.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
root=/var/lib/greenpush
record=$root/$component.$name
tab=$(printf '\t')

# fail WHAT NEXT: end with a message that names server and component, the cause and the next step
fail() {
  printf 'greenpush: %s: %s of %s: %s\n' "$server" "$component" "$name" "$1" >&2
  [ -z "${2:-}" ] || printf '  %s\n' "$2" >&2
  exit 1
}

# note WHAT: something is about to be changed; shown by `pulumi up`
note() {
  : >"$record/changed"
  printf '%s: %s\n' "$component" "$1" >&2
}

# changed: whether something was, by this apply or by one before that was cut off. A file and not a variable, for the
# right side of a pipe is a shell of its own.
changed() { [ "$verb" = apply ] && [ -e "$record/changed" ]; }

# differs WHAT: a line of drift. It goes to a person's terminal, and a tab or a newline would end it.
differs() { printf 'drift\t%s\t%s\t%s\n' "$component" "$name" "$(printf '%s' "$1" | tr '[:cntrl:]' ' ')"; }

# as USER COMMAND...: run as the owner of what is touched, so that a link laid by that user leads nowhere new
as() {
  as_user=$1
  shift
  if [ "$as_user" = root ]; then "$@"; else runuser -u "$as_user" -- "$@"; fi
}

# own LINE NEW: LINE goes into the journal if it is made now (NEW=yes) or was by an earlier apply
own() {
  if grep -qxF -e "$1" "$record/made.new"; then return 0; fi
  if [ "$2" = yes ] || applied "$1"; then
    printf '%s\n' "$1" >>"$record/made.new"
  fi
}

# applied LINE...: whether an earlier apply has one of these in its journal
applied() {
  for line in "$@"; do
    if grep -qsxF -e "$line" "$record/made"; then return 0; fi
  done
  return 1
}

# inherit KIND PATH: what an earlier apply noted of before it stays, whatever was changed by hand since
inherit() { grep -sF -e "$1$tab$2$tab" "$record/made" >>"$record/made.new" || :; }

# keep PATH: put aside what stands at PATH, once, before it is replaced
keep() {
  kept=$record/kept/$(printf '%s' "$1" | tr / :)
  if [ ! -e "$kept" ] && [ ! -L "$kept" ]; then
    mkdir -p "$record/kept"
    cp -a "$1" "$kept.new"
    mv "$kept.new" "$kept"
  fi
}

# make_room PATH: something else stands where ours belongs. What was there before us is put back by remove; what
# somebody put in the place of ours stays in the record, for a person to look at.
make_room() {
  if applied "file$tab$1" "directory$tab$1" "link$tab$1" "replaced$tab$1"; then
    aside=$record/aside/$(printf '%s' "$1" | tr / :).$(date +%Y%m%d-%H%M%S)
    note "moves what stands at $1 to $aside"
    mkdir -p "$record/aside"
    mv -T "$1" "$aside"
  else
    keep "$1"
    own "replaced$tab$1" yes
    rm -rf "$1"
  fi
}

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

# owned_by USER: sets owner to USER:GROUP, the group being the one of that account
owner=root:root
owned_by() { [ "${owner%%:*}" = "$1" ] || owner=$1:$(id -gn "$1"); }

# set_state PATH MODE OWNER:GROUP: of the path itself, should it have become a link meanwhile
set_state() {
  chown -h "$3" "$1"
  as "${3%%:*}" chmod "$2" "$1"
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
        if [ "$3" = root ]; then mkdir -p "$1"; else as "$3" mkdir -p "$1"; fi
        as "$3" chmod "$2" "$1"
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

# owned TREE OWNER: all below it. A command that root gave there leaves files that the owner can't replace.
owned() {
  stray=$(find "$1" ! -user "$2" -print -quit 2>/dev/null)
  [ -n "$stray" ] || return 0
  case $verb in
    apply)
      note "gives $stray and all else below $1 to $2"
      owned_by "$2"
      find "$1" ! -user "$2" -execdir chown -h "$owner" {} +
      ;;
    probe) differs "$stray: belongs to $(stat -c %U "$stray"), wanted $2" ;;
  esac
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

# files FOLDER MODE OWNER: `file` for each of many, whose names and texts come on stdin as tail(1) prints them. A probe
# that finds all of them right looks at them once and not one by one.
files() {
  cat >"$work/files"
  parts=$(sed -n 's/^==> \(.*\) <==$/\1/p' "$work/files")
  # shellcheck disable=SC2086 # a list of names
  if [ "$verb" = probe ] && (cd "$1" && tail -n +1 $parts) 2>/dev/null | cmp -s - "$work/files" &&
    [ -z "$(find "$1" -type l)" ]; then
    for part in $parts; do mode "$1/$part" "$2" "$3"; done
    return 0
  fi
  # The empty line before a name is tail's.
  awk -v to="$work/files." '
    /^==> .* <==$/ { if (out) close(out); out = to $2; printf "" >out; held = 0; next }
    held { print line >out }
    { line = $0; held = 1 }
    END { if (held) print line >out }
  ' "$work/files"
  for part in $parts; do file "$1/$part" "$2" "$3" <"$work/files.$part"; done
}

# write_as PATH MODE OWNER: $wanted becomes PATH in one rename
write_as() {
  [ -d "${1%/*}" ] || as "$3" mkdir -p "${1%/*}"
  # shellcheck disable=SC2016 # expanded by the inner shell
  as "$3" sh -c 'umask 077; cat >"$1.greenpush"; chmod "$2" "$1.greenpush"; mv -fT "$1.greenpush" "$1"' sh "$1" "$2" <"$wanted"
}

# link PATH TARGET [OWNER]: the owner is root by default
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
        as "${3:-root}" ln -sfn "$2" "$1.greenpush"
        as "${3:-root}" mv -fT "$1.greenpush" "$1"
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

installed() { dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^.i //p' | sort; }

# apt ARGUMENTS: waits for another apt to end, asks nothing, goes on where another was cut off
apt() {
  apt_get "$@" && return 0
  case $(cat "$work/apt") in
    *"dpkg was interrupted"*)
      note "finishes an installation that was cut off"
      dpkg --configure -a --force-confdef --force-confold >>"$work/apt" 2>&1 || :
      apt_get "$@" && return 0
      ;;
  esac
  tail -n 15 "$work/apt" >&2
  case $(cat "$work/apt") in
    *"Could not get lock"*) fail "another apt ran for more than 5 minutes" "Let it end, or end it, then run up again." ;;
    *"No space left"* | *"enough free space"*) fail "the disk is full" "Make room on $server, then run up again." ;;
  esac
  fail "apt-get $1 failed, see above" "Mend the server's package sources, then run up again."
}

apt_get() {
  apt-get -y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" >"$work/apt" 2>&1
}

# packages NAME...
packages() {
  installed >"$work/before"
  missing=
  for package in "$@"; do
    grep -qx "$package" "$work/before" || missing="$missing $package"
  done
  case $verb in
    apply)
      if [ -n "$missing" ]; then
        note "installs$missing"
        # What apt brings in besides is ours to take away too. It is known only now, so the list before is kept
        # until the list after is: an apply that was cut off finds it.
        [ -f "$record/before" ] || cp "$work/before" "$record/before"
        apt update
        # shellcheck disable=SC2086 # a list of names
        apt install --no-install-recommends $missing
      fi
      if [ -f "$record/before" ]; then
        installed | comm -13 "$record/before" - | while read -r package; do own "package$tab$package" yes; done
      fi
      if [ -f "$record/made" ]; then grep "^package$tab" "$record/made" >>"$record/made.new" || :; fi
      ;;
    probe) for package in $missing; do differs "the package $package is not installed"; done ;;
  esac
}

# left_by_package KIND PATH: what a package makes that is installed below, and its purge leaves
left_by_package() {
  [ "$verb" = apply ] || return 0
  if [ -e "$2" ]; then own "$1$tab$2" no; else own "$1$tab$2" yes; fi
}

# unit_enabled NAME...: started at boot
unit_enabled() {
  for unit in "$@"; do
    found=$(systemctl is-enabled "$unit" 2>/dev/null || :)
    case $verb in
      apply)
        if [ "$found" = enabled ]; then
          own "enabled$tab$unit" no
        else
          own "enabled$tab$unit" yes
          note "enables $unit"
          case $found in
            masked*) systemctl --quiet unmask "$unit" && systemctl --quiet --runtime unmask "$unit" ;;
          esac
          systemctl --quiet enable "$unit"
        fi
        ;;
      probe) [ "$found" = enabled ] || differs "the unit $unit is ${found:-missing}, wanted enabled" ;;
    esac
  done
}

# unit_active NAME: running
unit_active() {
  found=$(systemctl is-active "$1" || :)
  case $verb in
    apply)
      if [ "$found" != active ]; then
        note "starts $1"
        systemctl start "$1" || fail "$1 does not start: $(systemctl status --no-pager -n 5 "$1" | tail -n 5)" "Mend that, then run up again."
      fi
      ;;
    probe)
      case $found in
        active | activating | reloading) ;;
        # A server that has just been switched on may not have come to it yet.
        *) [ "$(systemctl show --property Job --value "$1")" ] || differs "the unit $1 is $found, wanted active" ;;
      esac
      ;;
  esac
}

# setting REPOSITORY USER KEY VALUE: of a git repository
setting() {
  # Its file is asked and not git as that user, who may not get there if a folder's mode was changed.
  found=$(git config --file "$1/.git/config" --get "$3" 2>/dev/null || :)
  case $verb in
    apply)
      inherit setting "$1$tab$3"
      if [ "$found" != "$4" ]; then
        grep -qsF -e "setting$tab$1$tab$3$tab" "$record/made.new" || own "setting$tab$1$tab$3$tab$found" yes
        note "sets $3 to $4 in $1"
        as "$2" git -C "$1" config --replace-all "$3" "$4"
      fi
      ;;
    probe) [ "$found" = "$4" ] || ! command -v git >/dev/null || differs "git setting $3 in $1 is \"$found\", wanted \"$4\"" ;;
  esac
}

# port_free NUMBER: nobody but nginx listens there
port_free() {
  holder=$(ss -Hltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (process \2)/p' | grep -v '^nginx ' | head -n 1 || :)
  [ -z "$holder" ] || fail "port $1 is taken by $holder" "nginx needs it: stop that program or move it to another port, then run up again."
}

# nginx_takes COMMAND...: nginx -t ends well
nginx_takes() {
  nginx -t "$@" >"$work/nginx-said" 2>&1 && return 0
  why=$(sed -n 's/.*\[emerg\] \([0-9#]*: \)\{0,1\}//p' "$work/nginx-said" | sed "s|$work/nginx/|/etc/nginx/|g" | head -n 3)
  next="Mend that, in the stack file where it comes from there, then run up again."
  case $why in
    *"unknown directive"*)
      next="Mend it in the stack file. Where it belongs to a module of nginx: add that one's package (libnginx-mod-...) to servers.$server.packages."
      ;;
  esac
  fail "nginx does not take the configuration: $why" "$next"
}

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

# undo_setting REPOSITORY KEY(tab)VALUE: the value of before, none where it is empty
undo_setting() {
  [ -d "$1/.git" ] || return 0
  key=${2%%"$tab"*}
  value=${2#*"$tab"}
  if [ -n "$value" ]; then
    as "$(stat -c %U "$1/.git")" git -C "$1" config --replace-all "$key" "$value"
  else
    as "$(stat -c %U "$1/.git")" git -C "$1" config --unset-all "$key" || :
  fi
}

# undo_packages: those that were new, less what something else has come to need
undo_packages() {
  [ -s "$work/packages" ] || return 0
  installed >"$work/now"
  sort "$work/packages" | comm -12 - "$work/now" >"$work/ours"
  # shellcheck disable=SC2046 # a list of names
  purged_with $(cat "$work/ours") | comm -13 "$work/ours" - >"$work/foreign"
  if [ -s "$work/foreign" ]; then
    : >"$work/alone"
    # shellcheck disable=SC2013 # a list of names
    for package in $(cat "$work/ours"); do
      purged_with "$package" | comm -13 "$work/ours" - >"$work/others"
      [ -s "$work/others" ] || echo "$package" >>"$work/alone"
    done
    note "keeps packages that others need by now: $(comm -23 "$work/ours" "$work/alone" | tr '\n' ' ')"
    mv "$work/alone" "$work/ours"
  fi
  # shellcheck disable=SC2046
  [ ! -s "$work/ours" ] || apt purge $(cat "$work/ours")
}

purged_with() {
  [ "$#" = 0 ] || apt-get -s -q purge "$@" 2>/dev/null | sed -n 's/^Purg \([^ ]*\).*/\1/p' | sed 's/:.*//' | sort -u
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

# One apply or remove of a component at a time, also when two people say up at once.
lock() {
  exec 9>"$root/lock.$component.$name"
  flock -w 900 9 || fail "another up or destroy has been at it for 15 minutes" "Let it end, then run up again."
}

# probe_all: what was described, and the record itself, which has secrets in it
probe_all() {
  # An account that is missing while its files are there comes back as it was. Its absence is the layout's to say, for
  # all else of the site would only say that the files belong to nobody.
  if [ "$component" != site-layout ] && [ -n "${site_user:-}" ] && [ -d "$www" ]; then
    id "$site_user" >/dev/null 2>&1 || return 0
  fi
  describe
  mode "$record" 700 root
  mode "$record/script" 600 root
  compare_modes
}

before_remove() { :; }
after_remove() { :; }

greenpush() {
  verb=$1
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  [ "$(id -u)" = 0 ] || fail "this needs root" "Let the stack's \`user\` be root, or one who may sudo without a password."
  case $verb in
    apply)
      install -d -m 0700 -o root -g root "$root" "$record"
      lock
      install -m 0600 "$0" "$record/applying"
      # An apply that was cut off has noted what it made there: it counts.
      if [ -f "$record/made.new" ]; then cat "$record/made.new" >>"$record/made"; fi
      : >"$record/made.new"
      describe
      if [ -f "$record/made" ]; then
        tac "$record/made" | grep -vxFf "$record/made.new" >"$work/over" || :
        while read -r line; do
          note "undoes $line"
          undo "$line"
        done <"$work/over"
      fi
      mv "$record/made.new" "$record/made"
      rm -f "$record/before" "$record/changed"
      mv "$record/applying" "$record/script"
      printf '%s\n' "$generation" >"$record/generation"
      # For the probe: a record that was changed by hand is not trusted.
      (cd "$record" && sha256sum made script generation >sum)
      ;;
    probe)
      probe_all
      ;;
    remove)
      [ -d "$record" ] || return 0
      lock
      before_remove
      cat "$record/made" "$record/made.new" >"$work/made" 2>/dev/null || :
      : >"$work/packages"
      tac "$work/made" >"$work/over"
      while read -r line; do undo "$line"; done <"$work/over"
      undo_packages
      after_remove
      rm -rf "$record" "$root/lock.$component.$name"
      rmdir "$root" 2>/dev/null || :
      ;;
    *) fail "there is no verb $verb" ;;
  esac
}
