# The site's certificate from an authority (ACME), which certbot gets and the timer renews.
# Values: wanted, a checksum of what the site's certificate is to be, so that another one is asked for.

describe() {
  case $verb in
    apply) gp_certificates obtain "$name" ;;
    probe)
      sed 1,2d "$certificates/$name/told" 2>/dev/null | gp_differ_each
      is_certbots || gp_differs "certbot does not have the certificate that nginx serves: somebody has revoked, deleted or renewed it by hand"
      gp_certificate_lasts "look at \`journalctl -u greenpush-certificates\` on $server"
      ;;
  esac
}

# is_certbots: whether what nginx serves is what certbot has; nothing, before the first
is_certbots() {
  local lineage
  lineage=$acme/config/live/$name
  cat "$lineage/privkey.pem" "$lineage/fullchain.pem" 2>/dev/null | cmp -s - "$certificates/$name/certificate.pem" ||
    { [ ! -e "$lineage" ] && [ ! -e "$certificates/$name/certificate.pem" ]; }
}

before_remove() {
  # If the engine is gone, so is the program, and there is nothing to ask.
  if [ -x "$engine_folder/certificates.py" ]; then gp_certificates forget "$name"; fi
}
