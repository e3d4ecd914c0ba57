#!/bin/sh
# install-python VERSION: bring a Python to /opt/greenpush/pythons, for all sites. Root runs it: a site's account may call
# it by sudo, for a version such as 3.14 and with nothing else.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umask 022
case $# in 1) ;; *) exit 2 ;; esac
case $1 in
  3.[0-9] | 3.[0-9][0-9]) ;;
  *)
    echo "install-python: '$1' is no version such as 3.14" >&2
    exit 2
    ;;
esac
folder=$(dirname "$(readlink -f "$0")")
cd "$folder"
# The network's proxy, and where Pythons are fetched from. Read and not run: other lines of a file have no effect.
while IFS='=' read -r name value; do
  case $name in
    http_proxy | https_proxy | no_proxy | HTTP_PROXY | HTTPS_PROXY | NO_PROXY | UV_PYTHON_INSTALL_MIRROR | UV_PYTHON_DOWNLOADS_JSON_URL)
      value=${value#[\"\']}
      export "$name=${value%[\"\']}"
      ;;
  esac
done <<EOF
$(cat /etc/environment "$folder/python-source" 2>/dev/null)
EOF
export HOME=/root UV_NO_CONFIG=1 UV_SYSTEM_CERTS=1 UV_NO_PROGRESS=1 NO_COLOR=1
exec 9>"$folder/pythons.lock"
# Else any account could hold the lock.
chmod 600 "$folder/pythons.lock"
flock 9
status=0
"$folder/uv" python install --managed-python --no-bin --compile-bytecode --no-cache --install-dir "$folder/pythons" "$1" 9>&- || status=$?
# uv lets everybody hold its lock.
if [ -e "$folder/pythons/.lock" ]; then chmod 600 "$folder/pythons/.lock"; fi
exit "$status"
