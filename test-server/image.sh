#!/bin/sh
# image.sh SUITE TARBALL: the root file system of a test server, as a cloud provider's bare image has it: systemd, sshd, sudo, Python,
# and nothing that Greenpush installs itself. Any change of this file, of image-customize.sh or of what they take from the operator's
# machine makes a new image: test-server.sh hashes them (image.sh SUITE --hash prints that).
set -eu

suite=$1
tarball=$2
here=$(cd "$(dirname "$0")" && pwd)

packages=systemd,systemd-sysv,dbus,openssh-server,sudo,ca-certificates,iproute2,procps,python3
debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
operators_bundle=/etc/ssl/certs/ca-certificates.crt

case $suite in
  bookworm | trixie) label=Debian security=Debian-Security components=main ;;
  # Much of what is in Debian's main is in Ubuntu's universe.
  *)
    label=Ubuntu security=Ubuntu components='main universe'
    # No package of Ubuntu's needs it.
    packages=$packages,apt
    ;;
esac

# The operator's own mirrors of a distribution, by what their Release files say they are: `MAIN SECURITY`, or nothing.
mirrors() {
  command -v apt-get >/dev/null || return 0
  # shellcheck disable=SC2016  # $(…) is apt's own format
  apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null | awk -v label="$1" -v other="$2" '
    $1 == label && !main { main = $2 }
    $1 == other && !security { security = $2 }
    END { if (main && security) print main, security }'
}

# None known: mmdebstrap's defaults for Debian, and Ubuntu's own archive.
sources() {
  found=$(mirrors "$label" "$security")
  if [ -z "$found" ]; then
    case $label-$(uname -m) in
      Debian-*) return ;;
      Ubuntu-x86_64) found='http://archive.ubuntu.com/ubuntu http://security.ubuntu.com/ubuntu' ;;
      *) found='http://ports.ubuntu.com/ubuntu-ports http://ports.ubuntu.com/ubuntu-ports' ;;
    esac
  fi
  printf 'deb %s %s %s\n' "${found% *}" "$suite" "$components" "${found% *}" "$suite-updates" "$components" \
    "${found#* }" "$suite-security" "$components"
}

# Debian 12 has no package of Ubuntu's keys. The one of Debian 13 comes over the operator's mirror, signed by Debian.
keyring() {
  if [ "$label" = Debian ]; then
    echo "$debian_keyring"
  elif [ -r /usr/share/keyrings/ubuntu-archive-keyring.gpg ]; then
    echo /usr/share/keyrings/ubuntu-archive-keyring.gpg
  else
    main=$(mirrors Debian Debian-Security)
    mmdebstrap --variant=extract --include=ubuntu-keyring --keyring="$debian_keyring" --aptopt="$draft/apt.conf" \
      trixie "$draft/keys.tar" ${main:+"deb ${main% *} trixie main"}
    tar -C "$draft" -xf "$draft/keys.tar" ./usr/share/keyrings/ubuntu-archive-keyring.gpg
    echo "$draft/usr/share/keyrings/ubuntu-archive-keyring.gpg"
  fi
}

if [ "$tarball" = --hash ]; then
  {
    cat "$here/image.sh" "$here/image-customize.sh"
    sources
    [ ! -r "$operators_bundle" ] || cat "$operators_bundle"
  } | sha256sum | cut -c1-12
  exit
fi

draft=$(mktemp -d)
trap 'rm -rf "$draft"' EXIT
# apt reads the keys as an account of its own.
umask 022
chmod 755 "$draft"
# What the operator's apt was told about reaching mirrors holds for building, and isn't left in the image: see test-server.sh.
"$here/apt-options.sh" >"$draft/apt.conf"
keys=$(keyring)
set -- --variant=minbase --include="$packages" --aptopt="$draft/apt.conf"
[ ! -r "$keys" ] || set -- "$@" --keyring="$keys"

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
