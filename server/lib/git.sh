# Settings of a git repository as they have to be, and their undoing.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

# setting REPOSITORY USER KEY VALUE: of a git repository
setting() {
  # Its file is asked and not git as that user, who may not get there if a folder's mode was changed.
  found=$(git config --file "$1/.git/config" --get "$3" 2>/dev/null || :)
  case $verb in
    apply)
      inherit setting "$1$tab$3"
      if [ "$found" != "$4" ]; then
        grep -qsF -e "setting$tab$1$tab$3$tab" "$record/made.new" || own "setting$tab$1$tab$3$tab$found" yes
        note "sets $3 to $4 in $1"
        as "$2" git -C "$1" config --replace-all "$3" "$4"
      fi
      ;;
    probe) [ "$found" = "$4" ] || ! command -v git >/dev/null || differs "git setting $3 in $1 is \"$found\", wanted \"$4\"" ;;
  esac
}

# undo_setting REPOSITORY KEY(tab)VALUE: the value of before, none where it is empty
undo_setting() {
  [ -d "$1/.git" ] || return 0
  key=${2%%"$tab"*}
  value=${2#*"$tab"}
  if [ -n "$value" ]; then
    as "$(stat -c %U "$1/.git")" git -C "$1" config --replace-all "$key" "$value"
  else
    as "$(stat -c %U "$1/.git")" git -C "$1" config --unset-all "$key" || :
  fi
}
