# The files that server-engine installs, in one text as tail(1) prints several. They come on standard input, packed, and not
# in the program: see docs/decisions/0017-the-engines-files-are-sent-past-the-state.md.
# Values: sum, the SHA-256 of the text; read_here, the files of it that programs read before server-engine has installed them.

contents=$record/contents

describe() {
  local part
  if [ "$verb" = apply ] && ! gp_has_sum "$contents" "$sum"; then take; fi
  if ! gp_has_sum "$contents" "$sum"; then
    gp_differs "$contents: is not what the last up has sent"
    return 0
  fi
  gp_mode "$contents" 600 root
  gp_directory "$record/resources" 700 root
  for part in $read_here; do gp_part "$part" <"$contents" | gp_file "$record/$part" 600 root; done
}

take() {
  gp_note "takes the files of the engine"
  base64 -d 2>/dev/null | gzip -d >"$contents.new" 2>/dev/null || :
  if ! gp_has_sum "$contents.new" "$sum"; then
    rm -f "$contents.new"
    gp_fail "the engine's files have not come whole" "Run up again."
  fi
  chmod 600 "$contents.new"
  mv -f "$contents.new" "$contents"
}
