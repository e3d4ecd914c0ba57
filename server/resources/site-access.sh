# The names and hashed passwords by which nginx lets visitors in. nginx reads the file at each request.
# Values: htpasswd_file; file_htpasswd, which no message shows.

describe() {
  hidden=yes
  file_htpasswd | gp_file "$htpasswd_file" 640 root:www-data
}

# Also where the record was lost, and with it who has made the file.
after_remove() { rm -f "$htpasswd_file"; }
