# What all sites of a server share: the deploy engine, the scripts of their components with their library, home.py, and
# certificates.py.
# Values: sum, the SHA-256 of what engine-files has brought; file_engine, file_home, file_certificates.

brought=$root/engine-files.$name/contents

describe() {
  local folder
  gp_directory "$engine_folder" 755 root
  gp_tree "$engine_folder"
  for folder in engine resources in_home edge; do gp_directory "$engine_folder/$folder" 755 root; done
  if gp_has_sum "$brought" "$sum"; then
    gp_files "$engine_folder" 644 root <"$brought"
  elif [ "$verb" = apply ]; then
    gp_fail "$brought is not what this step is to install" "Another up may be at work. Run up again, which brings it anew."
  else
    # So that one up brings it and then repairs what it can't compare now.
    gp_differs "$engine_folder: can't be compared, for $brought was changed"
  fi
  file_engine | gp_file "$engine_folder/deploy" 755 root
  file_home | gp_file "$engine_folder/home.py" 755 root
  file_certificates | gp_file "$engine_folder/certificates.py" 755 root
  gp_directory "$configurations" 755 root
  # The accounts that run the engine can't write here, so they would compile it at each start. home.py writes no bytecode.
  case $verb in
    apply) if gp_changed || is_uncompiled; then compile; fi ;;
    probe) if is_uncompiled; then gp_differs "$engine_folder: is not compiled for this server's Python"; fi ;;
  esac
}

# The Python of the engine and of home.py: see their first lines.
python=/usr/bin/python3

# is_uncompiled: whether a module lacks the bytecode of this Python, as all do after an upgrade of the distribution
is_uncompiled() {
  local tag module file
  tag=$("$python" -ISc 'import sys; print(sys.implementation.cache_tag)') || return 1
  find "$engine_folder/engine" "$engine_folder/in_home" -name '*.py' 2>/dev/null | while read -r module; do
    file=${module##*/}
    [ -e "${module%/*}/__pycache__/${file%.py}.$tag.pyc" ] || echo "$module"
  done | grep . >/dev/null
}

compile() {
  gp_note "compiles the engine"
  "$python" -m compileall -q "$engine_folder/engine" "$engine_folder/in_home"
}
