# Security updates are installed by themselves, each day. Nothing is rebooted.
# Values: packages_wanted; file_settings.

describe() {
  # shellcheck disable=SC2086 # a list of names
  gp_packages $packages_wanted
  file_settings | gp_file /etc/apt/apt.conf.d/99greenpush-unattended-upgrades 644 root
  for timer in apt-daily.timer apt-daily-upgrade.timer; do
    gp_unit_enabled "$timer"
    gp_unit_active "$timer"
  done
}

# Its purge leaves two lines of ucf's.
after_remove() {
  gp_applied "package${tab}unattended-upgrades" || return 0
  for path in /etc/apt/apt.conf.d/20auto-upgrades /etc/apt/apt.conf.d/50unattended-upgrades; do
    if [ ! -e "$path" ]; then ucfr --purge unattended-upgrades "$path" || :; fi
  done
}
