# The site's certificate for HTTPS: what the stack file wants of it, and what nginx serves. certificates.py puts it into force.
# Values: given (yes if the stack has the certificate's file), variables (yes if commands for DNS have some), account (yes
# if certbot's account is bound to another); file_wanted, file_given, file_variables, file_account.

describe() {
  local folder
  folder=$certificates/$name
  gp_directory "$certificates" 700 root
  gp_directory "$folder" 700 root
  gp_tree "$folder"
  file_wanted | gp_file "$folder/wanted.json" 600 root
  hidden=yes
  if [ "$given" = yes ]; then file_given | gp_file "$folder/given.pem" 600 root; fi
  if [ "$variables" = yes ]; then file_variables | gp_file "$folder/dns.json" 600 root; fi
  if [ "$account" = yes ]; then file_account | gp_file "$folder/eab.ini" 600 root; fi
  hidden=no
  case $verb in
    apply) gp_certificates install "$name" ;;
    probe) is_in_force ;;
  esac
}

# is_in_force: what nginx is told is what certificates.py has written, and the stack's own certificate does not end soon
is_in_force() {
  local changed
  if [ ! -f "$folder/sums" ]; then
    gp_differs "$folder: what nginx serves is missing"
    return 0
  fi
  changed=$(sha256sum --check --quiet "$folder/sums" 2>/dev/null | sed -n 's/: FAILED.*//p' | head -n 1)
  [ -z "$changed" ] || gp_differs "$changed: is not what the last up or renewal has left"
  if [ "$given" = yes ]; then gp_certificate_lasts "set another one in sites.$name.tls"; fi
}

after_remove() { rm -f "$configurations/$name/certificate.json"; }
