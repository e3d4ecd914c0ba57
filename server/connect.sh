#!/bin/sh
# Run the program on standard input on a server, as root: connect.sh NAME HOST PORT USER HOST_KEY KEY_FILE [WORD...]
# Runs on the operator's machine. HOST_KEY is the pinned one, and nothing else is talked to; KEY_FILE may be "", then
# ssh looks where it always does. The words go to the program as its arguments.
# Ends as the program does; with 65 where the server can't be asked now, with 66 where it refuses or isn't the one
# meant, the reason and the next step on standard error.
set -eu

name=$1 host=$2 port=$3 user=$4 host_key=$5 key_file=$6
shift 6
# As a stack file has it, where no shell has seen it.
case $key_file in [~]/*) key_file=$HOME/${key_file#??} ;; esac
unreachable=65
refused=66

# fail STATUS WHAT NEXT
fail() {
  printf 'servers.%s\n  %s\n' "$name$2" "$3" >&2
  exit "$1"
}

if [ -n "$key_file" ] && [ ! -r "$key_file" ]; then
  fail "$refused" ".privateKey: $key_file can't be read" "Name the private key's file, or leave it out to use the SSH agent."
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf '[%s]:%s %s\n%s %s\n' "$host" "$port" "$host_key" "$host" "$host_key" >"$folder/known_hosts"
words=$*
remote="sh -s -- $words"
[ "$user" = root ] || remote="sudo -n $remote"
set --
[ -z "$key_file" ] || set -- -i "$key_file" -o IdentitiesOnly=yes
status=0
ssh -p "$port" -l "$user" -o BatchMode=yes \
  -o UserKnownHostsFile="$folder/known_hosts" -o GlobalKnownHostsFile=/dev/null \
  -o StrictHostKeyChecking=yes -o UpdateHostKeys=no -o LogLevel=ERROR \
  -o ConnectTimeout=5 -o ServerAliveInterval=10 -o ServerAliveCountMax=3 \
  "$@" "$host" "$remote" 2>"$folder/said" || status=$?
[ "$status" != 0 ] || {
  cat "$folder/said" >&2
  exit 0
}

said=$(tr -d '\r' <"$folder/said")
case $said in
  *"Host key verification failed"*)
    fail "$refused" ": $host is not the server whose host key is pinned, so nothing was sent to it" \
      "Another machine may be answering in its place. If it was set up anew, set servers.$name.hostKey to what \`ssh-keyscan -p $port $host\` prints, after comparing it on the server itself."
    ;;
  *"Permission denied"*)
    fail "$refused" ": $user may not log in on $host with ${key_file:-the keys of the SSH agent}" \
      "Add the public key to that account's ~/.ssh/authorized_keys, or set servers.$name.user and privateKey."
    ;;
  "sudo: "*)
    fail "$refused" ": $user may not use sudo on $host without a password (${said%%
*})" \
      "Let it in a file below /etc/sudoers.d with \`$user ALL=(ALL) NOPASSWD: ALL\`, or set servers.$name.user to root."
    ;;
esac
if [ "$status" = 255 ]; then
  why="$host can't be reached on port $port (${said:-the connection broke off})"
  case $words in
    leave*)
      if [ "${GREENPUSH_GONE:-}" = "$name" ]; then
        printf 'servers.%s: %s; it is taken as gone, and forgotten\n' "$name" "$why" >&2
        exit 0
      fi
      fail "$unreachable" ": $why, so what stands there could not be taken away" \
        "Mend that and run destroy again. Is the server gone for good: GREENPUSH_GONE=$name npx pulumi destroy"
      ;;
  esac
  fail "$unreachable" ": $why" "Is it up, and are servers.$name.host and port right?"
fi
printf '%s\n' "$said" >&2
exit "$status"
