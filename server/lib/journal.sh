# What every component script needs first: its record on the server, and the journal of what was made.
#
# Functions of this library begin with gp_, so that none hides a command. Their variables are local. Shared are only verb,
# work (a scratch folder), record, and the paths of paths.sh. Values are read-only: a function that assigns to one ends the
# program.
#
# A component's record is the folder /var/lib/greenpush/COMPONENT.NAME: `script` (this program with its values; `applying`
# until its apply has finished), `made` (the journal), `kept/` (what was there before), `generation` (see
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

# gp_note WHAT: say what is about to change; `pulumi up` shows it
gp_note() {
  : >"$record/changed"
  printf '%s: %s\n' "$component" "$1" >&2
}

# gp_changed: whether this apply, or an interrupted one before it, changed something. A file and not a variable, because the
# right side of a pipe is a subshell.
gp_changed() { [ "$verb" = apply ] && [ -e "$record/changed" ]; }

# gp_plain <TEXT: replace what a terminal would act on or not show (C1 controls, text directions, zero-width characters)
gp_plain() {
  tr '\000-\010\013-\037\177' ' ' | sed "$(printf 's/\302[\200-\237]/ /g; s/\342\200[\213-\217\250-\256]/ /g; s/\342\201[\240-\257]/ /g')"
}

# gp_differs WHAT: a line of drift. A person's terminal shows it, and a tab or a line break would end it.
gp_differs() { printf 'drift\t%s\t%s\t%s\n' "$component" "$name" "$(printf '%s' "$1" | tr '\t\n' '  ' | gp_plain)"; }

# gp_differ_each <LINES
gp_differ_each() {
  local line
  while read -r line; do gp_differs "$line"; done
}

# Seconds that root's scripts wait for a program of a site's account.
account_limit=7200

# gp_as USER COMMAND...: run a command with the rights of that account
gp_as() { gp_as_into /dev/null "$@"; }

# gp_as_into FILE USER COMMAND...: the same, with its output in FILE. It gets none of our descriptors: a process that it
# leaves behind could hold the lock, write to the operator, or keep this program from ending. Its errors are shown when it
# has ended.
gp_as_into() {
  local into account status
  into=$1 account=$2 status=0
  shift 2
  timeout --kill-after=5 "$account_limit" runuser -u "$account" -- "$@" \
    >"$into" 2>"$work/as-said" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- || status=$?
  tail -c 20000 "$work/as-said" | gp_plain >&2
  return "$status"
}

# gp_own LINE NEW: write LINE into the journal if this apply (NEW=yes) or an earlier one made it
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

# gp_inherit KIND PATH: keep the original state that an earlier apply noted, whatever was changed by hand since
gp_inherit() { grep -sF -e "$1$tab$2$tab" "$record/made" >>"$record/made.new" || :; }

# gp_seal RECORD: write its checksums: the probe does not trust a record that was changed by hand
gp_seal() { (cd "$1" && sha256sum made script generation >sum); }

# gp_kept PATH: where gp_keep puts it
gp_kept() { printf '%s\n' "$record/kept/$(printf '%s' "$1" | tr / :)"; }

# gp_keep PATH: copy what is at PATH into the record, once, before it is replaced
gp_keep() {
  local kept
  kept=$(gp_kept "$1")
  if [ ! -e "$kept" ] && [ ! -L "$kept" ]; then
    mkdir -p "$record/kept"
    cp -a "$1" "$kept.new"
    mv "$kept.new" "$kept"
  fi
}

# gp_make_room PATH: clear the path for ours. remove restores what was there before the first apply. What somebody put in
# the place of ours moves into the record, for a person to look at.
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
