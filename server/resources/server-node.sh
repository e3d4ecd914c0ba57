# Versions of Node, each with npm, for the commands of sites: root's own, shared by sites, read by all.
# They lie in the folder of server-tools, which comes before and goes after.
# Values: node_wanted, versions as `22` or `22.11`, in one string; file_installer.

nodes=/opt/greenpush/node

describe() {
  gp_directory "$nodes" 755 root
  gp_tree "$nodes"
  for version in $node_wanted; do
    case $verb in
      apply) provide "$version" ;;
      probe) is_there "$version" || gp_differs "Node $version is not installed, or can't be used" ;;
    esac
  done
  case $verb in
    apply) remove_others ;;
    probe)
      open=$(open_in "$nodes")
      [ -z "$open" ] || gp_differs "$open: others than root can write it"
      ;;
  esac
}

# newest_of VERSION: the folder of the newest one that is of this version
newest_of() {
  find "$nodes" -mindepth 1 -maxdepth 1 -type d \( -name "$1" -o -name "$1.*" \) 2>/dev/null | sort -V | tail -n 1
}

# open_in FOLDER: something of it that others than root can write
open_in() { find "$1" \( ! -user root -o -perm /022 ! -type l \) 2>/dev/null | head -n 1; }

# is_there VERSION: one of this version runs, of ours or of a package. Not run is one that others than root can write.
is_there() {
  local folder
  folder=$(newest_of "$1")
  if [ -n "$folder" ]; then
    [ -z "$(open_in "$folder")" ] && [ "$("$folder/bin/node" --version 2>/dev/null)" = "v${folder##*/}" ] && [ -f "$folder/bin/npm" ]
  else
    is_package "$1"
  fi
}

# is_package VERSION: the distribution's fits
is_package() {
  command -v node >/dev/null && command -v npm >/dev/null || return 1
  case $(node --version 2>/dev/null). in
    "v$1".*) ;;
    *) return 1 ;;
  esac
}

# provide VERSION: the newest of this version, where it can be had
provide() {
  local said folder
  folder=$(newest_of "$1")
  if [ -z "$folder" ] && is_package "$1"; then return 0; fi
  if [ -n "$folder" ] && ! is_there "$1"; then rm -rf "$folder"; fi
  file_installer >"$work/install-node.py"
  if said=$(/usr/bin/python3 -I -B "$work/install-node.py" "$engine_folder/engine" "$nodes" "$1" 2>&1); then
    [ -z "$said" ] || gp_note "installs Node $said"
  elif is_there "$1"; then
    gp_note "keeps Node $(basename "$(newest_of "$1")"): $(printf '%s\n' "$said" | tail -n 1)"
  else
    gp_fail "Node $1 can't be installed: $(printf '%s\n' "$said" | tail -n 1)" \
      "Set \`registry=\` in /etc/npmrc on $server if the package registry is reached at another address, then run up again."
  fi
}

# remove_others: what no site wants any more, and what a newer one of the same version has replaced
remove_others() {
  local folder wanted version
  for folder in "$nodes"/* "$nodes"/.new-*; do
    [ -d "$folder" ] || continue
    wanted=no
    for version in $node_wanted; do
      if [ "$folder" = "$(newest_of "$version")" ]; then wanted=yes; fi
    done
    [ "$wanted" = yes ] || rm -rf "$folder"
  done
}
