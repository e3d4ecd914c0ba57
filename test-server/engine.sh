# The container engine: which one, what it needs here, and how to call it.

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
    # Debian 12's Podman uses either of the two; netavark is the newer one.
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

# need_cgroups SUITE. systemd does not start on version 1 of the kernel's control groups from its own version 258 on.
need_cgroups() {
  [ "$1" != resolute ] || [ -e /sys/fs/cgroup/cgroup.controllers ] ||
    die "$1 needs cgroup v2 alone, which this machine does not have (stat -fc %T /sys/fs/cgroup prints cgroup2fs then): take another suite"
}

engine() {
  if [ "$engine" = podman ]; then
    timeout 120 podman --runtime runc "$@"
  else
    timeout 120 docker "$@"
  fi
}
