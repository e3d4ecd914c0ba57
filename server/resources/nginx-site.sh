# nginx in front of the site. A configuration that nginx refuses never replaces one that it accepts.
# Values: none but the common ones; file_site is the configuration.

letsencrypt=/etc/letsencrypt

describe() {
  local available enabled found
  available=$nginx_folder/sites-available/greenpush-$name
  enabled=$nginx_folder/sites-enabled/greenpush-$name
  if [ "$verb" = apply ]; then gp_lock_nginx; fi
  file_site | gp_listening >"$work/site"
  by_others >"$work/others"
  case $verb in
    apply)
      names_are_ours
      if ! cmp -s "$work/site" "$available"; then try_site; fi
      logs_are_closed
      ;;
    probe)
      written_by_certbot
      while read -r found; do gp_differs "${found#*"$tab"}: see docs/how-to/serve-https.md"; done <"$work/others"
      ;;
  esac
  gp_file "$available" 644 root <"$work/site"
  gp_link "$enabled" "$available"
  if gp_changed; then
    systemctl reload-or-restart nginx
  fi
}

# logs_are_closed: nginx would make logs that everybody can read: other sites' accounts would see who visits this one
logs_are_closed() {
  local log
  for log in access error; do
    log=$nginx_logs/$name.$log.log
    if [ ! -e "$log" ]; then install -m 640 -o www-data -g adm /dev/null "$log"; fi
    chmod o-rwx "$log"
  done
}

# written_by_certbot: warn of HTTPS that somebody has put into the file, because the next up would remove it
written_by_certbot() {
  local certificate
  certificate=$(sed -n 's/^[[:space:]]*ssl_certificate[[:space:]]*\([^;]*\);.*/\1/p' "$available" 2>/dev/null | head -n 1)
  if [ -n "$certificate" ] && ! grep -qF "$certificate" "$work/site"; then
    gp_differs "$available: serves HTTPS with $certificate, which up would remove: put its lines into sites.$name.nginx.extra to keep them"
  fi
}

# try_site: test the new file in the place of the old one, in a copy of the whole configuration
try_site() {
  gp_nginx_copy
  cp "$work/site" "$work/nginx/sites-available/greenpush-$name"
  ln -sfn "$work/nginx/sites-available/greenpush-$name" "$work/nginx/sites-enabled/greenpush-$name"
  (gp_nginx_takes -c "$work/nginx/nginx.conf") 2>"$work/refused" || {
    names_the_setting >&2
    exit 1
  }
}

# names_the_setting: why nginx refuses the file, with the setting that the line comes from: the one before it in the file
names_the_setting() {
  local line
  line=$(sed -n "s|.*/greenpush-$name:\([0-9][0-9]*\).*|\1|p" "$work/refused" | head -n 1)
  awk -v line="${line:-0}" -v site="$name" -v general="  Fix that, in the stack file if it comes from there," '
    FILENAME == ARGV[1] {
      if (FNR <= line && $0 ~ /^ *# nginx\.[a-zA-Z]+.* of the stack file:$/) setting = $0
      next
    }
    FNR == 1 { gsub(/^ *# | of the stack file:$/, "", setting) }
    setting && index($0, general) == 1 { $0 = "  Fix sites." site "." setting " in the stack file," substr($0, length(general) + 1) }
    { print }
  ' "$work/site" "$work/refused"
}

# by_others: what else on this server has a name of the site, in lines: takes, ignored or stands, a tab, a sentence.
# Of two server blocks with a name, nginx takes the one that it reads first.
by_others() {
  local file
  set -- "$work/site"
  for file in "$nginx_folder/nginx.conf" "$nginx_folder"/conf.d/*.conf "$nginx_folder"/sites-enabled/*; do
    case ${file##*/} in greenpush-* | '*'*) continue ;; esac
    if [ -f "$file" ]; then set -- "$@" "$file"; fi
  done
  for file in "$letsencrypt"/renewal/*.conf; do
    # Those of greenpush- are what `tls` of a site has.
    case ${file##*/} in greenpush-* | '*'*) continue ;; esac
    set -- "$@" "$file"
  done
  awk -v own="$work/site" -v enabled="$enabled" -v renewal="$letsencrypt/renewal/" -v live="$letsencrypt/live/" -v upstream="greenpush-$name" '
    function said(name, port) {
      if (name ~ /^\./) {
        said(substr(name, 2), port)
        name = "*" name
      }
      if (FILENAME == own) {
        known[name] = 1
        ours[name, port] = 1
      } else if (name in known) {
        if (!((name, port) in ours)) hold("stands", name, ", on port " port)
        else if (FILENAME < enabled || FILENAME !~ /sites-enabled/) hold("takes", name, ", and nginx takes that one")
        else hold("ignored", name, ", which nginx ignores there")
      }
    }
    function hold(kind, name, how) {
      if (seen[FILENAME, name]++) return
      count++
      file[count] = FILENAME
      held[count] = kind "\t" FILENAME ": has " name " too" how
      is[count] = kind
    }
    FNR == 1 {
      depth = words = inside = 0
      lineage = FILENAME
      if (index(FILENAME, renewal) == 1) {
        sub(/.*\//, "", lineage)
        sub(/\.conf$/, "", lineage)
        bare = lineage
        sub(/-[0-9][0-9][0-9][0-9]$/, "", bare)
        if (bare in known) certbot(bare)
      }
    }
    FILENAME == own && index($0, live) {
      used = $0
      sub(".*" live, "", used)
      sub(/\/.*/, "", used)
      uses[used] = 1
    }
    FILENAME != own && index($0, upstream) { passes[FILENAME] = 1 }
    index(FILENAME, renewal) == 1 {
      if ($2 == "=" && $1 in known) certbot($1)
      next
    }
    function certbot(name) {
      if (lineage in uses || asked[lineage]++) return
      count++
      held[count] = "stands\t" FILENAME ": certbot renews a certificate for " name ", which nginx does not use for this site"
    }
    {
      if (match($0, /(^|[ \t;{}])#/)) $0 = substr($0, 1, RSTART + RLENGTH - 2)
      gsub(/[;{}]/, " & ")
      gsub(/"/, "")
      for (at = 1; at <= NF; at++) {
        if ($at == "{") {
          depth++
          if (words == 1 && word[1] == "server") {
            inside = depth
            names = ports = ""
          }
          words = 0
        } else if ($at == "}") {
          if (inside && depth == inside) {
            inside = 0
            ended(names, ports == "" ? " 80" : ports)
          }
          depth--
          words = 0
        } else if ($at == ";") {
          if (inside && depth == inside && word[1] == "server_name") for (i = 2; i <= words; i++) names = names " " tolower(word[i])
          if (inside && depth == inside && word[1] == "listen" && word[2] !~ /^unix:/) ports = ports " " port(word[2])
          words = 0
        } else word[++words] = $at
      }
    }
    function port(address) {
      sub(/.*:/, "", address)
      return address ~ /^[0-9]+$/ ? address : 80
    }
    function ended(names, ports, i, j, n, m, name, number) {
      n = split(names, name, " ")
      m = split(ports, number, " ")
      for (i = 1; i <= n; i++) if (name[i] !~ /^~/) for (j = 1; j <= m; j++) said(name[i], number[j])
    }
    END { for (i = 1; i <= count; i++) if (!(is[i] == "stands" && file[i] in passes)) print held[i] }
  ' "$@"
}

# names_are_ours: fail if nginx would take a name of the site from another file, of which it only warns
names_are_ours() {
  local found
  found=$(sed -n "s/^takes$tab//p" "$work/others" | head -n 1)
  [ -z "$found" ] || gp_fail "$found" \
    "Take the name out of that file, or its link out of sites-enabled, then run up again: docs/how-to/serve-https.md has the way over. nginx goes on as it was."
  sed -n "s/^ignored$tab//p" "$work/others" >"$work/ignored"
  if ! gp_applied "link$tab$enabled"; then while read -r found; do gp_note "$found"; done <"$work/ignored"; fi
}

before_remove() { gp_lock_nginx; }

after_remove() {
  if systemctl is-active --quiet nginx; then systemctl reload nginx || :; fi
}
