#!/bin/sh
# own-disk.sh IMAGE PID SIZE: give the server whose first process is PID a disk of its own for /home, which is the file
# IMAGE.
set -eu
image=$1 pid=$2 size=$3

truncate -s "$size" "$image"
# Without lazy initialization, which the kernel would do in the background during the measurements.
mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$image"
loop=$(losetup --find --show --direct-io=on "$image")
# The loop device is released with its last user, the server.
trap 'losetup --detach "$loop"' EXIT
# shellcheck disable=SC2016 # the inner shell's
nsenter --target "$pid" --mount sh -euc 'mknod /dev/home b "$1" "$2"; mount /dev/home /home; rm /dev/home' \
  sh "$(stat -c %Hr "$loop")" "$(stat -c %Lr "$loop")"
