# Whether sshd lets a site's account in by its key, as a push does.

# gp_can_be_pushed_to: fail with the setting of sshd, or of the account, that would stop a push
gp_can_be_pushed_to() {
  local next groups
  /usr/sbin/sshd -T -C "user=$site_user,host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport=22" >"$work/sshd" 2>/dev/null || return 0
  next="Fix that in /etc/ssh/sshd_config or a file of sshd_config.d, reload sshd, then run up again."
  groups=$(id -Gn "$site_user")
  if grep -q '^allowusers ' "$work/sshd" && ! gp_listed allowusers "$site_user"; then
    gp_fail "sshd does not let $site_user in: AllowUsers names $(gp_said_by_sshd allowusers)" "$next"
  fi
  if gp_listed denyusers "$site_user"; then gp_fail "sshd does not let $site_user in: DenyUsers names it" "$next"; fi
  # shellcheck disable=SC2086 # a list of names
  if grep -q '^allowgroups ' "$work/sshd" && ! gp_listed allowgroups $groups; then
    gp_fail "sshd does not let $site_user in: AllowGroups names $(gp_said_by_sshd allowgroups)" "$next"
  fi
  # shellcheck disable=SC2086 # a list of names
  if gp_listed denygroups $groups; then gp_fail "sshd does not let $site_user in: DenyGroups names one of its groups" "$next"; fi
  if grep -qx 'pubkeyauthentication no' "$work/sshd"; then
    gp_fail "sshd takes no keys (PubkeyAuthentication no)" "$next"
  fi
  case $(gp_said_by_sshd authenticationmethods) in
    any | publickey | '' | *' publickey'* | publickey' '*) ;;
    *) gp_fail "sshd wants more than a key of $site_user (AuthenticationMethods $(gp_said_by_sshd authenticationmethods))" "$next" ;;
  esac
  case $(gp_said_by_sshd forcecommand) in
    none | '') ;;
    *) gp_fail "sshd runs another program for $site_user (ForceCommand $(gp_said_by_sshd forcecommand))" "$next" ;;
  esac
  case " $(gp_said_by_sshd authorizedkeysfile) " in
    *' .ssh/authorized_keys '* | *' %h/.ssh/authorized_keys '* | *" $home/.ssh/authorized_keys "*) ;;
    *) gp_fail "sshd does not read $home/.ssh/authorized_keys (AuthorizedKeysFile $(gp_said_by_sshd authorizedkeysfile))" "$next" ;;
  esac
  if grep -qx 'usepam no' "$work/sshd"; then
    case $(getent shadow "$site_user" | cut -d : -f 2) in
      '!'*) gp_fail "$site_user is locked, and an sshd without PAM (UsePAM no) lets nobody into a locked account" "Unlock it without giving it a password (usermod --password '*' $site_user), then run up again." ;;
    esac
  fi
}

gp_said_by_sshd() { sed -n "s/^$1 //p" "$work/sshd" | paste -s -d ' ' -; }

# gp_listed SETTING NAME...: whether a pattern of the setting stands for one of the names
gp_listed() {
  local pattern each
  gp_said_by_sshd "$1" | tr ' ' '\n' >"$work/patterns"
  shift
  while read -r pattern; do
    for each in "$@"; do
      # A pattern may end in @HOST. Where a push comes from is unknown here, so that part is ignored.
      # shellcheck disable=SC2254 # a pattern
      case $each in
        ${pattern%%@*}) return 0 ;;
      esac
    done
  done <"$work/patterns"
  return 1
}
