# Certificates of sites, by certificates.py.

# gp_certificates VERB [SITE]: run it, and note what it says
gp_certificates() {
  local status line
  status=0
  "$engine_folder/certificates.py" "$@" >"$work/certificates" 2>"$work/certificates-failed" || status=$?
  while read -r line; do gp_note "$line"; done <"$work/certificates"
  [ "$status" = 0 ] || gp_fail "$(tail -n 1 "$work/certificates-failed" "$work/certificates" | gp_plain | grep -v '^==>' | grep . | head -n 1)" \
    "Fix that, then run up again. nginx goes on with what it has."
}

# gp_certificate_lasts NEXT: report a certificate that should have been replaced. `told` has the times, in its first two lines.
gp_certificate_lasts() {
  local late expires now left
  [ -f "$certificates/$name/told" ] || return 0
  { read -r late && read -r expires; } <"$certificates/$name/told" || return 0
  now=$(date +%s)
  if [ "$late" = 0 ] || [ "$now" -lt "$late" ]; then return 0; fi
  left=$(((expires - now) / 86400))
  if [ "$now" -ge "$expires" ]; then
    gp_differs "the certificate has expired on $(date -u -d "@$expires" +%Y-%m-%d): $1"
  else
    gp_differs "the certificate expires in $left day$([ "$left" = 1 ] || echo s): $1"
  fi
}
