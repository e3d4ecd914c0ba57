# Undoing the journal, line by line.

# gp_undo LINE: undo one line of the journal
gp_undo() {
  local kind what kept state
  kind=${1%%"$tab"*}
  what=${1#*"$tab"}
  case $kind in
    directory | tree | file | link | replaced | mode | key | setting)
      if gp_is_in_home "${what%%"$tab"*}"; then
        printf '%s\n' "$1" >"$work/undo"
        gp_ask_home undo <"$work/undo"
        return 0
      fi
      ;;
  esac
  case $kind in
    directory) rmdir "$what" 2>/dev/null || : ;;
    tree) rm -rf "$what" ;;
    file | link) rm -f "$what" ;;
    replaced)
      kept=$(gp_kept "$what")
      # If the folder is gone, it was a package's, and an interrupted remove has already removed that package.
      if { [ -e "$kept" ] || [ -L "$kept" ]; } && [ -d "${what%/*}" ]; then
        rm -rf "$what"
        cp -a "$kept" "$what"
      fi
      ;;
    mode)
      state=${what#*"$tab"}
      what=${what%%"$tab"*}
      if [ -e "$what" ]; then gp_set_state "$what" "${state%% *}" "${state#* }"; fi
      ;;
    user) gp_undo_user "$what" ;;
    shell) usermod --shell "${what#*"$tab"}" "${what%%"$tab"*}" 2>/dev/null || : ;;
    enabled) systemctl --quiet disable "$what" 2>/dev/null || : ;;
    package) printf '%s\n' "$what" >>"$work/packages" ;;
  esac
}
