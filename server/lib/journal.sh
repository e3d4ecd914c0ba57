# What every component script begins with: its record on the server, and the journal in it of what was made.
#
# Functions of this library begin with gp_, so that none hides a command. Their variables are local; what the library
# keeps for all is verb, work (a scratch folder), record, and the paths of paths.sh. Values are readonly, so a function
# that took one's name for a variable would end the program.
#
# A component's record lies in /var/lib/greenpush/COMPONENT.NAME: `script` (this very program with its values; `applying`
# until its apply has come to its end), `made` (the journal), `kept/` (what was there before), `generation` (see
# docs/explanation/drift.md).
# Values (set above): component, name, server, stack, generation.

set -eu
umask 022
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
record=$root/$component.$name
tab=$(printf '\t')

# gp_fail WHAT NEXT: end with a message that names server and component, the cause and the next step
gp_fail() {
  printf 'greenpush: %s: %s of %s: %s\n' "$server" "$component" "$name" "$1" >&2
  [ -z "${2:-}" ] || printf '  %s\n' "$2" >&2
  exit 1
}

# gp_note WHAT: something is about to be changed; shown by `pulumi up`
gp_note() {
  : >"$record/changed"
  printf '%s: %s\n' "$component" "$1" >&2
}

# gp_changed: whether something was, by this apply or by one before that was cut off. A file and not a variable, for the
# right side of a pipe is a shell of its own.
gp_changed() { [ "$verb" = apply ] && [ -e "$record/changed" ]; }

# gp_plain <TEXT: without what a terminal obeys, or shows as something else than it is (C1, directions, what has no width)
gp_plain() {
  tr '\000-\010\013-\037\177' ' ' | sed "$(printf 's/\302[\200-\237]/ /g; s/\342\200[\213-\217\250-\256]/ /g; s/\342\201[\240-\257]/ /g')"
}

# gp_differs WHAT: a line of drift. It goes to a person's terminal, and a tab or a newline would end it.
gp_differs() { printf 'drift\t%s\t%s\t%s\n' "$component" "$name" "$(printf '%s' "$1" | tr '\t\n' '  ' | gp_plain)"; }

# gp_differ_each <LINES
gp_differ_each() {
  local line
  while read -r line; do gp_differs "$line"; done
}

# Seconds that a program of a site's account gets where root's scripts wait for it.
account_limit=7200

# gp_as USER COMMAND...: with the rights of that account
gp_as() { gp_as_into /dev/null "$@"; }

# gp_as_into FILE USER COMMAND...: and what it prints into a file. It has none of our descriptors: one of them is the lock,
# others lead to the operator, where anything that it leaves behind could write, and keep us from ending. What it says is
# said when it has ended.
gp_as_into() {
  local into account status
  into=$1 account=$2 status=0
  shift 2
  timeout --kill-after=5 "$account_limit" runuser -u "$account" -- "$@" \
    >"$into" 2>"$work/as-said" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- || status=$?
  tail -c 20000 "$work/as-said" | gp_plain >&2
  return "$status"
}

# gp_own LINE NEW: LINE goes into the journal if it is made now (NEW=yes) or was by an earlier apply
gp_own() {
  if grep -qxF -e "$1" "$record/made.new"; then return 0; fi
  if [ "$2" = yes ] || gp_applied "$1"; then
    printf '%s\n' "$1" >>"$record/made.new"
  fi
}

# gp_applied LINE...: whether an earlier apply has one of these in its journal
gp_applied() {
  local line
  for line in "$@"; do
    if grep -qsxF -e "$line" "$record/made"; then return 0; fi
  done
  return 1
}

# gp_inherit KIND PATH: what an earlier apply noted of before it stays, whatever was changed by hand since
gp_inherit() { grep -sF -e "$1$tab$2$tab" "$record/made" >>"$record/made.new" || :; }

# gp_seal RECORD: for the probe, which does not trust a record that was changed by hand
gp_seal() { (cd "$1" && sha256sum made script generation >sum); }

# gp_kept PATH: where gp_keep puts it
gp_kept() { printf '%s\n' "$record/kept/$(printf '%s' "$1" | tr / :)"; }

# gp_keep PATH: put aside what stands at PATH, once, before it is replaced
gp_keep() {
  local kept
  kept=$(gp_kept "$1")
  if [ ! -e "$kept" ] && [ ! -L "$kept" ]; then
    mkdir -p "$record/kept"
    cp -a "$1" "$kept.new"
    mv "$kept.new" "$kept"
  fi
}

# gp_make_room PATH: something else stands where ours belongs. What was there before us is put back by remove; what
# somebody put in the place of ours stays in the record, for a person to look at.
gp_make_room() {
  local aside
  if gp_applied "file$tab$1" "directory$tab$1" "link$tab$1" "replaced$tab$1"; then
    aside=$record/aside/$(printf '%s' "$1" | tr / :).$(date +%Y%m%d-%H%M%S)
    gp_note "moves what stands at $1 to $aside"
    mkdir -p "$record/aside"
    mv -T "$1" "$aside"
  else
    gp_keep "$1"
    gp_own "replaced$tab$1" yes
    rm -rf "$1"
  fi
}
