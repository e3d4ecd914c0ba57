# The firewall lets in SSH, HTTP, HTTPS and what the network itself needs. It is a table of its own, so those of Docker,
# fail2ban and others stay as they are.
# Values: packages_wanted, ssh_port (the one of the stack file, or none); file_rules (with SSH_PORTS in it), file_unit.

rules=/etc/nftables.d/greenpush.nft
firewall=greenpush-firewall.service

describe() {
  if gp_taken_back; then return 0; fi
  if [ "$verb" = apply ]; then no_other_firewall; fi
  # shellcheck disable=SC2086 # a list of names
  gp_packages $packages_wanted
  gp_directory /etc/nftables.d 755 root
  file_rules | sed "s/SSH_PORTS/$(ssh_ports)/" >"$work/rules"
  file_unit | gp_file "/etc/systemd/system/$firewall" 644 root
  case $verb in
    apply)
      if gp_changed; then systemctl daemon-reload; fi
      if ! cmp -s "$work/rules" "$rules" || ! in_force; then put_in_force; fi
      ;;
    probe) compare_rules ;;
  esac
  gp_file "$rules" 644 root <"$work/rules"
  gp_unit_enabled "$firewall"
}

# ssh_ports: the port of the stack file (which may be a router's), the one of this connection, and those that sshd itself
# listens on. Not those of its sessions, which are people's tunnels.
ssh_ports() {
  local sshd
  sshd=$(systemctl show --property MainPID --value ssh.service)
  {
    printf '%s\n' "$ssh_port"
    gp_connection | cut -d ' ' -f 4
    ss -Hltnp | sed -n "s/^\([^ ]* *\)\{3\}[^ ]*:\([0-9]*\) .*pid=$sshd,.*/\2/p"
  } | grep . | sort -nu | paste -sd , | sed 's/,/, /g'
}

# A packet has to pass every firewall, so a second one would close what the first has opened.
no_other_firewall() {
  local other table
  for other in firewalld netfilter-persistent nftables; do
    if systemctl --quiet is-enabled "$other.service" 2>/dev/null || systemctl --quiet is-active "$other.service"; then
      other_firewall "$other.service is on" "systemctl disable --now $other"
    fi
  done
  if command -v ufw >/dev/null && ufw status | grep -q '^Status: active'; then
    other_firewall "ufw is active" "ufw disable"
  fi
  command -v nft >/dev/null || return 0
  table=$(nft list chains 2>/dev/null | awk '
    $1 == "table" { table = $2 " " $3 }
    /hook input .*policy drop/ && table != "inet greenpush" { print table; exit }
  ')
  [ -z "$table" ] || other_firewall "the table $table drops what comes in" "nft delete table $table"
}

other_firewall() {
  gp_fail "this server has a firewall already: $1" \
    "Take \`firewall\` out of servers.$server to keep that one. To have Greenpush's instead, end it (\`$2\`), then run up again."
}

# in_force: whether the kernel has these rules. nft lists rules in another form than they were written in, so the wanted
# ones are loaded and listed in an unconnected network namespace.
in_force() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  unshare --net sh -c 'nft -f "$1" && nft -s list table inet greenpush' sh "$work/rules" >"$work/listed" 2>"$work/nft-said" ||
    gp_fail "nft does not take the rules: $(head -n 1 "$work/nft-said")" "This is a fault of Greenpush, or nftables is older than 0.9.7."
  nft -s list table inet greenpush >"$work/found" 2>/dev/null && cmp -s "$work/listed" "$work/found"
}

compare_rules() {
  # If nft is missing, gp_packages reports the package.
  if ! command -v nft >/dev/null || in_force; then return 0; fi
  if [ -s "$work/found" ]; then
    gp_differs "the rules in force: $(gp_first_difference "$work/found" "$work/listed")"
  else
    gp_differs "the rules are not in force"
  fi
}

put_in_force() {
  gp_note "lets in SSH (port $(ssh_ports)), HTTP and HTTPS, and nothing else"
  # If no rules are in force, the way back leads to none.
  nft list table inet greenpush >/dev/null 2>&1 || rm -f "$rules"
  gp_open_way_back "$rules" "systemctl restart $firewall"
  gp_file "$rules" 644 root <"$work/rules"
  systemctl reload-or-restart "$firewall" ||
    gp_fail "$firewall does not start: $(systemctl status --no-pager -n 5 "$firewall" | tail -n 5)" "Fix that, then run up again."
}

before_remove() {
  gp_close_way_back
  systemctl --quiet stop "$firewall" 2>/dev/null || :
  # In case somebody has removed the unit.
  nft delete table inet greenpush 2>/dev/null || :
}

after_remove() { systemctl daemon-reload; }
