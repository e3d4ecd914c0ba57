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
  # git refuses a push to the branch of a work tree; the hook is what brings that tree along.
  setting "$codebase" "$site_user" receive.denyCurrentBranch ignore
  head=$(as "$site_user" git -C "$codebase" symbolic-ref HEAD 2>/dev/null || :)
  if [ "$head" != "refs/heads/$branch" ]; then
    case $verb in
      apply)
        note "lets HEAD be $branch"
        as "$site_user" git -C "$codebase" symbolic-ref HEAD "refs/heads/$branch"
        ;;
      probe) differs "HEAD of $codebase is \"$head\", wanted refs/heads/$branch" ;;
    esac
  fi
}

before_remove() {
  if [ "$keep" = yes ] && [ -d "$www/codebase" ]; then archive codebase "$www/codebase"; fi
}
