# fail2ban bans addresses that fail to log in by SSH again and again.
# Values: packages_wanted; file_jail.

jail=/etc/fail2ban/jail.d/greenpush.conf

describe() {
  if [ "$verb" = apply ] && ! gp_applied "file$tab$jail"; then not_by_hand; fi
  # shellcheck disable=SC2086 # a list of names
  gp_packages $packages_wanted
  file_jail | gp_file "$jail" 644 root
  gp_unit_enabled fail2ban.service
  case $verb in
    apply)
      if gp_changed || ! watches 0; then
        gp_note "lets fail2ban watch sshd"
        systemctl restart fail2ban.service
        watches 20 || gp_fail "fail2ban does not watch sshd: $(journalctl --no-pager --quiet -o cat -n 5 -u fail2ban)" "Fix that, then run up again."
      fi
      ;;
    probe)
      gp_unit_active fail2ban.service
      if systemctl --quiet is-active fail2ban.service && ! watches 5; then gp_differs "fail2ban does not watch sshd"; fi
      ;;
  esac
}

# watches SECONDS: wait for its jail: fail2ban says that it runs before it has read its configuration
watches() {
  local left
  left=$(($1 * 5))
  until fail2ban-client status sshd >/dev/null 2>&1; do
    [ "$left" -gt 0 ] || return 1
    left=$((left - 1))
    sleep 0.2
  done
}

# not_by_hand: fail if somebody has set fail2ban up: our jail would change theirs for sshd
not_by_hand() {
  local theirs
  for theirs in /etc/fail2ban/jail.local /etc/fail2ban/jail.d/*; do
    case $theirs in
      */defaults-debian.conf | "$jail" | *'*') continue ;;
    esac
    [ ! -e "$theirs" ] || gp_fail "fail2ban is set up already: $theirs" \
      "Take \`fail2ban\` out of servers.$server to keep that. To have Greenpush's instead, move that file away, then run up again."
  done
}

before_remove() {
  # fail2ban lifts its bans with nft, so it has to stop while nft is there.
  if gp_applied "package${tab}fail2ban"; then systemctl --quiet stop fail2ban.service || :; fi
}

after_remove() {
  if systemctl --quiet is-active fail2ban.service; then systemctl restart fail2ban.service || :; fi
}
