"""The commands of `deploy`: a person's, the hooks', and those of Greenpush's own scripts."""
