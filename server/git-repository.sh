# The repository people push to: not bare, its work tree is the live revision.
# Values: site_user, www, branch, source (may be empty), keep.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  codebase=$www/codebase
  case $verb in
    apply)
      if [ ! -d "$codebase/.git" ]; then
        note "makes the repository $codebase"
        own "tree$tab$codebase" yes
        as "$site_user" rm -rf "$codebase.new"
        if [ -n "$source" ]; then
          as "$site_user" git clone --quiet --branch "$branch" -- "$source" "$codebase.new" ||
            fail "$source can't be cloned, see above" "Set \`source\` to a path or an address that $site_user on $server can read."
        else
          as "$site_user" git init --quiet --initial-branch "$branch" "$codebase.new"
        fi
        as "$site_user" mv "$codebase.new" "$codebase"
      else
        own "tree$tab$codebase" no
      fi
      ;;
    probe)
      if [ ! -d "$codebase/.git" ]; then
        differs "$codebase: the repository is missing"
        return 0
      fi
      ;;
  esac
  directory "$codebase" 755 "$site_user"
  directory "$codebase/.git" 755 "$site_user"
  owned "$codebase/.git" "$site_user"
  setting "$codebase" "$site_user" core.bare false
  # git refuses a push to the branch of a work tree; the hook is what brings that tree along.
  setting "$codebase" "$site_user" receive.denyCurrentBranch ignore
  head=$(cat "$codebase/.git/HEAD" 2>/dev/null || :)
  if [ "$head" != "ref: refs/heads/$branch" ]; then
    case $verb in
      apply)
        note "lets HEAD be $branch"
        # Written and not said by git, which takes a folder without a good HEAD for no repository.
        # shellcheck disable=SC2016 # expanded by the inner shell
        as "$site_user" sh -c 'echo "$1" >"$2.greenpush" && mv -fT "$2.greenpush" "$2"' sh "ref: refs/heads/$branch" "$codebase/.git/HEAD"
        ;;
      probe)
        differs "HEAD of $codebase is \"${head#ref: }\", wanted refs/heads/$branch"
        return 0
        ;;
    esac
  fi
  work_tree
}

# The tree follows the live release, as after a push; files besides, which git does not know, are left alone.
work_tree() {
  changed_files=$(as "$site_user" git -C "$codebase" --no-optional-locks diff --name-only --ignore-submodules HEAD 2>/dev/null || :)
  [ -n "$changed_files" ] || return 0
  case $verb in
    apply)
      note "brings the tree of $codebase back to $branch"
      as "$site_user" git -C "$codebase" reset --quiet --hard
      ;;
    probe) differs "$codebase: $(printf '%s' "$changed_files" | head -n 1) is not as in $branch" ;;
  esac
}

before_remove() {
  if [ "$keep" = yes ] && [ -d "$www/codebase" ]; then archive codebase "$www/codebase"; fi
}
