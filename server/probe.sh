# Let each component that was applied on this server compare what is there with what it left. Reads only.
# Prints lines of tab-separated words: lost TOKEN (when a record was last made or lost), record COMPONENT NAME
# GENERATION, drift COMPONENT NAME SENTENCE.
# shellcheck shell=sh

root=/var/lib/greenpush
[ -d "$root" ] || root=/var/lib
printf 'lost\t%s\n' "$(stat -c %Y "$root")"

# ask RECORD: one component; what was changed in the record itself is not run
ask() {
  [ -f "$1/script" ] || return 0
  known=${1##*/}
  component=${known%%.*}
  name=${known#*.}
  printf 'record\t%s\t%s\t%s\n' "$component" "$name" "$(cat "$1/generation" 2>/dev/null || stat -c %Z "$1")"
  if ! (cd "$1" && sha256sum --status --strict -c sum 2>/dev/null); then
    differs "$1: is not as the last up has left it"
    return 0
  fi
  # What the component's script says on its error output is its reason when it fails.
  { reason=$(sh "$1/script" probe </dev/null 2>&1 >&3); } 3>&1 && return 0
  case $reason in
    greenpush:*) differs "$(printf '%s' "${reason#greenpush: * of "$name": }" | head -n 1)" ;;
    *) differs "it could not be compared" ;;
  esac
}

differs() { printf 'drift\t%s\t%s\t%s\n' "$component" "$name" "$1"; }

# ask_share NUMBER: every so-manieth component, so that several of these together ask all
ask_share() {
  at=0
  for record in /var/lib/greenpush/*.*; do
    [ "$at" != "$1" ] || ask "$record"
    at=$(((at + 1) % shares))
  done
}

# Half of the time is waiting for systemd and for accounts. What one says stays together.
shares=$(($(nproc) * 2))
[ "$shares" -le 8 ] || shares=8
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
share=0
while [ "$share" -lt "$shares" ]; do
  ask_share "$share" >"$work/$share" &
  share=$((share + 1))
done
wait
cat "$work"/*
