# The two hooks of the repository: pre-receive can refuse a push, post-receive brings the tree along.
# Values: site_user, www; file_pre_receive, file_post_receive.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  hooks=$www/codebase/.git/hooks
  if [ "$verb" = probe ] && [ ! -d "$hooks" ]; then
    differs "$hooks: the directory is missing"
    return 0
  fi
  directory "$hooks" 755 "$site_user"
  # Another folder for hooks, also one that the account's own settings name, would have them not run.
  if [ -d "$www/codebase/.git" ]; then setting "$www/codebase" "$site_user" core.hooksPath "$hooks"; fi
  file_pre_receive | file "$hooks/pre-receive" 755 "$site_user"
  file_post_receive | file "$hooks/post-receive" 755 "$site_user"
}
