#!/bin/sh
# apt-options.sh: how the operator's apt reaches its mirrors (proxies, checks of dates, retries), as an apt.conf on stdout.
# Without paths of files, which only the operator's machine has.
set -eu

if command -v apt-config >/dev/null; then
  apt-config dump | grep -E '^Acquire::(https?::Proxy(::[^ ]*)?|Check-Valid-Until|Check-Date|Retries) "[^"]+";' || true
fi
for scheme in http https; do
  proxy=$(printenv "${scheme}_proxy" || true)
  [ -z "$proxy" ] || printf 'Acquire::%s::Proxy "%s";\n' "$scheme" "$proxy"
done
