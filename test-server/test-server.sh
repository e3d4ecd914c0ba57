#!/bin/sh
# A server with Debian or Ubuntu in a container on this machine, to set up, push to and destroy as if it were a real one.
set -eu

usage='usage:
  test-server.sh make NAME SUITE STATE_DIR    make it, or start it again; prints one line of JSON that says how to reach it
  test-server.sh remove NAME STATE_DIR        remove it and its keys; fine when it is gone already
  test-server.sh status NAME                  prints running, stopped, half-made or absent
  test-server.sh packages                     prints the apt packages that are missing here for all this
  test-server.sh clean                        remove the images of test servers (make builds them again)

NAME is of a-z, 0-9 and "-", 40 at most. SUITE is bookworm (Debian 12), trixie (Debian 13),
noble (Ubuntu 24.04) or resolute (Ubuntu 26.04).
STATE_DIR gets id_ed25519, id_ed25519.pub and known_hosts.
Podman as root, or a Docker daemon that answers (GREENPUSH_CONTAINER_ENGINE=podman or docker chooses). Rootless Podman is not supported:
a server needs root, systemd and ports of its own.'

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/greenpush/test-server

say() { printf '%s\n' "$*" >&2; }

die() {
  say "test-server: $*"
  exit 1
}

misused() {
  say "test-server: $*"
  say "$usage"
  exit 2
}

for part in engine locks images container ports given; do
  # shellcheck source=/dev/null # each is checked by itself
  . "$here/$part.sh"
done

make_new() {
  ensure_image "$suite"
  ensure_client_key
  write_root
  attempt=0
  while :; do
    attempt=$((attempt + 1))
    [ "$attempt" -le 50 ] || die "no three free ports were found for $name in $attempt attempts; the last: ${trouble:-all in use}"
    choose_ports "$attempt" || continue

    half_made=yes
    create_container >/dev/null
    tar -C "$draft/root" --owner=0 --group=0 --numeric-owner -cf - etc root | engine cp - "$container:/"
    write_known_hosts
    trouble=$(start_container) && break
    remove_container
    # Another server may have taken a port in the meantime. Any other trouble would come again.
    case $trouble in
      *"already in use"* | *"already allocated"*) ;;
      *) die "$container does not start: $trouble" ;;
    esac
  done
  wait_for new
  half_made=
}

# A make that fails or is interrupted leaves no server. What a killed one leaves, the next make or remove clears away.
leave() {
  rm -rf "$draft"
  [ -z "$half_made" ] || remove_container 2>/dev/null || true
}

json_string() { printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"; }

print_server() {
  printf '{"host":"127.0.0.1","port":%s,"httpPort":%s,"httpsPort":%s,"user":"root","hostKey":%s,"privateKeyFile":%s,"knownHostsFile":%s,"container":%s,"engine":%s}\n' \
    "$port" "$http_port" "$https_port" "$(json_string "$host_key")" "$(json_string "$state_dir/id_ed25519")" \
    "$(json_string "$state_dir/known_hosts")" "$(json_string "$container")" "$(json_string "$engine")"
}

make() {
  name=$1 suite=$2
  umask 077
  mkdir -p "$3"
  state_dir=$(cd "$3" && pwd -P)
  chmod 700 "$state_dir"

  lock_server "$name"
  draft=$state_dir/.draft
  rm -rf "$draft"
  mkdir "$draft"
  half_made=
  trap leave EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP

  look_at "$name"
  if [ "$status" = half-made ]; then
    remove_container
    status=absent
  fi
  if [ "$status" = absent ]; then
    make_new
  else
    [ "$made_suite" = "$suite" ] || die "$name is there with $made_suite, not $suite: remove it first"
    [ "$made_state_dir" = "$state_dir" ] || die "$name is there and was made for $made_state_dir, not for $state_dir"
    [ -e "$state_dir/id_ed25519" ] || die "the key of $name is gone from $state_dir: remove the server and make it again"
    # shellcheck disable=SC2086  # three ports
    set -- $ports
    port=$1 http_port=$2 https_port=$3
    write_known_hosts
    case $status in
      paused) die "$container is paused: $engine unpause $container" ;;
      stopped)
        trouble=$(start_container) || die "$container does not start again: $trouble"
        wait_for started-again
        ;;
      *) wait_for running ;;
    esac
  fi
  # Kept beside the key for those who look for the server without making it.
  print_server >"$draft/server.json"
  mv "$draft/server.json" "$state_dir"
  cat "$state_dir/server.json"
}

remove() {
  name=$1
  lock_server "$name"
  look_at "$name"
  [ "$status" = absent ] || remove_container

  # The key's comment and the end of the line in known_hosts tell whether make wrote the files.
  if [ -d "$2" ]; then
    rm -rf "$2/.draft" "$2/oom"
    ! made_by_us "$2/id_ed25519.pub" || rm -f "$2/id_ed25519" "$2/id_ed25519.pub"
    ! made_by_us "$2/known_hosts" || rm -f "$2/known_hosts" "$2/server.json"
    rmdir "$2" 2>/dev/null || true
  fi
  rm -f "$cache/$name.lock"
}

takes() { [ "$2" -eq "$3" ] || misused "$1 takes $(($3 - 1)) arguments, not $(($2 - 1))"; }

check_name() {
  case $1 in
    '' | -* | *[!a-z0-9-]*) misused "NAME is \"$1\"; it has to be of a-z, 0-9 and \"-\", and not begin with \"-\"" ;;
  esac
  [ ${#1} -le 40 ] || misused "NAME is \"$1\", ${#1} characters; 40 at most"
}

verb=${1:-}
choose_engine
case $verb in
  make)
    takes make $# 4
    check_name "$2"
    case $3 in
      bookworm | trixie | noble | resolute) ;;
      *) misused "SUITE is \"$3\"; it can be bookworm, trixie, noble or resolute" ;;
    esac
    [ -n "$4" ] || misused 'STATE_DIR is empty'
    need_engine
    need_cgroups "$3"
    make "$2" "$3" "$4"
    ;;
  remove)
    takes remove $# 3
    check_name "$2"
    [ -n "$3" ] || misused 'STATE_DIR is empty'
    need_engine
    remove "$2" "$3"
    ;;
  status)
    takes status $# 2
    check_name "$2"
    need_engine
    look_at "$2"
    case $status in
      restarting) echo running ;;
      paused) echo stopped ;;
      *) echo "$status" ;;
    esac
    ;;
  packages)
    takes packages $# 1
    missing_packages | tr '\n' ' ' | sed 's/ $//'
    ;;
  clean)
    takes clean $# 1
    need_engine
    clean
    ;;
  -h | --help | help) printf '%s\n' "$usage" ;;
  *) misused "no such verb: \"$verb\"" ;;
esac
