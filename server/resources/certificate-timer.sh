# certbot, and the timer that renews the certificates of all sites.
# Values: packages_wanted; file_service, file_timer.

timer=greenpush-certificates.timer

describe() {
  # shellcheck disable=SC2086 # a list of names
  gp_packages $packages_wanted
  file_service | gp_file "$units/greenpush-certificates.service" 644 root
  file_timer | gp_file "$units/$timer" 644 root
  if gp_changed; then systemctl daemon-reload; fi
  gp_unit_enabled "$timer"
  gp_unit_active "$timer"
}

before_remove() {
  systemctl --quiet stop "$timer" 2>/dev/null || :
  if [ -x "$engine_folder/certificates.py" ]; then gp_certificates close; fi
}

after_remove() { systemctl daemon-reload; }
