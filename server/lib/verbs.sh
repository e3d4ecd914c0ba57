# A script describes what has to be there, and the verb decides what happens with the description.
#
#   apply   makes it, and notes in a journal what was made, so that remove deletes nothing else
#   probe   changes nothing: prints a line for each thing that is not as the last apply left it
#   remove  undoes the journal, the last line first
#   confirm keeps a change that the server would otherwise take back: see lib/way-in.sh
#
# A script sets describe(); it may set before_remove() and after_remove().

# gp_lock: one apply or remove of a component at a time, also when two people run up at once
gp_lock() {
  install -d -m 0700 -o root -g root "$locks"
  exec 9>"$root/lock.$component.$name"
  flock -w 900 9 || gp_fail "another up or destroy has been at it for 15 minutes" "Let it end, then run up again."
}

# gp_probe_all: compare what the script describes, and the record itself, which has secrets in it
gp_probe_all() {
  # If the account is missing, site-layout reports that, and brings it back. The other components would only report that
  # the files belong to nobody.
  if [ "$component" != site-layout ] && [ -n "${site_user:-}" ] && [ -d "$www" ]; then
    id "$site_user" >/dev/null 2>&1 || return 0
  fi
  describe
  gp_home_now
  gp_mode "$record" 700 root
  gp_mode "$record/script" 600 root
  gp_compare_modes
}

# gp_standing_no_more <LINES: drop those of an earlier version that made another kind of thing at the same path
gp_standing_no_more() {
  awk -F '\t' -v now="$record/made.new" '
    BEGIN { while ((getline <now) > 0) if ($1 ~ /^(file|link|directory)$/) stands[$2] = 1 }
    !($1 ~ /^(file|link|directory)$/ && ($2 in stands))
  '
}

before_remove() { :; }
after_remove() { :; }

# gp_needs_root: fail where this is not root
gp_needs_root() {
  [ "$(id -u)" = 0 ] || gp_fail "this needs root" "Let the stack's \`user\` be root, or one who may sudo without a password."
}

# greenpush VERB [WORK]: WORK is an empty folder of the caller's, who is root and removes it. Each program less counts where
# a server has hundreds of records to probe.
greenpush() {
  local line
  verb=$1
  work=${2:-}
  if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    gp_needs_root
  fi
  case $verb in
    apply)
      install -d -m 0700 -o root -g root "$root" "$record"
      gp_lock
      install -m 0600 "$0" "$record/applying"
      # An interrupted apply has noted there what it made, and that counts.
      if [ -f "$record/made.new" ]; then cat "$record/made.new" >>"$record/made"; fi
      : >"$record/made.new"
      describe
      gp_home_now
      if [ -f "$record/made" ]; then
        tac "$record/made" | grep -vxFf "$record/made.new" | gp_standing_no_more >"$work/over"
        while read -r line; do
          gp_note "undoes $line"
          gp_undo "$line"
        done <"$work/over"
      fi
      mv "$record/made.new" "$record/made"
      rm -f "$record/before" "$record/changed"
      mv "$record/applying" "$record/script"
      printf '%s\n' "$generation" >"$record/generation"
      gp_seal "$record"
      ;;
    probe)
      account_limit=20
      gp_probe_all
      ;;
    remove)
      [ -d "$record" ] || return 0
      gp_lock
      before_remove
      cat "$record/made" "$record/made.new" >"$work/made" 2>/dev/null || :
      : >"$work/packages"
      tac "$work/made" >"$work/over"
      while read -r line; do gp_undo "$line"; done <"$work/over"
      gp_undo_packages
      after_remove
      rm -rf "$record" "$root/lock.$component.$name"
      rmdir "$root" 2>/dev/null || :
      ;;
    confirm) gp_confirm ;;
    *) gp_fail "there is no verb $verb" ;;
  esac
}
