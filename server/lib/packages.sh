# apt packages, and their removal.

gp_installed() { dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^.i //p' | sort; }

# gp_apt ARGUMENTS: wait for another apt to end, ask nothing, finish what an interrupted one began
gp_apt() {
  # On a server's first start, the provider's cloud-init may still set it up.
  if command -v cloud-init >/dev/null; then timeout 300 cloud-init status --wait >/dev/null 2>&1 || :; fi
  gp_apt_get "$@" && return 0
  case $(cat "$work/apt") in
    *"dpkg was interrupted"*)
      gp_note "finishes an installation that was cut off"
      dpkg --configure -a --force-confdef --force-confold >>"$work/apt" 2>&1 || :
      gp_apt_get "$@" && return 0
      ;;
  esac
  tail -n 15 "$work/apt" >&2
  case $(cat "$work/apt") in
    *"Could not get lock"*) gp_fail "another apt ran for more than 5 minutes" "Let it end, or end it, then run up again." ;;
    *"No space left"* | *"enough free space"*) gp_fail "the disk is full" "Make room on $server, then run up again." ;;
  esac
  gp_fail "apt-get $1 failed, see above" "Fix the server's package sources, then run up again."
}

# gp_apt_get ARGUMENTS: wait for the lock of apt's lists too
gp_apt_get() {
  local waited
  waited=0
  # DPkg::Lock::Timeout holds for installations only.
  until gp_run_apt_get "$@"; do
    if [ "$waited" -ge 300 ] || ! grep -q 'Could not get lock /var/lib/apt/lists' "$work/apt"; then return 1; fi
    [ "$waited" -gt 0 ] || gp_note "waits for another apt"
    sleep 3
    waited=$((waited + 3))
  done
}

# gp_run_apt_get ARGUMENTS: without needrestart, which would ask, and restart services of others
gp_run_apt_get() {
  NEEDRESTART_SUSPEND=1 apt-get -y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" >"$work/apt" 2>&1
}

# gp_lock_packages: one component at a time, so that all new packages are its own
gp_lock_packages() {
  exec 8>"$locks/packages"
  flock -w 900 8 || gp_fail "another step installed packages for 15 minutes" "Let it end, then run up again."
}

# gp_packages NAME...
gp_packages() {
  local missing package
  if [ "$verb" = apply ]; then gp_lock_packages; fi
  gp_installed >"$work/before"
  missing=
  for package in "$@"; do
    grep -qx "$package" "$work/before" || missing="$missing $package"
  done
  case $verb in
    apply)
      if [ -n "$missing" ]; then
        gp_note "installs$missing"
        # Dependencies that apt installs are ours to remove too. The difference to the list before shows them, so that
        # list is kept until they are noted, also for the apply after an interruption.
        [ -f "$record/before" ] || cp "$work/before" "$record/before"
        gp_apt update
        # shellcheck disable=SC2086 # a list of names
        gp_apt install --no-install-recommends $missing
      fi
      if [ -f "$record/made" ]; then grep "^package$tab" "$record/made" >>"$record/made.new" || :; fi
      if [ -f "$record/before" ]; then gp_installed | comm -13 "$record/before" - | gp_own_packages; fi
      ;;
    probe) for package in $missing; do gp_differs "the package $package is not installed"; done ;;
  esac
}

# gp_own_packages <NAMES
gp_own_packages() {
  local package
  while read -r package; do gp_own "package$tab$package" yes; done
}

# gp_left_by_package KIND PATH: what a package is about to make, and its purge would leave
gp_left_by_package() {
  [ "$verb" = apply ] || return 0
  if [ -e "$2" ]; then gp_own "$1$tab$2" no; else gp_own "$1$tab$2" yes; fi
}

# gp_undo_packages: remove the packages that were new, except those that something else needs by now. They pass to the
# component that names them, or else to the one that is removed last.
gp_undo_packages() {
  local package
  [ -s "$work/packages" ] || return 0
  gp_lock_packages
  gp_installed >"$work/now"
  sort -u "$work/packages" | comm -12 - "$work/now" >"$work/made-here"
  gp_wanted_elsewhere | comm -13 - "$work/made-here" >"$work/ours"
  # shellcheck disable=SC2046 # a list of names
  gp_gone_with purge $(cat "$work/ours") | comm -13 "$work/ours" - >"$work/foreign"
  if [ -s "$work/foreign" ]; then
    : >"$work/alone"
    # shellcheck disable=SC2013 # a list of names
    for package in $(cat "$work/ours"); do
      gp_gone_with purge "$package" | comm -13 "$work/ours" - >"$work/others"
      [ -s "$work/others" ] || echo "$package" >>"$work/alone"
    done
    gp_note "keeps packages that others need by now: $(comm -23 "$work/ours" "$work/alone" | tr '\n' ' ')"
    mv "$work/alone" "$work/ours"
  fi
  if [ -s "$work/ours" ]; then gp_take_packages; fi
  comm -23 "$work/made-here" "$work/ours" >"$work/left"
  if [ -s "$work/left" ]; then gp_leave_packages "$(gp_heir)"; fi
}

# gp_wanted_by PROGRAM: the packages that it names
gp_wanted_by() {
  sed -n "s/^packages_wanted='\{0,1\}\([^']*\)'\{0,1\}$/\1/p" "$1" | tr ' ' '\n' | sort
}

# gp_others: programs of the other components on this server
gp_others() {
  local other
  for other in "$root"/*/script; do
    if [ -f "$other" ] && [ "${other%/*}" != "$record" ]; then echo "$other"; fi
  done
}

gp_wanted_elsewhere() {
  local other
  gp_others | while read -r other; do gp_wanted_by "$other"; done | sort -u
}

# gp_heir: the record of a component that names one of the packages that stay
gp_heir() {
  local other
  gp_others | while read -r other; do
    if gp_wanted_by "$other" | comm -12 - "$work/left" | grep -q .; then echo "${other%/*}"; fi
  done >"$work/heirs"
  echo "$root/server-packages.$server" >>"$work/heirs"
  head -n 1 "$work/heirs"
}

# gp_leave_packages RECORD: pass the packages that stay to this record's component
gp_leave_packages() {
  local good
  if [ ! -f "$1/made" ] || [ "$1" = "$record" ]; then return 0; fi
  good=no
  if (cd "$1" && sha256sum --status --strict -c sum 2>/dev/null); then good=yes; fi
  sed "s/^/package$tab/" "$work/left" >>"$1/made"
  # A record that was changed by hand still counts as changed.
  [ "$good" = no ] || gp_seal "$1"
}

# gp_gone_with ACTION NAME...: the packages that apt would remove
gp_gone_with() {
  local action
  action=$1
  shift
  [ "$#" = 0 ] || apt-get -s -q "$action" "$@" 2>/dev/null | sed -n 's/^\(Purg\|Remv\) \([^ ]*\).*/\2/p' | sed 's/:.*//' | sort -u
}

# gp_take_packages: purge the packages in $work/ours, but only remove those whose purge would delete data
gp_take_packages() {
  local folder
  gp_data_of_packages >"$work/data"
  : >"$work/removed"
  if [ -s "$work/data" ]; then
    cut -f 1 "$work/data" | sort -u >"$work/concerned"
    # apt removes what depends on one of them too. That is not purged either.
    # shellcheck disable=SC2046 # a list of names
    gp_gone_with remove $(cat "$work/concerned") | sort -u - "$work/concerned" | comm -12 - "$work/ours" >"$work/removed"
    cut -f 2 "$work/data" | sort -u | while read -r folder; do
      gp_note "keeps the data in $folder on $server ($(du -sh "$folder/" | cut -f 1))"
    done
    gp_note "removes and does not purge, because that would delete this data: $(paste -s -d ' ' "$work/removed")"
    # shellcheck disable=SC2046
    gp_apt remove $(cat "$work/removed")
  fi
  comm -23 "$work/ours" "$work/removed" >"$work/purged"
  # shellcheck disable=SC2046
  [ ! -s "$work/purged" ] || gp_apt purge $(cat "$work/purged")
}

# gp_data_of_packages: a line PACKAGE<tab>FOLDER for each package in $work/ours whose purge could delete data. Data is a file
# in a folder of /var/lib, /var/spool or /srv that no package brought. The folder is a package's if the package brought it,
# if the package's removal scripts name it, or if its name is the package's name or the first part of that. A folder that a
# package which stays has brought does not count. Nor do those of Greenpush's own packages (nginx, fail2ban), which keep
# nothing lasting there.
gp_data_of_packages() {
  local folder
  # shellcheck disable=SC2086 # a list of names
  printf '%s\n' $packages_wanted >"$work/own"
  # shellcheck disable=SC2086
  printf '%s\n' ${packages_named:-} >"$work/named"
  cat "$dpkg_info"/*.list >"$work/brought"
  for folder in $folders_of_data; do
    if [ ! -d "$folder" ] || gp_is_greenpushs "${folder##*/}"; then continue; fi
    grep -lxF -e "$folder" "$dpkg_info"/*.list | gp_packages_of >"$work/holders"
    if comm -23 "$work/holders" "$work/ours" | grep -q .; then continue; fi
    {
      cat "$work/holders"
      grep -lF -e "$folder" "$dpkg_info"/*.prerm "$dpkg_info"/*.postrm | gp_packages_of
      awk -v name="${folder##*/}" '$0 == name || index($0, name "-") == 1' "$work/ours"
    } | sort -u | comm -12 - "$work/ours" >"$work/concerned"
    if [ -s "$work/concerned" ] && gp_has_data "$folder"; then sed "s|\$|$tab$folder|" "$work/concerned"; fi
  done
}

# gp_is_greenpushs NAME: whether Greenpush needs this package, and the stack file does not name it
gp_is_greenpushs() { grep -qxF -e "$1" "$work/own" && ! grep -qxF -e "$1" "$work/named"; }

# gp_has_data FOLDER: whether it has a file that no package brought; an empty file is only a mark of a package's script
gp_has_data() {
  find "$1/" -type f -size +0 2>/dev/null | awk 'NR == FNR { brought[$0]; next } !($0 in brought) { print; exit }' "$work/brought" - | grep -q .
}

# gp_packages_of <FILES: the packages that these files of dpkg belong to
gp_packages_of() { sed 's|.*/||; s/\.[a-z]*$//; s/:.*//' | sort -u; }
