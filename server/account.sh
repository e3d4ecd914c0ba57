# The account that a site is pushed to and runs as. Its undoing stands with all others in lib/undo.sh.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

# user NAME HOME: an account to push to, without a password
user() {
  entry=$(getent passwd "$1" || :)
  if [ -z "$entry" ]; then
    case $verb in
      apply)
        own "user$tab$1" yes
        note "adds the user $1"
        add_user "$1" "$2"
        ;;
      probe) differs "the user $1 is missing" ;;
    esac
    return 0
  fi
  if [ "$verb" = apply ]; then
    own "user$tab$1" no
    inherit shell "$1"
  fi
  shell=${entry##*:}
  has=$(printf '%s' "$entry" | cut -d : -f 6)
  # Of an account that was there before, only what keeps it from being pushed to is ours.
  made_here=no
  if applied "user$tab$1"; then made_here=yes; fi
  case $made_here$shell in
    yes/bin/bash) ;;
    yes* | */nologin | */false)
      case $verb in
        apply)
          [ "$made_here" = yes ] || own "shell$tab$1$tab$shell" yes
          note "the shell of the user $1 was $shell, now /bin/bash"
          usermod --shell /bin/bash "$1"
          ;;
        probe) differs "the shell of the user $1 is $shell, wanted /bin/bash" ;;
      esac
      ;;
  esac
  if [ "$has" != "$2" ]; then
    case $verb$made_here in
      probe*) differs "the home of the user $1 is $has, wanted $2" ;;
      applyyes)
        note "the home of the user $1 was $has, now $2"
        # usermod refuses this while the user has processes, as a site has; vipw does it under the same lock.
        # shellcheck disable=SC2016 # expanded by the editor
        printf 'sed -i -E "s|^(%s:([^:]*:){4})[^:]*|\\1%s|" "$1"\n' "$1" "$2" >"$work/editor"
        EDITOR="sh $work/editor" vipw -p >/dev/null 2>&1
        ;;
      *) fail "the home of $1 is $has" "Set the site's \`home\` to it in the stack file." ;;
    esac
  fi
  [ "$made_here" = yes ] || return 0
  shadow=$(getent shadow "$1" | cut -d : -f 2,8)
  case $shadow in
    '!'* | '*'*) ;;
    *)
      case $verb in
        apply)
          note "takes away the password of the user $1"
          usermod --password '!' "$1"
          ;;
        probe) differs "the user $1 has a password, wanted none" ;;
      esac
      ;;
  esac
  if [ -n "${shadow#*:}" ]; then
    case $verb in
      apply)
        note "the account $1 had an end, now it has none"
        usermod --expiredate '' "$1"
        ;;
      probe) differs "the account $1 ends on $(date -u -d "@$((${shadow#*:} * 86400))" +%Y-%m-%d), wanted never" ;;
    esac
  fi
}

# add_user NAME HOME: where its home has outlived an account, with the ids that its files have
add_user() {
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
    fail "the user $1 can't be added: $(cat "$work/useradd")" "Mend that, then run up again."
}
