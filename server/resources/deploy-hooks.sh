# The two hooks of the repository: pre-receive can refuse a push, post-receive updates the tree and switches.
# Values: site_user, home, www; file_pre_receive, file_post_receive.

describe() {
  local hooks
  hooks=$www/codebase/.git/hooks
  gp_in_home directory "$hooks" 755
  # git would not run them if any setting, also one of the account's own, named another folder.
  gp_in_home setting "$www/codebase" core.hooksPath "$hooks"
  file_pre_receive | gp_file_in_home "$hooks/pre-receive" 755
  file_post_receive | gp_file_in_home "$hooks/post-receive" 755
}
