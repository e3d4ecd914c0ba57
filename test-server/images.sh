# The image of a bare server: built once per machine, again when its recipe changes.

image=localhost/greenpush-test-server

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
    say "building the image of a bare server ($1), once for this machine: about half a minute"
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

clean() {
  lock_images
  for id in $(engine image ls --quiet --filter label=greenpush.recipe | sort -u); do
    engine image rm "$id" >/dev/null || die 'a server still runs from the image: remove it first'
  done
  rm -f "$cache/rootfs.tar" "$cache/build.log"
}
