#!/bin/sh
# image-customize.sh ROOT: mmdebstrap's last step, in the root file system that becomes the image of a test server.
set -eu

root=$1
operators_bundle=/etc/ssl/certs/ca-certificates.crt

# Each server gets a host key of its own when it's made; no other kind of key, so that a client that pins it meets it.
rm -f "$root"/etc/ssh/ssh_host_*
cat >"$root/etc/ssh/sshd_config.d/test-server.conf" <<'END'
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
UseDNS no
END

# How the operator's apt reaches its mirrors is of today: a server gets it when it's made.
rm -f "$root/etc/apt/apt.conf.d/99mmdebstrap"

# The engine sets both; what mmdebstrap copied is the operator's.
rm -f "$root/etc/hostname" "$root/etc/resolv.conf"

# A container has no consoles to log in on; where an engine shows it the operator's, it must not take them.
ln -sf /dev/null "$root/etc/systemd/system/getty.target"
ln -sf /dev/null "$root/etc/systemd/system/console-getty.service"

# A proxy that signs TLS anew is trusted on the operator's machine, so on its test servers too: whatever stands in the operator's
# bundle and not in Debian's goes where update-ca-certificates keeps it.
if [ -r "$operators_bundle" ]; then
  awk -v target="$root/usr/local/share/ca-certificates/operator" '
    /-----BEGIN CERTIFICATE-----/ { certificate = "" }
    { certificate = certificate $0 "\n" }
    /-----END CERTIFICATE-----/ {
      if (NR == FNR) known[certificate] = 1
      else if (!(certificate in known)) printf "%s", certificate > (target "-" ++extra ".crt")
    }' "$root/etc/ssl/certs/ca-certificates.crt" "$operators_bundle"
  chroot "$root" update-ca-certificates >&2
fi
