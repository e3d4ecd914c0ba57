# Checks and leaves a server that exists already. Runs there, as root.
#   check STACK   fail, with the reason, if Greenpush can't set it up
#   leave STACK   undo all that the stack's components made there, also what an interrupted `up` left
# The line before this file sets removal_order: the components, each before those that it needs (components/registry.ts).
# shellcheck disable=SC2154 # that line

set -eu
export LC_ALL=C
root=/var/lib/greenpush

fail() {
  printf '%s\n  %s\n' "$1" "$2" >&2
  exit 1
}

check() {
  local system script owner free
  [ "$(id -u)" = 0 ] || fail "greenpush needs root" "Let the server's \`user\` be root, or one who may sudo without a password."
  system=$(sed -n 's/^PRETTY_NAME="\{0,1\}\([^"]*\).*/\1/p' /etc/os-release 2>/dev/null || :)
  command -v apt-get >/dev/null || fail "${system:-this system} has no apt-get" "Greenpush sets up Debian and Ubuntu servers."
  [ -d /run/systemd/system ] || fail "${system:-this system} is not run by systemd" "Greenpush sets up servers that systemd runs."
  for script in "$root"/*/script; do
    [ -f "$script" ] || continue
    owner=$(sed -n 's/^stack=//p' "$script" | head -n 1)
    [ "$owner" = "$1" ] || fail "stack $owner has set this server up" "A server belongs to one stack: describe all its sites there, or destroy that stack first."
  done
  free=$(df -Pk / | awk 'NR == 2 { print int($4 / 1024) }')
  [ "$free" -ge 100 ] || fail "the disk has $free MB left" "Make room: at least 100 MB are needed, \`df -h\` tells where."
}

leave() {
  local component record script
  for component in $removal_order; do
    for record in "$root/$component".*; do
      # An interrupted apply leaves its program as `applying`, which knows what it began.
      for script in "$record/applying" "$record/script"; do
        if [ -f "$script" ] && grep -qxF "stack=$1" "$script"; then
          sh "$script" remove </dev/null
          break
        fi
      done
    done
  done
}

"$@"
