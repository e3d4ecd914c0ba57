# What every component script begins with: its record on the server, and the journal in it of what was made.
#
# A component's record lies in /var/lib/greenpush/COMPONENT.NAME: `script` (this very program with its values; `applying`
# until its apply has come to its end), `made` (the journal), `kept/` (what was there before), `generation` (see
# docs/drift.md).
# Values (set above): component, name, server, stack, generation.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

set -eu
umask 022
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
# An SSH session that is no login may lack the administrator's folders.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
root=/var/lib/greenpush
record=$root/$component.$name
engine_folder=/usr/lib/greenpush
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

# plain <TEXT: without what a terminal obeys, or shows as something else than it is (C1, directions, what has no width)
plain() {
  tr '\000-\010\013-\037\177' ' ' | sed "$(printf 's/\302[\200-\237]/ /g; s/\342\200[\213-\217\250-\256]/ /g; s/\342\201[\240-\257]/ /g')"
}

# differs WHAT: a line of drift. It goes to a person's terminal, and a tab or a newline would end it.
differs() { printf 'drift\t%s\t%s\t%s\n' "$component" "$name" "$(printf '%s' "$1" | tr '\t\n' '  ' | plain)"; }

# Seconds that a program of a site's account gets where root's scripts wait for it.
account_limit=7200

# as USER COMMAND...: with the rights of that account
as() { as_into /dev/null "$@"; }

# as_into FILE USER COMMAND...: and what it prints into a file. It has none of our descriptors: one of them is the lock,
# others lead to the operator, where anything that it leaves behind could write, and keep us from ending. What it says is
# said when it has ended.
as_into() {
  as_file=$1 as_user=$2 as_status=0
  shift 2
  timeout --kill-after=5 "$account_limit" runuser -u "$as_user" -- "$@" \
    >"$as_file" 2>"$work/as-said" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- || as_status=$?
  tail -c 20000 "$work/as-said" | plain >&2
  return "$as_status"
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

# seal RECORD: for the probe, which does not trust a record that was changed by hand
seal() { (cd "$1" && sha256sum made script generation >sum); }

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
