#!/bin/sh
# image.sh SUITE TARBALL: the root file system of a test server, as a cloud provider's bare image has it: systemd, sshd, sudo, Python,
# and nothing that Greenpush installs itself. Any change of this file, of image-customize.sh or of what they take from the operator's
# machine makes a new image: test-server.sh hashes them (image.sh SUITE --hash prints that).
set -eu

suite=$1
tarball=$2
here=$(cd "$(dirname "$0")" && pwd)

packages=systemd,systemd-sysv,dbus,openssh-server,sudo,ca-certificates,iproute2,procps,python3
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
operators_bundle=/etc/ssl/certs/ca-certificates.crt

# The operator's own mirrors of Debian, by what their Release files say they are. None known: mmdebstrap's defaults.
sources() {
  command -v apt-get >/dev/null || return 0
  # shellcheck disable=SC2016  # $(…) is apt's own format
  apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null | awk -v suite="$suite" '
    $1 == "Debian" && !main { main = $2 }
    $1 == "Debian-Security" && !security { security = $2 }
    END {
      if (!main || !security) exit
      print "deb " main " " suite " main"
      print "deb " main " " suite "-updates main"
      print "deb " security " " suite "-security main"
    }'
}

if [ "$tarball" = --hash ]; then
  {
    cat "$here/image.sh" "$here/image-customize.sh"
    sources
    [ ! -r "$operators_bundle" ] || cat "$operators_bundle"
  } | sha256sum | cut -c1-12
  exit
fi

set -- --variant=minbase --include="$packages"
[ ! -r "$keyring" ] || set -- "$@" --keyring="$keyring"

# What the operator's apt was told about reaching mirrors holds for building, and isn't left in the image: see test-server.sh.
options=$(mktemp)
trap 'rm -f "$options"' EXIT
"$here/apt-options.sh" >"$options"
[ ! -s "$options" ] || set -- "$@" --aptopt="$options"

# No manuals and no translations, in what is installed later too: a third less to build, and to install.
for path in man locale doc; do
  set -- "$@" --dpkgopt="path-exclude=/usr/share/$path/*"
done
set -- "$@" --dpkgopt='path-include=/usr/share/doc/*/copyright' --customize-hook="$here/image-customize.sh" "$suite" "$tarball"

lines=$(sources)
if [ -n "$lines" ]; then
  printf '%s\n' "$lines" | mmdebstrap "$@" -
else
  mmdebstrap "$@"
fi
