#!/bin/sh
# A Debian server in a container on this machine, to set up, push to and destroy as if it were a real one.
set -eu

usage='usage:
  test-server.sh make NAME SUITE STATE_DIR    make it, or start it again; prints one line of JSON that says how to reach it
  test-server.sh remove NAME STATE_DIR        remove it and its keys; fine when it is gone already
  test-server.sh status NAME                  prints running, stopped, half-made or absent
  test-server.sh packages                     prints the apt packages that are missing here for all this
  test-server.sh clean                        remove the images of test servers (make builds them again)

NAME is of a-z, 0-9 and "-", 40 at most. SUITE is bookworm (Debian 12) or trixie (Debian 13).
STATE_DIR gets id_ed25519, id_ed25519.pub and known_hosts.
Podman as root, or a Docker daemon that answers (GREENPUSH_CONTAINER_ENGINE=podman or docker chooses). Rootless Podman is not supported:
a server needs root, systemd and ports of its own.'

image=localhost/greenpush-test-server
here=$(cd "$(dirname "$0")" && pwd)
boot_timeout=60

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

# --- the engine ---------------------------------------------------------------------------------------------------------------------

docker_answers() { command -v docker >/dev/null && timeout 10 docker version >/dev/null 2>&1; }

choose_engine() {
  engine=${GREENPUSH_CONTAINER_ENGINE:-}
  case $engine in
    '')
      if command -v podman >/dev/null && [ "$(id -u)" -eq 0 ]; then
        engine=podman
      elif docker_answers; then
        engine=docker
      else
        engine=podman
      fi
      ;;
    podman | docker) ;;
    *) die "GREENPUSH_CONTAINER_ENGINE is \"$engine\"; it can be podman or docker" ;;
  esac
}

missing_packages() {
  if [ "$engine" = podman ]; then
    command -v podman >/dev/null || echo podman
    # crun, Podman's first choice, refuses to start systemd on some kernels' cgroups; runc does it on all.
    command -v runc >/dev/null || echo runc
    # Debian 12's Podman uses what it finds of the two: netavark is the newer.
    [ -x /usr/lib/podman/netavark ] || [ -d /usr/lib/cni ] || echo netavark
    command -v iptables >/dev/null || echo iptables
    command -v nft >/dev/null || echo nftables
  fi
  command -v mmdebstrap >/dev/null || echo mmdebstrap
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || echo debian-archive-keyring
  command -v ssh >/dev/null || echo openssh-client
}

need_engine() {
  missing=$(missing_packages | tr '\n' ' ')
  [ -z "$missing" ] || die "these are missing here: apt-get install --no-install-recommends ${missing% }"
  if [ "$engine" = podman ]; then
    [ "$(id -u)" -eq 0 ] || die 'rootless Podman is not supported: run this as root, or with a Docker daemon'
  else
    docker_answers || die 'the Docker daemon does not answer (docker version tells more)'
  fi
}

engine() {
  if [ "$engine" = podman ]; then
    timeout 120 podman --runtime runc "$@"
  else
    timeout 120 docker "$@"
  fi
}

# --- locks --------------------------------------------------------------------------------------------------------------------------
# Kernel locks on open files: they go with the process that holds them, so that nothing is left to unlock after a kill.

cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/greenpush/test-server

lock_server() {
  mkdir -p "$cache"
  file=$cache/$1.lock
  while :; do
    exec 8>"$file"
    flock -w 300 8 || die "another make or remove of $1 is still running after 5 minutes"
    # A remove takes the file away: who has waited for it meanwhile holds the lock of a file that's gone.
    [ "$(stat -L -c %i "/proc/$$/fd/8")" != "$(stat -c %i "$file" 2>/dev/null)" ] || return 0
  done
}

lock_images() {
  mkdir -p "$cache"
  exec 9>"$cache/images.lock"
  flock -n 9 && return
  say 'waiting for another make that builds an image'
  flock -w 900 9 || die 'the image that another make builds is not ready after 15 minutes'
}

# --- the image: built once per machine, again when its recipe changes -----------------------------------------------------------------

image_recipe() { engine image inspect --format '{{index .Config.Labels "greenpush.recipe"}}' "$image:$1" 2>/dev/null || true; }

build_image() {
  timeout 600 "$here/image.sh" "$1" "$rootfs" &&
    engine import --change 'CMD ["/sbin/init"]' --change "LABEL greenpush.recipe=$2" \
      "$rootfs" "$image:$1"
}

ensure_image() {
  recipe=$("$here/image.sh" "$1" --hash)
  [ "$(image_recipe "$1")" != "$recipe" ] || return 0

  lock_images
  if [ "$(image_recipe "$1")" != "$recipe" ]; then
    say "building the image of a bare Debian server ($1), once for this machine: about half a minute"
    rootfs=$cache/rootfs.tar
    rm -f "$rootfs"
    outdated=$(engine image inspect --format '{{.Id}}' "$image:$1" 2>/dev/null || true)
    if ! build_image "$1" "$recipe" >"$cache/build.log" 2>&1; then
      rm -f "$rootfs"
      tail -n 20 "$cache/build.log" >&2
      die "the image could not be built; the whole log is $cache/build.log"
    fi
    rm -f "$rootfs"
    # Servers that run from the old one keep it until they go.
    [ -z "$outdated" ] || engine image rm "$outdated" >/dev/null 2>&1 || true
  fi
  exec 9>&-
}

# --- the server's container -----------------------------------------------------------------------------------------------------------
# All that must be known of a server later stands in its labels, so that one look at it tells everything. It's started only when it's
# complete: one that was never started was left by a make that was killed.

label() { printf '{{index .Config.Labels "greenpush.%s"}}' "$1"; }

look_at() {
  container=greenpush-$1
  found=$(engine container inspect --format \
    "{{.State.Status}}|$(label test-server)|$(label suite)|$(label ports)|$(label host-key)|$(label state-dir)" "$container" 2>/dev/null) ||
    found='absent|||||'
  IFS='|' read -r status owner made_suite ports host_key made_state_dir <<END
$found
END
  [ "$status" = absent ] || [ "$owner" = "$1" ] || die "there is a container $container that is no test server: rename it first"
  case $status in
    absent | running | restarting | paused) ;;
    exited | stopped | stopping) status=stopped ;;
    *) status=half-made ;;
  esac
}

remove_container() {
  if [ "$engine" = podman ]; then
    engine rm --force --time 0 --volumes "$container" >/dev/null
  else
    engine rm --force --volumes "$container" >/dev/null
  fi
}

# From the state directory, since ssh would split and expand a path that it's told.
ssh_server() (
  cd "$state_dir"
  ssh -F /dev/null -i id_ed25519 -o UserKnownHostsFile=known_hosts -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes \
    -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=5 -o LogLevel=ERROR -p "$port" root@127.0.0.1 "$@"
)

# systemd's own word for how the server is, or nothing while it can't be asked.
ask_systemd() { ssh_server systemctl is-system-running "$@" </dev/null 2>"$draft/ssh-said" || true; }

last_log_lines() {
  engine exec "$container" journalctl --no-pager --quiet --lines 15 >&2 || engine logs --tail 15 "$container" >&2 || true
}

# wait_for new|started-again|running. One question over ssh says all: the port, both keys, systemd. A new server has to be in order; on
# one that was used before, a failed unit is its user's affair.
wait_for() {
  [ "$1" = running ] && wait= || wait=--wait
  began=$(date +%s)
  answer=
  while [ $(($(date +%s) - began)) -lt "$boot_timeout" ]; do
    # shellcheck disable=SC2086  # one option or none
    answer=$(ask_systemd $wait)
    case $answer in
      running) return ;;
      degraded)
        [ "$1" = new ] || return 0
        say "test-server: $container started, but these units failed:"
        ssh_server systemctl list-units --failed --plain --no-legend >&2 || true
        last_log_lines
        return 1
        ;;
      starting | maintenance | initializing) [ "$1" = new ] || return 0 ;;
    esac
    sleep 0.1
  done
  if [ -n "$answer" ]; then
    say "test-server: $container is still \"$answer\" after $boot_timeout s"
  else
    say "test-server: $container does not answer on 127.0.0.1:$port (ssh) after $boot_timeout s. $(cat "$draft/ssh-said")"
    say 'Its last log lines:'
  fi
  last_log_lines
  return 1
}

# --- what a server is given before it starts --------------------------------------------------------------------------------------------

made_by_us() { [ -e "$1" ] && grep -q "greenpush-test-server:$name\$" "$1"; }

# The operator's own key stays where there's one. The public half goes first: a private key is there only when both are.
ensure_client_key() {
  [ ! -e "$state_dir/id_ed25519" ] || [ ! -e "$state_dir/id_ed25519.pub" ] || return 0
  if [ ! -e "$state_dir/id_ed25519" ]; then
    ssh-keygen -q -t ed25519 -N '' -C "greenpush-test-server:$name" -f "$draft/id_ed25519"
    mv "$draft/id_ed25519.pub" "$draft/id_ed25519" "$state_dir"
  else
    ssh-keygen -y -P '' -f "$state_dir/id_ed25519" >"$draft/id_ed25519.pub" || die "$state_dir/id_ed25519 is no key without a passphrase"
    mv "$draft/id_ed25519.pub" "$state_dir"
  fi
}

write_known_hosts() {
  if [ -e "$state_dir/known_hosts" ] && ! made_by_us "$state_dir/known_hosts"; then
    die "$state_dir/known_hosts is not of test server $name: move it away first"
  fi
  printf '[127.0.0.1]:%s %s greenpush-test-server:%s\n' "$port" "$host_key" "$name" >"$draft/known_hosts"
  mv "$draft/known_hosts" "$state_dir"
}

# pip's own settings of the operator that say where packages come from; the paths in them would be of the operator's machine.
pip_conf() {
  echo '[global]'
  echo 'cert = /etc/ssl/certs/ca-certificates.crt'
  for setting in index-url extra-index-url trusted-host proxy; do
    value=$(printenv "PIP_$(echo "$setting" | tr 'a-z-' 'A-Z_')" || true)
    for file in "${PIP_CONFIG_FILE:-}" "${XDG_CONFIG_HOME:-${HOME:-/root}/.config}/pip/pip.conf" "${HOME:-/root}/.pip/pip.conf" /etc/pip.conf; do
      [ -r "$file" ] || continue
      [ -n "$value" ] || value=$(sed -n "s/^[[:space:]]*${setting}[[:space:]]*[=:][[:space:]]*//p" "$file" | tail -n 1)
    done
    [ -z "$value" ] || printf '%s = %s\n' "$setting" "$value"
  done
}

# Logins and sudo read /etc/environment.
proxy_environment() {
  for variable in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    value=$(printenv "$variable" || true)
    [ -z "$value" ] || printf '%s=%s\n' "$variable" "$value"
  done
}

write_root() {
  root=$draft/root
  (
    umask 022
    mkdir -p "$root/etc/ssh" "$root/etc/apt/apt.conf.d"
    mkdir -m 700 "$root/root" "$root/root/.ssh"
    ssh-keygen -q -t ed25519 -N '' -C "root@$name" -f "$root/etc/ssh/ssh_host_ed25519_key"
    pip_conf >"$root/etc/pip.conf"
    "$here/apt-options.sh" >"$root/etc/apt/apt.conf.d/90operator"
    proxy_environment >"$root/etc/environment"
    install -m 600 "$state_dir/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
  )
  host_key=$(cut -d ' ' -f 1,2 "$root/etc/ssh/ssh_host_ed25519_key.pub")
}

# --- ports ------------------------------------------------------------------------------------------------------------------------------
# A port that the engine picks is another one after each restart, and everything that was told the old one is wrong. So they're chosen
# here and published by number: from the name, that a server made anew has the ports it had, below the range that Linux takes
# outgoing connections from, and the next three where one of them is in use.

port_is_free() { ! command -v ss >/dev/null || [ -z "$(ss -Htln "sport = :$1")" ]; }

# choose_ports ATTEMPT
choose_ports() {
  sum=$(printf '%s' "$name" | cksum | cut -d ' ' -f 1)
  port=$((20000 + (sum + $1) % 4000 * 3))
  http_port=$((port + 1))
  https_port=$((port + 2))
  port_is_free "$port" && port_is_free "$http_port" && port_is_free "$https_port"
}

# --- make -------------------------------------------------------------------------------------------------------------------------------

create_container() {
  set -- --name "$container" --hostname "$name" --restart always --stop-signal SIGRTMIN+3 \
    --label "greenpush.test-server=$name" --label "greenpush.suite=$suite" --label "greenpush.ports=$port $http_port $https_port" \
    --label "greenpush.host-key=$host_key" --label "greenpush.state-dir=$state_dir" \
    --publish "127.0.0.1:$port:22" --publish "127.0.0.1:$http_port:80" --publish "127.0.0.1:$https_port:443" \
    --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 --pids-limit 2048 --memory 2g \
    --cap-add SYS_ADMIN
  # SYS_ADMIN lets systemd sandbox services (PrivateTmp, ProtectSystem) as it does on a real server; without it, it silently doesn't.
  if [ "$engine" = podman ]; then
    engine create --systemd=always --http-proxy=false "$@" "$image:$suite" /sbin/init
  else
    # Docker knows nothing of systemd: it needs a place for its run-time files, and its own cgroups to be writable.
    engine create --env container=docker --tmpfs /run --tmpfs /run/lock --tmpfs /tmp:exec --cgroupns private \
      --security-opt seccomp=unconfined --security-opt apparmor=unconfined "$@" "$image:$suite" \
      sh -c 'mount -o remount,rw /sys/fs/cgroup; exec /sbin/init'
  fi
}

# The engine leaves a process behind with the server: it must not inherit the lock, and leaves an empty file "oom" where
# it was started when something on the server runs out of memory.
start_container() (
  cd "$state_dir"
  engine start "$container" 8>&- 2>&1 >/dev/null
)

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
    # Another server can have taken a port since it was looked at; any other trouble comes again.
    case $trouble in
      *"already in use"* | *"already allocated"*) ;;
      *) die "$container does not start: $trouble" ;;
    esac
  done
  wait_for new
  half_made=
}

# A make that fails or is interrupted leaves no server; one that is killed leaves what the next make or remove clears away.
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
  # Kept beside the key for who looks for the server without making it.
  print_server >"$draft/server.json"
  mv "$draft/server.json" "$state_dir"
  cat "$state_dir/server.json"
}

# --- the other verbs ----------------------------------------------------------------------------------------------------------------------

remove() {
  name=$1
  lock_server "$name"
  look_at "$name"
  [ "$status" = absent ] || remove_container

  # The key's comment, and the end of the line in known_hosts, tell which files make wrote.
  if [ -d "$2" ]; then
    rm -rf "$2/.draft" "$2/oom"
    ! made_by_us "$2/id_ed25519.pub" || rm -f "$2/id_ed25519" "$2/id_ed25519.pub"
    ! made_by_us "$2/known_hosts" || rm -f "$2/known_hosts" "$2/server.json"
    rmdir "$2" 2>/dev/null || true
  fi
  rm -f "$cache/$name.lock"
}

clean() {
  lock_images
  for id in $(engine image ls --quiet --filter label=greenpush.recipe | sort -u); do
    engine image rm "$id" >/dev/null || die 'a server still runs from the image: remove it first'
  done
  rm -f "$cache/rootfs.tar" "$cache/build.log"
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
      bookworm | trixie) ;;
      *) misused "SUITE is \"$3\"; it can be bookworm or trixie" ;;
    esac
    [ -n "$4" ] || misused 'STATE_DIR is empty'
    need_engine
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
