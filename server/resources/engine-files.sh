# The files that server-engine installs, in one text as tail(1) prints several. They come on standard input, packed, and not
# in the program: see docs/decisions/0017-the-engines-files-are-sent-past-the-state.md.
# Values: sum, the SHA-256 of the text.

contents=$record/contents

describe() {
  case $verb in
    apply)
      if ! gp_has_sum "$contents" "$sum"; then
        gp_note "takes the files of the engine"
        base64 -d 2>/dev/null | gzip -d >"$contents.new" 2>/dev/null || :
        if ! gp_has_sum "$contents.new" "$sum"; then
          rm -f "$contents.new"
          gp_fail "the engine's files have not come whole" "Run up again."
        fi
        mv -f "$contents.new" "$contents"
      fi
      gp_set_state "$contents" 600 root:root
      ;;
    probe)
      gp_has_sum "$contents" "$sum" || gp_differs "$contents: is not what the last up has sent"
      gp_mode "$contents" 600 root
      ;;
  esac
}
