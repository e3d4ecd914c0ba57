# The two hooks of the repository: pre-receive can refuse a push, post-receive brings the tree along.
# Values: site_user, home, www; file_pre_receive, file_post_receive.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

describe() {
  hooks=$www/codebase/.git/hooks
  in_home directory "$hooks" 755
  # Another folder for hooks, also one that the account's own settings name, would have them not run.
  in_home setting "$www/codebase" core.hooksPath "$hooks"
  file_pre_receive | file_in_home "$hooks/pre-receive" 755
  file_post_receive | file_in_home "$hooks/post-receive" 755
}
