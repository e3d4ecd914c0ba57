# sshd accepts keys only. The settings are tested before they take effect: this connection's account must still get in.
# Values: ssh_user, the account that Greenpush connects as; file_settings.

config=/etc/ssh/sshd_config
folder=/etc/ssh/sshd_config.d
ours=$folder/00-greenpush.conf

describe() {
  if gp_taken_back; then return 0; fi
  wanted_settings >"$work/settings"
  case $verb in
    apply)
      if ! cmp -s "$work/settings" "$ours"; then
        try_settings
        gp_open_way_back "$ours" "systemctl reload ssh.service"
      elif ! hardened "$config"; then
        overruled
      fi
      ;;
    # gp_file reports a changed file. This reports a file of others that overrides it.
    probe) ! cmp -s "$work/settings" "$ours" || hardened "$config" || gp_differs "sshd has $found, wanted $wanted_setting" ;;
  esac
  gp_file "$ours" 644 root <"$work/settings"
  if gp_changed && systemctl --quiet is-active ssh.service; then systemctl reload ssh.service; fi
}

# composed [FILE]: sshd's configuration with FILE in the place of ours, or without ours. sshd reads the folder's files by
# name, and the first value of a setting counts.
composed() {
  awk -v folder="$folder" -v ours="$ours" -v instead="${1:-}" '
    tolower($1) == "include" && $2 == folder "/*.conf" {
      list = "ls " folder "/*.conf 2>/dev/null"
      while ((list | getline path) > 0) {
        if (path > ours && instead) { print "Include", instead; instead = "" }
        if (path != ours) print "Include", path
      }
      if (instead) print "Include", instead
      next
    }
    { print }
  ' "$config"
}

# settings_of FILE [FOR]: the settings in force with this configuration, their keywords in lower case
settings_of() {
  local file
  file=$1
  shift
  [ -z "${1:-}" ] || set -- -C "$1"
  # This value has two names, and sshd prints the old one.
  sshd -T -f "$file" "$@" 2>/dev/null | sed 's/^permitrootlogin without-password$/permitrootlogin prohibit-password/'
}

# wanted_settings: file_settings; but if root may not log in at all, that stays
wanted_settings() {
  local root_login
  composed >"$work/without"
  root_login=$(settings_of "$work/without" | sed -n 's/^permitrootlogin //p')
  case $root_login in
    no | forced-commands-only) file_settings | grep -v '^PermitRootLogin ' ;;
    *) file_settings ;;
  esac
}

# hardened FILE: whether the configuration has all wanted settings; if not, set found and wanted_setting for messages
hardened() {
  local keyword value
  settings_of "$1" >"$work/effective"
  grep -v '^#' "$work/settings" | tr '[:upper:]' '[:lower:]' >"$work/hard"
  while read -r keyword value; do
    found=$(grep "^$keyword " "$work/effective" || :)
    wanted_setting="$keyword $value"
    [ "$found" = "$wanted_setting" ] || return 1
  done <"$work/hard"
}

overruled() {
  gp_fail "sshd would still have \"$found\": something says so before $ours is read" \
    "Find it with \`grep -ri ${found%% *} $config $folder\` and take it out, then run up again."
}

# try_settings: fail unless sshd accepts the settings, and this connection's account still gets in with a key
try_settings() {
  local from methods root_login
  sshd -t 2>"$work/sshd-said" ||
    gp_fail "sshd does not take its configuration as it is: $(head -n 1 "$work/sshd-said")" "Fix that, then run up again."
  grep -qiE "^[[:space:]]*Include[[:space:]]+$folder/\*\.conf" "$config" ||
    gp_fail "$config has no line \"Include $folder/*.conf\", as it has since Debian 11 and Ubuntu 20.04" \
      "Put that line first in it, or take \`sshHardening\` out of servers.$server."
  composed "$work/settings" >"$work/with"
  sshd -t -f "$work/with" 2>"$work/sshd-said" ||
    gp_fail "sshd does not take the settings: $(head -n 1 "$work/sshd-said")" "If it is older than OpenSSH 8.7, take \`sshHardening\` out of servers.$server."
  hardened "$work/with" || overruled
  from=$(gp_connection | cut -d ' ' -f 1)
  settings_of "$work/with" "user=$ssh_user,host=${from:-127.0.0.1},addr=${from:-127.0.0.1}" >"$work/mine"
  if ! grep -qx 'pubkeyauthentication yes' "$work/mine"; then
    locked_out "sshd takes no keys of $ssh_user (PubkeyAuthentication no)"
  fi
  methods=$(sed -n 's/^authenticationmethods //p' "$work/mine")
  case $methods in
    *password* | *keyboard-interactive*) locked_out "sshd asks for more than a key (AuthenticationMethods $methods)" ;;
  esac
  root_login=$(sed -n 's/^permitrootlogin //p' "$work/mine")
  case $ssh_user$root_login in
    rootno | rootforced-commands-only) locked_out "root may not log in (PermitRootLogin $root_login)" ;;
  esac
}

locked_out() {
  gp_fail "$1, so it would lock Greenpush out" "Fix that, or take \`sshHardening\` out of servers.$server."
}

before_remove() { gp_close_way_back; }

after_remove() {
  if systemctl --quiet is-active ssh.service; then systemctl reload ssh.service || :; fi
}
