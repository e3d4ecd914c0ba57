# Let each component that was applied on this server compare what is there with what it left. It changes nothing.
# Prints lines of tab-separated words: lost TOKEN (when a record was last made or lost), record COMPONENT NAME
# GENERATION, drift COMPONENT NAME SENTENCE, serves HOST FILE (a file of nginx that is none of ours).

root=/var/lib/greenpush
[ -d "$root" ] || root=/var/lib
printf 'lost\t%s\n' "$(stat -c %Y "$root")"

# ask RECORD: probe one component; a record that was changed by hand is not run
ask() {
  local known component name status reason
  [ -f "$1/script" ] || return 0
  known=${1##*/}
  component=${known%%.*}
  name=${known#*.}
  # With as few processes as can be: a server of fifty sites has 350 records.
  if [ -f "$1/generation" ]; then read -r generation <"$1/generation" || :; else generation=$(stat -c %Z "$1"); fi
  printf 'record\t%s\t%s\t%s\n' "$component" "$name" "$generation"
  if ! (cd "$1" && exec sha256sum --status --strict -c sum 2>/dev/null); then
    differs "$1: is not as the last up has left it"
    return 0
  fi
  # Into files and not pipes, which a stopped process could hold open: no site may keep the others waiting.
  status=0
  (
    ulimit -f 2000
    exec timeout --kill-after=5 "$limit" sh "$1/script" probe "$work/$known" </dev/null >"$work/$known.said" 2>"$work/$known.reason"
  ) || status=$?
  if [ -s "$work/$known.said" ]; then
    head -c 100000 "$work/$known.said" | grep "^drift$tab$component$tab$name$tab" | head -n 100
  fi
  # 69: the library is missing, and server-engine reports that.
  case $status in 0 | 69) return 0 ;; esac
  # A script that fails prints the reason on standard error.
  reason=$(head -c 2000 "$work/$known.reason" | head -n 1 | tr '[:cntrl:]' ' ')
  case $status$reason in
    124* | 137*) differs "it could not be compared: no answer in $limit s" ;;
    *greenpush:*) differs "it could not be compared: ${reason#greenpush: * of "$name": }" ;;
    *) differs "it could not be compared" ;;
  esac
}

# Seconds for one component.
limit=40
tab=$(printf '\t')

differs() { printf 'drift\t%s\t%s\t%s\n' "$component" "$name" "$1"; }

# ask_share NUMBER: every Nth component; the shares together cover all of them
ask_share() {
  local at record
  at=0
  for record in /var/lib/greenpush/*.*; do
    [ "$at" != "$1" ] || ask "$record"
    at=$(((at + 1) % shares))
  done
}

# served_by_others: what nginx has been told by hand, for a site that is still to come
served_by_others() {
  local file
  set --
  for file in /etc/nginx/nginx.conf /etc/nginx/conf.d/*.conf /etc/nginx/sites-enabled/*; do
    case ${file##*/} in greenpush-* | '*'*) continue ;; esac
    if [ -f "$file" ]; then set -- "$@" "$file"; fi
  done
  # Without files awk would read the standard input.
  [ $# -eq 0 ] || awk '
    FNR == 1 { named = 0 }
    {
      sub(/#.*/, "")
      gsub(/[;{}]/, " & ")
      for (at = 1; at <= NF; at++) {
        if ($at == "server_name") named = 1
        else if ($at ~ /^[;{}]$/) named = 0
        else if (named && !seen[FILENAME, $at]++ && count[FILENAME]++ < 200) print "serves\t" $at "\t" FILENAME
      }
    }
  ' "$@"
}

# Twice as many as processors, because half of the time is waiting for systemd and for accounts. The answers of a share
# stay together.
shares=$(($(nproc) * 2))
[ "$shares" -le 8 ] || shares=8
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A folder for each program to work in.
set --
for record in /var/lib/greenpush/*.*/script; do
  record=${record%/script}
  set -- "$@" "$work/${record##*/}"
done
mkdir "$@"
share=0
while [ "$share" -lt "$shares" ]; do
  ask_share "$share" >"$work/share.$share" &
  share=$((share + 1))
done
wait
cat "$work"/share.*
served_by_others
