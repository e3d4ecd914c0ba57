# The account that a site is pushed to and runs as, and its removal.

# gp_may_be_a_site: fail unless a site may have this account and this home. An account of the system, or a folder of another
# account, is never taken over. What an earlier apply made is ours.
gp_may_be_a_site() {
  local entry uid above owner_of_home
  if [ -f "$record/made" ] && grep -qs -e "^directory$tab$www$" "$record/made"; then return 0; fi
  entry=$(getent passwd "$site_user" || :)
  uid=$(printf '%s' "$entry" | cut -d : -f 3)
  if [ -n "$entry" ] && [ "$uid" -lt 1000 ] && ! gp_applied "user$tab$site_user"; then
    gp_fail "$site_user is an account of the system (number $uid)" "Set the site's \`user\` to an account of its own in the stack file."
  fi
  above=${home%/*}
  while [ -n "$above" ]; do
    # Owner and mode, as in `0 drwxr-xr-x`. In a sticky folder nobody can rename another's file.
    if [ -e "$above" ]; then
      case $(stat -Lc '%u %A' "$above") in
        0\ d????-??-* | 0\ d????????[tT]) ;;
        *) gp_fail "$above, which the home $home lies in, can be written by others than root" "Set the site's \`home\` to another folder, for example /home/$site_user." ;;
      esac
    fi
    above=${above%/*}
  done
  [ -e "$home" ] || return 0
  owner_of_home=$(stat -Lc %u "$home")
  if [ -n "$entry" ] && [ "$owner_of_home" = "$uid" ]; then return 0; fi
  if [ -z "$entry" ] && [ "$owner_of_home" -ge 1000 ] && ! getent passwd "$owner_of_home" >/dev/null; then return 0; fi
  gp_fail "$home is there already and belongs to $(stat -Lc %U "$home"), not to $site_user" "Set the site's \`home\` to a folder of its own, for example /home/$site_user."
}

# gp_group_is_its_own: fail if others are in the account's group, which may read the site's secrets
gp_group_is_its_own() {
  local gid others
  gid=$(id -g "$site_user")
  others=$({
    getent passwd | awk -F : -v gid="$gid" '$4 == gid { print $1 }'
    getent group "$gid" | cut -d : -f 4 | tr ',' '\n'
  } | grep -vxF -e "$site_user" -e '' | sort -u | tr '\n' ' ' || :)
  [ -z "$others" ] || gp_fail "the group $(id -gn "$site_user") of $site_user has other members (${others% }), who could read the site's secrets" \
    "Give $site_user a group of its own: groupadd NAME && usermod --gid NAME $site_user."
}

# gp_user NAME HOME: an account to push to, without a password
gp_user() {
  local entry shell has made_here shadow
  entry=$(getent passwd "$1" || :)
  if [ -z "$entry" ]; then
    case $verb in
      apply)
        gp_own "user$tab$1" yes
        gp_note "adds the user $1"
        gp_add_user "$1" "$2"
        ;;
      probe) gp_differs "the user $1 is missing" ;;
    esac
    return 0
  fi
  if [ "$verb" = apply ]; then
    gp_own "user$tab$1" no
    gp_inherit shell "$1"
  fi
  shell=${entry##*:}
  has=$(printf '%s' "$entry" | cut -d : -f 6)
  # Of an account that was there before, change only what keeps people from pushing.
  made_here=no
  if gp_applied "user$tab$1"; then made_here=yes; fi
  case $made_here$shell in
    yes/bin/bash) ;;
    yes* | */nologin | */false)
      case $verb in
        apply)
          [ "$made_here" = yes ] || gp_own "shell$tab$1$tab$shell" yes
          gp_note "the shell of the user $1 was $shell, now /bin/bash"
          usermod --shell /bin/bash "$1"
          ;;
        probe) gp_differs "the shell of the user $1 is $shell, wanted /bin/bash" ;;
      esac
      ;;
  esac
  if [ "$has" != "$2" ]; then
    case $verb$made_here in
      probe*) gp_differs "the home of the user $1 is $has, wanted $2" ;;
      applyyes)
        gp_note "the home of the user $1 was $has, now $2"
        # usermod refuses this while the user has processes, as a site has; vipw does it under the same lock.
        # shellcheck disable=SC2016 # expanded by the editor
        printf 'sed -i -E "s|^(%s:([^:]*:){4})[^:]*|\\1%s|" "$1"\n' "$1" "$2" >"$work/editor"
        EDITOR="sh $work/editor" vipw -p >/dev/null 2>&1
        ;;
      *) gp_fail "the home of $1 is $has" "Set the site's \`home\` to it in the stack file." ;;
    esac
  fi
  [ "$made_here" = yes ] || return 0
  shadow=$(getent shadow "$1" | cut -d : -f 2,8)
  # Not `!`, which locks the account: an sshd without PAM lets no key into one.
  case $shadow in
    '*'*) ;;
    '!'*)
      case $verb in
        apply)
          gp_note "unlocks the user $1, who has no password"
          usermod --password '*' "$1"
          ;;
        probe) gp_differs "the user $1 is locked, wanted without a password" ;;
      esac
      ;;
    *)
      case $verb in
        apply)
          gp_note "removes the password of the user $1"
          usermod --password '*' "$1"
          ;;
        probe) gp_differs "the user $1 has a password, wanted none" ;;
      esac
      ;;
  esac
  if [ -n "${shadow#*:}" ]; then
    case $verb in
      apply)
        gp_note "the account $1 had an expiry date, now it has none"
        usermod --expiredate '' "$1"
        ;;
      probe) gp_differs "the account $1 expires on $(date -u -d "@$((${shadow#*:} * 86400))" +%Y-%m-%d), wanted never" ;;
    esac
  fi
}

# gp_add_user NAME HOME: if the home of a removed account is there, with the ids of its files
gp_add_user() {
  local ids uid gid
  ids=
  if [ -d "$2" ]; then
    uid=$(stat -c %u "$2")
    gid=$(stat -c %g "$2")
    getent passwd "$uid" >/dev/null || ids="--uid $uid"
    getent group "$1" >/dev/null || getent group "$gid" >/dev/null || groupadd --gid "$gid" "$1"
    if getent group "$1" >/dev/null; then ids="$ids --gid $1"; fi
  fi
  # shellcheck disable=SC2086 # a list of options
  useradd --shell /bin/bash --create-home --home-dir "$2" $ids "$1" 2>"$work/useradd" ||
    gp_fail "the user $1 can't be added: $(cat "$work/useradd")" "Fix that, then run up again."
  usermod --password '*' "$1"
}

# gp_undo_user NAME: remove it. If another site has the account too, that site's record takes it over.
gp_undo_user() {
  local other tries
  id "$1" >/dev/null 2>&1 || return 0
  for other in "$root"/site-layout.*; do
    if [ "$other" != "$record" ] && grep -qsxF "site_user=$1" "$other/script"; then
      printf 'user\t%s\n' "$1" >>"$other/made"
      gp_seal "$other"
      return 0
    fi
  done
  # Without processes the account can't swap a path any more, so root may use paths.
  usermod --expiredate 1 "$1"
  tries=100
  while pkill -KILL -u "$1" && [ "$tries" -gt 0 ]; do
    sleep 0.1
    tries=$((tries - 1))
  done
  printf 'tree\t%s\n' "$home" >"$work/undo"
  gp_ask_home undo <"$work/undo"
  rm -f "$mail/$1" "$crontabs/$1"
  userdel --force "$1" >/dev/null 2>&1 || :
}
