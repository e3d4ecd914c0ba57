# The two hooks of the repository: pre-receive can refuse a push, post-receive brings the tree along.
# Values: site_user, home, www; file_pre_receive, file_post_receive.

describe() {
  hooks=$www/codebase/.git/hooks
  gp_in_home directory "$hooks" 755
  # Another folder for hooks, also one that the account's own settings name, would have them not run.
  gp_in_home setting "$www/codebase" core.hooksPath "$hooks"
  file_pre_receive | gp_file_in_home "$hooks/pre-receive" 755
  file_post_receive | gp_file_in_home "$hooks/post-receive" 755
}
