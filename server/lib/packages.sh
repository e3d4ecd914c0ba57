# Packages of apt as they have to be, and their undoing.
# shellcheck shell=sh disable=SC2034,SC2154 # values and state are shared with the files this is composed with

installed() { dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^.i //p' | sort; }

# apt ARGUMENTS: waits for another apt to end, asks nothing, goes on where another was cut off
apt() {
  # A server that was switched on for the first time is still being set up by the one who rents it out.
  if command -v cloud-init >/dev/null; then timeout 300 cloud-init status --wait >/dev/null 2>&1 || :; fi
  apt_get "$@" && return 0
  case $(cat "$work/apt") in
    *"dpkg was interrupted"*)
      note "finishes an installation that was cut off"
      dpkg --configure -a --force-confdef --force-confold >>"$work/apt" 2>&1 || :
      apt_get "$@" && return 0
      ;;
  esac
  tail -n 15 "$work/apt" >&2
  case $(cat "$work/apt") in
    *"Could not get lock"*) fail "another apt ran for more than 5 minutes" "Let it end, or end it, then run up again." ;;
    *"No space left"* | *"enough free space"*) fail "the disk is full" "Make room on $server, then run up again." ;;
  esac
  fail "apt-get $1 failed, see above" "Mend the server's package sources, then run up again."
}

# apt_get ARGUMENTS: needrestart asks nothing, and restarts nothing of others
apt_get() {
  waited=0
  # What DPkg::Lock::Timeout does for installations, apt-get does not for its lists.
  until run_apt_get "$@"; do
    if [ "$waited" -ge 300 ] || ! grep -q 'Could not get lock /var/lib/apt/lists' "$work/apt"; then return 1; fi
    [ "$waited" -gt 0 ] || note "waits for another apt"
    sleep 3
    waited=$((waited + 3))
  done
}

run_apt_get() {
  NEEDRESTART_SUSPEND=1 apt-get -y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" >"$work/apt" 2>&1
}

# One component at a time: what is new after an installation is what that one brought in.
packages_lock() {
  exec 8>/run/lock/greenpush-packages
  flock -w 900 8 || fail "another step installed packages for 15 minutes" "Let it end, then run up again."
}

# packages NAME...
packages() {
  if [ "$verb" = apply ]; then packages_lock; fi
  installed >"$work/before"
  missing=
  for package in "$@"; do
    grep -qx "$package" "$work/before" || missing="$missing $package"
  done
  case $verb in
    apply)
      if [ -n "$missing" ]; then
        note "installs$missing"
        # What apt brings in besides is ours to take away too. It is known only now, so the list before is kept
        # until the list after is: an apply that was cut off finds it.
        [ -f "$record/before" ] || cp "$work/before" "$record/before"
        apt update
        # shellcheck disable=SC2086 # a list of names
        apt install --no-install-recommends $missing
      fi
      if [ -f "$record/before" ]; then
        installed | comm -13 "$record/before" - | while read -r package; do own "package$tab$package" yes; done
      fi
      if [ -f "$record/made" ]; then grep "^package$tab" "$record/made" >>"$record/made.new" || :; fi
      ;;
    probe) for package in $missing; do differs "the package $package is not installed"; done ;;
  esac
}

# left_by_package KIND PATH: what a package makes that is installed below, and its purge leaves
left_by_package() {
  [ "$verb" = apply ] || return 0
  if [ -e "$2" ]; then own "$1$tab$2" no; else own "$1$tab$2" yes; fi
}

# undo_packages: those that were new, less what something else has come to need. That goes over to the component that
# names it, otherwise to the one that goes last.
undo_packages() {
  [ -s "$work/packages" ] || return 0
  packages_lock
  installed >"$work/now"
  sort -u "$work/packages" | comm -12 - "$work/now" >"$work/made-here"
  wanted_elsewhere | comm -13 - "$work/made-here" >"$work/ours"
  # shellcheck disable=SC2046 # a list of names
  gone_with purge $(cat "$work/ours") | comm -13 "$work/ours" - >"$work/foreign"
  if [ -s "$work/foreign" ]; then
    : >"$work/alone"
    # shellcheck disable=SC2013 # a list of names
    for package in $(cat "$work/ours"); do
      gone_with purge "$package" | comm -13 "$work/ours" - >"$work/others"
      [ -s "$work/others" ] || echo "$package" >>"$work/alone"
    done
    note "keeps packages that others need by now: $(comm -23 "$work/ours" "$work/alone" | tr '\n' ' ')"
    mv "$work/alone" "$work/ours"
  fi
  if [ -s "$work/ours" ]; then take_packages; fi
  comm -23 "$work/made-here" "$work/ours" >"$work/left"
  if [ -s "$work/left" ]; then leave_packages "$(heir)"; fi
}

# wanted_by PROGRAM: the packages that it names
wanted_by() {
  sed -n "s/^packages_wanted='\{0,1\}\([^']*\)'\{0,1\}$/\1/p" "$1" | tr ' ' '\n' | sort
}

# others: programs of the other components on this server
others() {
  for other in "$root"/*/script; do
    if [ -f "$other" ] && [ "${other%/*}" != "$record" ]; then echo "$other"; fi
  done
}

wanted_elsewhere() { others | while read -r other; do wanted_by "$other"; done | sort -u; }

# heir: the record of a component that names something of what is left
heir() {
  others | while read -r other; do
    if wanted_by "$other" | comm -12 - "$work/left" | grep -q .; then echo "${other%/*}"; fi
  done >"$work/heirs"
  echo "$root/server-packages.$server" >>"$work/heirs"
  head -n 1 "$work/heirs"
}

# leave_packages RECORD: its component takes them away
leave_packages() {
  if [ ! -f "$1/made" ] || [ "$1" = "$record" ]; then return 0; fi
  good=no
  if (cd "$1" && sha256sum --status --strict -c sum 2>/dev/null); then good=yes; fi
  sed "s/^/package$tab/" "$work/left" >>"$1/made"
  # A record that was changed by hand stays one.
  [ "$good" = no ] || seal "$1"
}

# gone_with VERB NAME...: what apt would take away
gone_with() {
  verb_of_apt=$1
  shift
  [ "$#" = 0 ] || apt-get -s -q "$verb_of_apt" "$@" 2>/dev/null | sed -n 's/^\(Purg\|Remv\) \([^ ]*\).*/\2/p' | sed 's/:.*//' | sort -u
}

# take_packages: those in $work/ours are purged, settings and all; but a purge that would take data with it is a removal, and the
# data stays.
take_packages() {
  data_of_packages >"$work/data"
  : >"$work/removed"
  if [ -s "$work/data" ]; then
    cut -f 1 "$work/data" | sort -u >"$work/concerned"
    # What needs one of them goes along, and is purged no more than that one.
    # shellcheck disable=SC2046 # a list of names
    gone_with remove $(cat "$work/concerned") | sort -u - "$work/concerned" | comm -12 - "$work/ours" >"$work/removed"
    cut -f 2 "$work/data" | sort -u | while read -r folder; do
      note "keeps the data in $folder on $server ($(du -sh "$folder/" | cut -f 1))"
    done
    note "removes and does not purge, for that would take this data: $(paste -s -d ' ' "$work/removed")"
    # shellcheck disable=SC2046
    apt remove $(cat "$work/removed")
  fi
  comm -23 "$work/ours" "$work/removed" >"$work/purged"
  # shellcheck disable=SC2046
  [ ! -s "$work/purged" ] || apt purge $(cat "$work/purged")
}

info=/var/lib/dpkg/info

# data_of_packages: a line for each package in $work/ours whose purge could take data: PACKAGE<tab>FOLDER. Data is what lies in a
# folder of /var/lib, /var/spool or /srv and came with no package. A package has to do with a folder that it brought, that
# what it runs when it goes names, or that has its name or the first part of that; not where a package that stays has
# brought it. What Greenpush installs for itself (nginx, fail2ban) keeps only passing things there.
data_of_packages() {
  # shellcheck disable=SC2086 # a list of names
  printf '%s\n' $packages_wanted >"$work/own"
  # shellcheck disable=SC2086
  printf '%s\n' ${packages_named:-} >"$work/named"
  cat "$info"/*.list >"$work/brought"
  for folder in /var/lib/* /var/spool/* /srv/*; do
    if [ ! -d "$folder" ] || is_greenpushs "${folder##*/}"; then continue; fi
    grep -lxF -e "$folder" "$info"/*.list | packages_of >"$work/holders"
    if comm -23 "$work/holders" "$work/ours" | grep -q .; then continue; fi
    {
      cat "$work/holders"
      grep -lF -e "$folder" "$info"/*.prerm "$info"/*.postrm | packages_of
      awk -v name="${folder##*/}" '$0 == name || index($0, name "-") == 1' "$work/ours"
    } | sort -u | comm -12 - "$work/ours" >"$work/concerned"
    if [ -s "$work/concerned" ] && has_data "$folder"; then sed "s|\$|$tab$folder|" "$work/concerned"; fi
  done
}

# is_greenpushs NAME: of a package that Greenpush needs, and the stack file does not name
is_greenpushs() { grep -qxF -e "$1" "$work/own" && ! grep -qxF -e "$1" "$work/named"; }

# has_data FOLDER: a file that no package brought; an empty one is a mark that some package's script left
has_data() {
  find "$1/" -type f -size +0 2>/dev/null | awk 'NR == FNR { brought[$0]; next } !($0 in brought) { print; exit }' "$work/brought" - | grep -q .
}

# packages_of <FILES of dpkg's, each one package's
packages_of() { sed 's|.*/||; s/\.[a-z]*$//; s/:.*//' | sort -u; }
