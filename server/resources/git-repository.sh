# The repository people push to: not bare, its work tree is the live revision.
# Values: site_user, home, www, branch, source (may be empty), keep.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  codebase=$www/codebase
  in_home repository "$codebase"
  if [ "$verb" = apply ]; then have_repository; fi
  in_home directory "$codebase" 750
  in_home directory "$codebase/.git" 750
  in_home owned "$codebase/.git"
  in_home setting "$codebase" core.bare false
  # git refuses a push to the branch of a work tree; the hook is what brings that tree along.
  in_home setting "$codebase" receive.denyCurrentBranch ignore
  # A clone that has not all of the history may be pushed from, as those of most CI services.
  in_home setting "$codebase" receive.shallowUpdate true
  # Options of a push, as `git push -o migrate=anyway`.
  in_home setting "$codebase" receive.advertisePushOptions true
  # What no git of today makes is not taken, but for faults of old histories that harm nobody.
  in_home setting "$codebase" receive.fsckObjects true
  for each in badTimezone missingSpaceBeforeDate zeroPaddedFilemode; do
    in_home setting "$codebase" "receive.fsck.$each" ignore
  done
  in_home head "$codebase" "$branch"
  in_home tree "$codebase" "$branch"
}

have_repository() {
  mv "$work/home" "$work/repository"
  ask_home probe <"$work/repository" >"$work/missing"
  if [ ! -s "$work/missing" ]; then
    own "tree$tab$codebase" no
    return 0
  fi
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
}

before_remove() {
  if [ "$keep" = yes ]; then archive_of_home codebase codebase; fi
}
