# The container of a server. Its labels have all that is needed later, so that one `inspect` tells everything. A container
# is started only when it is complete, so one that was never started is left over from a make that was killed.

boot_timeout=60

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

# Run in the state directory, because ssh would split and expand the paths in its options.
ssh_server() (
  cd "$state_dir" || exit
  ssh -F /dev/null -i id_ed25519 -o UserKnownHostsFile=known_hosts -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes \
    -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=5 -o LogLevel=ERROR -p "$port" root@127.0.0.1 "$@"
)

# systemd's own word for the server's state, or nothing while it can't be asked.
ask_systemd() { ssh_server systemctl is-system-running "$@" </dev/null 2>"$draft/ssh-said" || true; }

last_log_lines() {
  engine exec "$container" journalctl --no-pager --quiet --lines 15 >&2 || engine logs --tail 15 "$container" >&2 || true
}

# wait_for new|started-again|running. One command over ssh checks everything: the port, both keys, systemd. On a new server
# no unit may have failed. On one that was used before, a failed unit is its user's affair.
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

create_container() {
  set -- --name "$container" --hostname "$name" --restart always --stop-signal SIGRTMIN+3 \
    --label "greenpush.test-server=$name" --label "greenpush.suite=$suite" --label "greenpush.ports=$port $http_port $https_port" \
    --label "greenpush.host-key=$host_key" --label "greenpush.state-dir=$state_dir" \
    --publish "127.0.0.1:$port:22" --publish "127.0.0.1:$http_port:80" --publish "127.0.0.1:$https_port:443" \
    --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 --pids-limit 2048 --memory 2g \
    --cap-add SYS_ADMIN --cap-add NET_ADMIN --cap-add SYS_PTRACE
  # Without SYS_ADMIN systemd silently doesn't sandbox services (PrivateTmp, ProtectSystem) as on a real server.
  # With NET_ADMIN the server can have a firewall in its own network.
  # Without SYS_PTRACE systemd can't start a service with PrivateUsers and ProtectProc.
  if [ "$engine" = podman ]; then
    engine create --systemd=always --http-proxy=false "$@" "$image:$suite" /sbin/init
  else
    # Docker doesn't prepare a container for systemd, which needs a place for run-time files and writable cgroups.
    engine create --env container=docker --tmpfs /run --tmpfs /run/lock --tmpfs /tmp:exec --cgroupns private \
      --security-opt seccomp=unconfined --security-opt apparmor=unconfined "$@" "$image:$suite" \
      sh -c 'mount -o remount,rw /sys/fs/cgroup; exec /sbin/init'
  fi
}

# The engine leaves a process running beside the server. It must not inherit the lock. It writes an empty file "oom" into
# its folder when something on the server runs out of memory.
start_container() (
  cd "$state_dir" || exit
  engine start "$container" 8>&- 2>&1 >/dev/null
)
