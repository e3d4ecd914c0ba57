# What a server gets before it starts: keys, and the operator's settings for reaching packages.

made_by_us() { [ -e "$1" ] && grep -q "greenpush-test-server:$name\$" "$1"; }

# A key that the operator has put there stays. The public half is moved first, so a private key never lacks its public half.
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

# The operator's pip settings that say where packages come from, without paths, which only the operator's machine has.
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

# npm's, of which the operator's registry may be another.
npmrc() {
  echo 'cafile=/etc/ssl/certs/ca-certificates.crt'
  registry=${npm_config_registry:-}
  for file in "${HOME:-/root}/.npmrc" /etc/npmrc; do
    [ -n "$registry" ] || [ ! -r "$file" ] || registry=$(sed -n 's/^[[:space:]]*registry[[:space:]]*=[[:space:]]*//p' "$file" | tail -n 1)
  done
  [ -z "$registry" ] || printf 'registry=%s\n' "$registry"
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
    npmrc >"$root/etc/npmrc"
    "$here/apt-options.sh" >"$root/etc/apt/apt.conf.d/90operator"
    proxy_environment >"$root/etc/environment"
    install -m 600 "$state_dir/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
  )
  host_key=$(cut -d ' ' -f 1,2 "$root/etc/ssh/ssh_host_ed25519_key.pub")
}
