# The operator's way in, and a way back from a change that could cut it off: the server takes the change back by itself,
# unless a new connection confirms it.
#
# RECORD/way-back holds what was there before, and a unit counts down, also after a reboot. The unit renames that folder to
# `taken-back`, and the confirmation renames it to `confirmed`. The first of the two decides.

way_back_seconds=120
way_back=$record/way-back
way_back_unit=greenpush-way-back-$component.service

# gp_connection: SSH_CONNECTION of this session: ADDRESS PORT SERVER_ADDRESS PORT. sudo drops the variable, but the processes
# above it still have it.
gp_connection() {
  local process said
  process=$$
  while [ "$process" -gt 1 ]; do
    said=$(tr '\0' '\n' <"/proc/$process/environ" 2>/dev/null | sed -n 's/^SSH_CONNECTION=//p')
    [ -z "$said" ] || break
    process=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$process/status")
  done
  printf '%s\n' "$said"
}

# gp_open_way_back PATH COMMAND: before PATH is changed, keep it and start the countdown. COMMAND puts the restored file in
# force. After several changes, the state before the first comes back, because that one was confirmed.
gp_open_way_back() {
  systemctl --quiet stop "$way_back_unit" 2>/dev/null || :
  if [ ! -d "$way_back" ]; then
    rm -rf "$way_back.new"
    mkdir "$way_back.new"
    [ ! -e "$1" ] || cp -a "$1" "$way_back.new/before"
    cat >"$way_back.new/go" <<END
cd $record || exit
sleep $way_back_seconds
mv -T way-back taken-back && sh taken-back/restore
systemctl --quiet disable $way_back_unit
rm -f $units/$way_back_unit
systemctl daemon-reload
END
    cat >"$way_back.new/restore" <<END
if [ -e $record/taken-back/before ]; then
  cp -a $record/taken-back/before $1.greenpush && mv -fT $1.greenpush $1
else
  rm -f $1
fi
$2
END
    mv -T "$way_back.new" "$way_back"
  fi
  cat >"$units/$way_back_unit" <<END
[Unit]
Description=Takes the change of $component back, unless it is confirmed

[Service]
ExecStart=/bin/sh $way_back/go

[Install]
WantedBy=multi-user.target
END
  systemctl daemon-reload
  systemctl --quiet enable "$way_back_unit"
  systemctl start "$way_back_unit"
}

# gp_close_way_back: stop the countdown; the change stays
gp_close_way_back() {
  mv -T "$way_back" "$record/confirmed" 2>/dev/null || :
  if [ -e "$units/$way_back_unit" ]; then
    systemctl --quiet disable --now "$way_back_unit" || :
    rm -f "$units/$way_back_unit"
    systemctl daemon-reload
  fi
  rm -rf "$record/confirmed"
}

# gp_taken_back: whether the server has taken the last change back. A probe reports that and nothing else; an apply applies
# the change again.
gp_taken_back() {
  [ -d "$record/taken-back" ] || return 1
  case $verb in
    apply)
      gp_note "the server took the last change back, because no new connection confirmed it: applies it again"
      # In case the server was switched off in the middle of that.
      sh "$record/taken-back/restore"
      rm -rf "$record/taken-back"
      return 1
      ;;
    probe) gp_differs "the server took the last change back, because no new connection confirmed it" ;;
  esac
}

# gp_confirm: the verb of a second step, which has a connection of its own
gp_confirm() {
  [ -d "$record" ] || return 0
  if [ -d "$way_back" ]; then gp_close_way_back; fi
  [ ! -d "$record/taken-back" ] || gp_fail "no new connection came in within $way_back_seconds seconds to confirm it, so the server has taken it back" \
    "If that was only slow, run up again. If it locks you out, take it out of servers.$server first."
}
