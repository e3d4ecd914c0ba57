# Locks of the kernel on open files: they end with the process that holds them, so that a killed one leaves no lock.

lock_server() {
  mkdir -p "$cache"
  file=$cache/$1.lock
  while :; do
    exec 8>"$file"
    flock -w 300 8 || die "another make or remove of $1 is still running after 5 minutes"
    # A remove deletes the file, so a process that waited for it may hold the lock of a deleted file.
    [ "$(stat -L -c %i "/proc/$$/fd/8")" != "$(stat -c %i "$file" 2>/dev/null)" ] || return 0
  done
}

lock_images() {
  mkdir -p "$cache"
  exec 9>"$cache/images.lock"
  flock -n 9 && return
  say 'waiting for another make that builds an image'
  flock -w 900 9 || die 'the image that another make builds is not ready after 15 minutes'
}
