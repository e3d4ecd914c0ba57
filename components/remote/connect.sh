#!/bin/sh
# Run the program on standard input on a server, as root: connect.sh NAME HOST PORT USER HOST_KEY KEY_FILE [WORD...]
# Runs on the operator's machine. It talks only to a server with HOST_KEY. If KEY_FILE is "", ssh asks the SSH agent. The
# words are the program's arguments.
# Exits with the program's status; with 65 if the server can't be asked now; with 66 if it refuses or has another host
# key. Standard error has the reason and the next step.
# Connects like Pulumi's command provider, which reads no configuration of ssh and uses no other keys: what the provider
# can't do has to fail here, at the first step, and not in each later one.
set -eu

name=$1 host=$2 port=$3 user=$4 host_key=$5 key_file=$6
shift 6
# A stack file may have ~ in it, which no shell has expanded.
case $key_file in [~]/*) key_file=$HOME/${key_file#??} ;; esac
unreachable=65
refused=66
# The most bytes of standard output, and of standard error.
most=8388608
words=$*

# fail STATUS WHAT NEXT. `leave` succeeds on a server that the operator calls gone: there is nothing left to remove.
fail() {
  case $words in
    leave*)
      if [ "${GREENPUSH_GONE:-}" = "$name" ]; then
        printf 'servers.%s; it is taken as gone, and forgotten\n' "$name$2" >&2
        exit 0
      fi
      printf 'servers.%s, so what Greenpush made there could not be removed\n  %s\n  %s\n' "$name$2" \
        "Fix that and run destroy again. destroy connects as the last up did, so run up first if you edit the stack file. If the server is gone for good: GREENPUSH_GONE=$name npx pulumi destroy" "$3" >&2
      exit "$1"
      ;;
  esac
  printf 'servers.%s\n  %s\n' "$name$2" "$3" >&2
  exit "$1"
}

# away WHY NEXT: the server can't be asked now
away() { fail "$unreachable" ": $1" "$2"; }

# clean: drop what a terminal would act on: control characters, those of two bytes too, and changes of text direction
clean() {
  LC_ALL=C tr -d '\000-\010\013-\037\177' |
    LC_ALL=C sed "$(printf 's/\302[\200-\237]//g; s/\330\234//g; s/\342\200[\216\217\250-\256]//g; s/\342\201[\246-\251]//g')"
}

check_key() {
  setting=".privateKey: $key_file"
  other="leave it out and give the key to the SSH agent (ssh-add)"
  [ -r "$key_file" ] || fail "$refused" "$setting can't be read" "Name the private key's file, or leave it out to use the SSH agent."
  if ! public=$(ssh-keygen -y -P "" -f "$key_file" 2>"$folder/said" </dev/null); then
    said=$(clean <"$folder/said")
    case $said in
      *"UNPROTECTED PRIVATE KEY FILE"*)
        fail "$refused" "$setting may be read by others than its owner, so ssh doesn't use it" "chmod 600 $key_file"
        ;;
      *"incorrect passphrase"*)
        fail "$refused" "$setting has a passphrase, which nobody can be asked for in a step" \
          "Name a key without one, or $other."
        ;;
    esac
    fail "$refused" "$setting is no private key that ssh reads (${said##*: })" "Name the private key's file, not the .pub beside it, or $other."
  fi
  case $public in
    sk-*) fail "$refused" "$setting is the key of a device, which Pulumi's steps can't use" "Name another key, or $other." ;;
  esac
}

# The provider asks an SSH agent if there is one, even if it has a key.
check_agent() {
  if [ -z "${SSH_AUTH_SOCK:-}" ]; then
    [ -n "$key_file" ] || fail "$refused" " has no privateKey, and there is no SSH agent (SSH_AUTH_SOCK is not set)" \
      "Name the private key's file as servers.$name.privateKey, or start an agent: eval \$(ssh-agent) && ssh-add"
    return 0
  fi
  agent=0
  ssh-add -l >/dev/null 2>&1 || agent=$?
  case $agent$key_file in
    2*) fail "$refused" ": the SSH agent does not answer (SSH_AUTH_SOCK is $SSH_AUTH_SOCK)" "Start one, or unset SSH_AUTH_SOCK: it would be asked by each step." ;;
    1) fail "$refused" " has no privateKey, and the SSH agent has no key" "Give it one (ssh-add), or name the private key's file as servers.$name.privateKey." ;;
  esac
}

command -v ssh >/dev/null || fail "$refused" ": there is no ssh on this machine" "Install OpenSSH's client: apt-get install openssh-client"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' TERM
printf '[%s]:%s %s\n%s %s\n' "$host" "$port" "$host_key" "$host" "$host_key" >"$folder/known_hosts"
ssh-keygen -l -f "$folder/known_hosts" >/dev/null 2>&1 ||
  fail "$refused" ".hostKey: is not whole" "Copy the line that \`ssh-keyscan -t ed25519 -p $port $host\` prints, without the host."
[ -z "$key_file" ] || check_key
check_agent

# Lines of standard error with this mark say how far the connection came. Any other line may come from the server.
mark=greenpush-${folder##*/}
# The account's login shell is unknown, so there is no single quote within the single quotes.
# shellcheck disable=SC2016 # expanded there
program='echo "$0 started" >&2; sh -s -- "$@" && s=0 || s=$?; echo "$0 ended $s" >&2; exit "$s"'
remote="sh -c '$program' $mark $words"
[ "$user" = root ] ||
  remote="sh -c 'echo \"\$0 in\" >&2; p=\$1; shift; exec sudo -n sh -c \"\$p\" \"\$0\" \"\$@\"' $mark '$program' $words"

if [ -n "$key_file" ]; then
  set -- -i "$key_file" -o IdentitiesOnly=yes
else
  set -- -o IdentityFile=none
fi
# A server that doesn't stop sending is cut off: by a limit on the file that ssh writes, and by head.
{ (
  ulimit -f $((most / 512)) 2>/dev/null || :
  exec ssh -F /dev/null -p "$port" -l "$user" -o BatchMode=yes -o PreferredAuthentications=publickey \
    -o UserKnownHostsFile="$folder/known_hosts" -o GlobalKnownHostsFile=/dev/null \
    -o StrictHostKeyChecking=yes -o UpdateHostKeys=no -o LogLevel=ERROR \
    -o ConnectTimeout=5 -o ServerAliveInterval=10 -o ServerAliveCountMax=3 \
    "$@" -- "$host" "$remote" 2>"$folder/said"
) || echo $? >"$folder/status"; } | head -c "$most" | clean
status=0
[ ! -s "$folder/status" ] || status=$(cat "$folder/status")

# Standard error without the marks.
sed "/^$mark /d; s/$mark [a-z]*[ 0-9]*\$//" "$folder/said" | tail -c 16384 | clean >"$folder/plain"
came() { grep -q "$mark $1" "$folder/said"; }
ended=$(sed -n "s/.*$mark ended \([0-9]*\)\$/\1/p" "$folder/said" | tail -n 1)
if [ -n "$ended" ]; then
  cat "$folder/plain" >&2
  case $ended:$words in
    0:check*)
      [ -z "${GREENPUSH_NOT_ASKED:-}" ] || fail "$unreachable" \
        ": $host answers only now, so what was changed by hand there is not known ($GREENPUSH_NOT_ASKED)" "Run up again."
      ;;
    "$unreachable":* | "$refused":*) ended=1 ;;
  esac
  exit "$ended"
fi

# The last lines, in one sentence: ssh prints the reason when it ends.
said=$(tail -n 3 "$folder/plain" | tr '\n' ' ' | head -c 500)
said=${said% }
if came started || [ "$status" = 0 ]; then
  away "$host broke off the connection, or this machine did (${said:-without a word})" "Run it again; it goes on where this one was cut off."
fi
case $status:$(cat "$folder/plain") in
  255:*"Host key verification failed"* | 255:*"no matching host key type"*)
    fail "$refused" ": $host is not the server whose host key is pinned, so nothing was sent to it" \
      "Another machine may be answering in its place. If it was set up anew, set servers.$name.hostKey to what \`ssh-keyscan -p $port $host\` prints, after comparing it on the server itself."
    ;;
  255:*"Permission denied ("*)
    fail "$refused" ": $user may not log in on $host with ${key_file:-the keys of the SSH agent}" \
      "Add the public key to that account's ~/.ssh/authorized_keys, or set servers.$name.user and privateKey."
    ;;
  255:*"Too many authentication failures"*)
    fail "$refused" ": $host gave up before the right one of the SSH agent's keys had its turn" \
      "Name the private key's file as servers.$name.privateKey, or take keys out of the agent (ssh-add -d)."
    ;;
  255:*"Could not resolve hostname"*)
    away "the name $host can't be resolved" \
      "servers.$name.host is a name that this machine's resolver knows, or an address. A Host of ~/.ssh/config, its HostName, ProxyJump and IdentityFile do not count: Pulumi's steps can't read them."
    ;;
  255:*) away "$host can't be reached on port $port (${said:-the connection broke off})" "Is it up, and are servers.$name.host and port right?" ;;
esac
if came in; then
  fail "$refused" ": $user may not use sudo on $host without a password ($said)" \
    "Let it in a file below /etc/sudoers.d with \`$user ALL=(ALL) NOPASSWD: ALL\`, or set servers.$name.user to root."
fi
fail "$refused" ": $user may log in on $host, but not run a program there (${said:-status $status})" \
  "Give that account a shell and its key no command of its own, or set servers.$name.user to another."
