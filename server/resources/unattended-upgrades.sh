# The server installs security updates by itself each day. It does not reboot.
# Values: packages_wanted; file_settings.

describe() {
  local timer
  # shellcheck disable=SC2086 # a list of names
  gp_packages $packages_wanted
  file_settings | gp_file /etc/apt/apt.conf.d/99greenpush-unattended-upgrades 644 root
  for timer in apt-daily.timer apt-daily-upgrade.timer; do
    gp_unit_enabled "$timer"
    gp_unit_active "$timer"
  done
}

# The package's purge leaves two entries of ucf.
after_remove() {
  local path
  gp_applied "package${tab}unattended-upgrades" || return 0
  for path in /etc/apt/apt.conf.d/20auto-upgrades /etc/apt/apt.conf.d/50unattended-upgrades; do
    if [ ! -e "$path" ]; then ucfr --purge unattended-upgrades "$path" || :; fi
  done
}
