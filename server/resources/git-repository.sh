# The repository that people push to. It is not bare: its work tree is the live revision.
# Values: site_user, home, www, branch, source (may be empty), keep.

describe() {
  local codebase each
  codebase=$www/codebase
  gp_in_home repository "$codebase"
  if [ "$verb" = apply ]; then have_repository; fi
  gp_in_home directory "$codebase" 750
  gp_in_home directory "$codebase/.git" 750
  gp_in_home owned "$codebase/.git"
  gp_in_home setting "$codebase" core.bare false
  # git refuses a push to the branch of a work tree. Here the hook updates that tree.
  gp_in_home setting "$codebase" receive.denyCurrentBranch ignore
  # People may push from a shallow clone, as those of most CI services.
  gp_in_home setting "$codebase" receive.shallowUpdate true
  # People may push with options, as `git push -o migrate=anyway`.
  gp_in_home setting "$codebase" receive.advertisePushOptions true
  # git checks what it receives, except for harmless faults of old histories.
  gp_in_home setting "$codebase" receive.fsckObjects true
  for each in badTimezone missingSpaceBeforeDate zeroPaddedFilemode; do
    gp_in_home setting "$codebase" "receive.fsck.$each" ignore
  done
  gp_in_home head "$codebase" "$branch"
  gp_in_home tree "$codebase" "$branch"
}

have_repository() {
  mv "$work/home" "$work/repository"
  gp_ask_home probe <"$work/repository" >"$work/missing"
  if [ ! -s "$work/missing" ]; then
    gp_own "tree$tab$codebase" no
    return 0
  fi
  gp_note "makes the repository $codebase"
  gp_own "tree$tab$codebase" yes
  gp_as "$site_user" rm -rf "$codebase.new"
  if [ -n "$source" ]; then
    gp_as "$site_user" git clone --quiet --branch "$branch" -- "$source" "$codebase.new" ||
      gp_fail "$source can't be cloned, see above" "Set \`source\` to a path or an address that $site_user on $server can read."
  else
    gp_as "$site_user" git init --quiet --initial-branch "$branch" "$codebase.new"
  fi
  gp_as "$site_user" mv "$codebase.new" "$codebase"
}

before_remove() {
  if [ "$keep" = yes ]; then gp_archive_of_home codebase codebase; fi
}
